"""What people type for money is read where it has one meaning, and else refused with what to type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.words.amount_words import suggested_amount
from tests.cli.running import Cli, new_id


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("19.90 eur", "19.90 EUR"),
        ("19.90 Eur", "19.90 EUR"),
        ("EUR 19.90", "19.90 EUR"),
        ("usd 5", "5.00 USD"),
        ("eur --line quantity=2,unit_price=9.95", "19.90 EUR"),
    ],
)
def test_a_currency_is_read_in_small_letters_and_before_the_amount(cli: Cli, words: str, amount: str) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    recorded = cli.done("purchases", "record", anna, *words.split(), "-o", "table")
    assert f"Amount         {amount}\n" in recorded.stdout


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("19,90", "19.90"),
        ("5,5", "5.5"),
        ("1,234", "1234 or 1.234"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("€19.90", "19.90 EUR"),
        ("19,90 €", "19.90 EUR"),
        ("19.90EUR", "19.90 EUR"),
        ("$5", "5 USD"),
        ("eur5", "5 EUR"),
    ],
)
def test_an_amount_that_is_none_is_refused_with_what_to_type(bare: Cli, typed: str, meant: str) -> None:
    for line in (
        ["purchases", "record", "anna", typed, "EUR"],
        ["spends", "record", "other", typed, "EUR", "--from", "2026-03-01"],
        ["purchases", "record", "anna", "EUR", "--line", f'"unit_price={typed}"'],
        ["purchases", "refund", "anna/1", "--amount", typed, "--currency", "EUR", "--reason", "torn"],
    ):
        refused = bare(*line)
        assert refused.exit_code == 2 and f'"{typed}" is not an amount: write {meant}\n' in refused.stderr


@pytest.mark.parametrize("typed", ["19.90EUR", "€19.90"])
def test_a_currency_that_sticks_to_its_amount_is_told_apart(bare: Cli, typed: str) -> None:
    refused = bare("purchases", "record", "anna", typed)
    assert refused.exit_code == 2 and "e.g. 19.90 EUR" in refused.stderr


@pytest.mark.parametrize("amount", ["-5", "-19.90", "-0.5", "-.5", "-5,50"])
def test_an_amount_below_zero_is_no_option(bare: Cli, amount: str) -> None:
    refused = bare("purchases", "record", "blue-door", amount, "EUR", "--note", "back")
    assert refused.exit_code == 2 and refused.stdout == ""
    assert f'"{amount}" is below zero, and no amount is' in refused.stderr
    assert (
        f"clientela purchases refund CUSTOMER/PURCHASE --amount {amount[1:]} --reason WHY" in refused.stderr
    )
    refused = bare("spends", "record", "other", amount, "EUR", "--from", "2026-03-01")
    assert refused.exit_code == 2 and f'"{amount}" is below zero' in refused.stderr
    assert "refund" not in refused.stderr and "spends record --help" in refused.stderr


def test_an_option_that_there_is_not_is_still_one(bare: Cli) -> None:
    refused = bare("purchases", "record", "blue-door", "5", "EUR", "--colour", "red")
    assert refused.exit_code == 2 and "--colour" in refused.stderr
    refused = bare("customers", "get", "-5")
    assert refused.exit_code == 2 and "-5" in refused.stderr


@given(st.integers(0, 999_999_999), st.integers(0, 99), st.sampled_from([",.", ".,", " ,", "'."]))
def test_thousands_and_hundredths_are_told_apart(units: int, cents: int, marks: str) -> None:
    typed = f"{units:,}".replace(",", marks[0]) + f"{marks[1]}{cents:02d}"
    is_one = typed == f"{units}.{cents:02d}"
    assert suggested_amount(typed) == ("" if is_one else f"{units}.{cents:02d}")
