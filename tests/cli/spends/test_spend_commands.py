"""`clientela spends` against a real server: the life of a spend, and what is refused."""

import pytest

from tests.cli.running import Cli, new_id

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


def test_the_life_of_a_spend(cli: Cli) -> None:
    known = new_id("s")
    recorded = cli.done(
        *("spends", "record", "advertising", "500", "EUR", *MARCH, "--id", known),
        *("--campaign", "spring", "--retention"),
    ).facts
    assert (recorded["name"], recorded["channel"]) == (f"spends/{known}", "advertising")
    assert (recorded["amount"], recorded["currency_code"]) == ("500.00", "EUR")
    assert (recorded["start_date"], recorded["end_date"]) == ("2026-03-01", "2026-03-31")
    assert (recorded["campaign"], recorded["purpose"]) == ("spring", "retention")
    assert cli.done("spends", "get", f"spends/{known}").facts == recorded
    listed = cli.done("spends", "list", "--filter", f'name = "spends/{known}"').rows
    assert listed == [
        [known, "advertising", "spring", "2026-03-01", "2026-03-31", "500.00", "EUR", "retention"]
    ]
    assert cli.done("spends", "get", known, "-o", "json").json["channel"].endswith("_ADVERTISING")
    cli.done("spends", "delete", known)
    gone = cli("spends", "get", known)
    assert gone.exit_code == 3
    assert "Try: clientela spends list" in gone.stderr
    did = [row[3].rpartition(".")[2] for row in cli.done("customers", "history", f"spends/{known}").rows]
    assert did == ["RecordSpend", "DeleteSpend"]


def test_one_day_and_acquisition_are_meant_where_nothing_is_said(cli: Cli) -> None:
    facts = cli.done("spends", "record", "public_relations", "9.99", "EUR", "--from", "2026-03-01").facts
    assert (facts["start_date"], facts["end_date"], facts["purpose"]) == (
        "2026-03-01",
        "2026-03-01",
        "acquisition",
    )


def test_a_dry_run_records_nothing_and_a_request_id_records_once(cli: Cli) -> None:
    known, again = new_id("s"), "7a1f3d9c-52be-4c1a-9d27-0f4b8e6c3a15"
    words = ("spends", "record", "referral", "1", "EUR", *MARCH, "--id", known)
    assert cli.done(*words, "--dry-run").facts["amount"] == "1.00"
    assert cli("spends", "get", known).exit_code == 3
    first = cli.done(*words, "--request-id", again).facts
    assert cli.done(*words, "--request-id", again).facts == first
    taken = cli(*words)
    assert taken.exit_code == 5
    assert f"Try: clientela spends get spends/{known}" in taken.stderr


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        ("advertising 500 EUR --from yesterday", 2, '"yesterday" is no day: write one as in 1997-01-31'),
        ("advertising 500 EUR", 2, "Missing option '--from'"),
        ("billboards 500 EUR --from 2026-03-01", 2, "is not one of"),
        ("advertising much EUR --from 2026-03-01", 2, '"much" is not an amount'),
        ("advertising much EUR --from 2026-03-01", 2, "Invalid value for 'AMOUNT'"),
        ("tv 5 EUR --from 2026-03-01", 2, "Invalid value for 'CHANNEL': 'tv' is not one of"),
        ("advertising 500 euro --from 2026-03-01", 2, '"euro" is no currency'),
        ("advertising -- -5 EUR", 2, "Missing option '--from'"),
        (
            "advertising 500 EUR --from 2026-03-02 --to 2026-03-01",
            6,
            "2026-03-01, before the start, 2026-03-02",
        ),
        ("advertising 500 EUR --from 2000-01-01 --to 2026-03-01", 6, "at most 3660"),
    ],
)
def test_what_is_wrong_is_said(cli: Cli, words: str, exit_code: int, sentence: str) -> None:
    ended = cli("spends", "record", *words.split())
    assert ended.exit_code == exit_code, ended.stderr
    assert sentence in ended.stderr


def test_the_former_names_under_economics_still_do_the_same_and_help_does_not_offer_them(cli: Cli) -> None:
    known = new_id("s")
    words = ("economics", "spend", "referral", "5", "EUR", *MARCH, "--id", known, "--keeping")
    recorded = cli.done(*words).facts
    assert recorded["purpose"] == "retention"
    assert cli.done("economics", "get-spend", known).facts == recorded
    assert cli.done("economics", "spends", "--filter", f'name = "spends/{known}"').rows[0][0] == known
    cli.done("economics", "delete-spend", known)
    assert cli("spends", "get", known).exit_code == 3
    assert "spend " not in cli.done("economics", "--help").stdout
