"""`clientela economics spend` and its kin against a real server: the life of a spend, and what is refused."""

import pytest

from tests.cli.running import Cli, new_id

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


def test_the_life_of_a_spend(cli: Cli) -> None:
    known = new_id("s")
    recorded = cli.done(
        *("economics", "spend", "advertising", "500", "EUR", *MARCH, "--id", known),
        *("--campaign", "spring", "--keeping"),
    ).facts
    assert (recorded["name"], recorded["channel"]) == (f"spends/{known}", "advertising")
    assert (recorded["amount"], recorded["currency_code"]) == ("500.00", "EUR")
    assert (recorded["start_date"], recorded["end_date"]) == ("2026-03-01", "2026-03-31")
    assert (recorded["campaign"], recorded["purpose"]) == ("spring", "keeping")
    assert cli.done("economics", "get-spend", f"spends/{known}").facts == recorded
    listed = cli.done("economics", "spends", "--filter", f'name = "spends/{known}"').rows
    assert listed == [
        [known, "advertising", "spring", "2026-03-01", "2026-03-31", "500.00", "EUR", "keeping"]
    ]
    assert cli.done("economics", "get-spend", known, "-o", "json").json["channel"].endswith("_ADVERTISING")
    cli.done("economics", "delete-spend", known)
    gone = cli("economics", "get-spend", known)
    assert gone.exit_code == 3
    assert "Try: clientela economics spends" in gone.stderr
    did = [row[3].rpartition(".")[2] for row in cli.done("customers", "history", f"spends/{known}").rows]
    assert did == ["RecordSpend", "DeleteSpend"]


def test_one_day_and_winning_are_meant_where_nothing_is_said(cli: Cli) -> None:
    facts = cli.done("economics", "spend", "public_relations", "9.99", "EUR", "--from", "2026-03-01").facts
    assert (facts["start_date"], facts["end_date"], facts["purpose"]) == (
        "2026-03-01",
        "2026-03-01",
        "winning",
    )


def test_a_dry_run_records_nothing_and_a_request_id_records_once(cli: Cli) -> None:
    known, again = new_id("s"), "7a1f3d9c-52be-4c1a-9d27-0f4b8e6c3a15"
    words = ("economics", "spend", "referral", "1", "EUR", *MARCH, "--id", known)
    assert cli.done(*words, "--dry-run").facts["amount"] == "1.00"
    assert cli("economics", "get-spend", known).exit_code == 3
    first = cli.done(*words, "--request-id", again).facts
    assert cli.done(*words, "--request-id", again).facts == first
    taken = cli(*words)
    assert taken.exit_code == 5
    assert f"Try: clientela economics get-spend spends/{known}" in taken.stderr


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        ("advertising 500 EUR --from yesterday", 2, '"yesterday" is no day: 1997-01-31'),
        ("advertising 500 EUR", 2, "Missing option '--from'"),
        ("billboards 500 EUR --from 2026-03-01", 2, "is not one of"),
        ("advertising much EUR --from 2026-03-01", 2, '"much" is not an amount'),
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
    ended = cli("economics", "spend", *words.split())
    assert ended.exit_code == exit_code, ended.stderr
    assert sentence in ended.stderr
