"""What a committer is seen to do, by PostgreSQL's own account of it."""

import pytest

from clientela_lab.scale.turns import DISK, DOINGS, IDLE, RULES, STATEMENTS, WAITS, Turns, doing

TURN = "BEGIN; SELECT 1 FROM meta WHERE key = 'writer' FOR UPDATE"


@pytest.mark.parametrize(
    ("state", "wait", "query", "seen"),
    [
        ("active", "Lock", TURN, WAITS),
        ("idle in transaction", "Client", TURN, RULES),
        ("idle in transaction", "", "INSERT INTO journal", RULES),
        ("active", "", "INSERT INTO journal", STATEMENTS),
        ("active", "IO", "UPDATE facts", STATEMENTS),
        ("active", "IO", "COMMIT", DISK),
        ("active", "LWLock", "COMMIT", DISK),
    ],
)
def test_a_row_of_the_activity_says_what_is_done(state: str, wait: str, query: str, seen: str) -> None:
    assert doing(state, wait, query) == seen


def test_shares_are_of_all_committers_those_without_a_transaction_included() -> None:
    turns = Turns([], servers=2)
    turns.count([("active", "Lock", TURN), ("active", "IO", "COMMIT")])
    turns.count([("idle in transaction", "Client", TURN)])

    assert turns.shares() == {WAITS: 0.25, DISK: 0.25, RULES: 0.25, IDLE: 0.25, STATEMENTS: 0.0}


def test_who_never_looked_has_seen_nothing() -> None:
    assert Turns([], servers=2).shares() == dict.fromkeys(DOINGS, 0.0)
