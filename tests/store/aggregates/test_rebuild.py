"""Standings that an older server computed by other rules are rebuilt after the start."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from clientela_server.domain.customers import Customer, Preferences
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft
from clientela_server.domain.standing.kinds import Kind
from clientela_server.domain.standing.policy import Policy
from clientela_server.nouns import NOUNS
from clientela_server.rpc.codec.standing import stored_policy, to_policy
from clientela_server.store.aggregates.due_customers import has_due
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.schema import facts
from clientela_server.store.database.statements import Statement
from clientela_server.store.integrity.verify_stages import stages_as_told
from tests.store.bare_ledger import NOW_US, Ledger

pytestmark = pytest.mark.sqlite
_KINDS = Statement(sa.select(facts.c.customer_id, facts.c.kinds).order_by(facts.c.customer_id))
CLIENT = 1 << Kind.CLIENT


def clients(ledger: Ledger) -> list[str]:
    """Who is kept as a client."""
    return [who for who, kinds in ledger.connection.run(_KINDS) if kinds & CLIENT]


def as_an_older_server_left_it(ledger: Ledger) -> None:
    """Keep a prospect who stated preferences, and a buyer who did; by the older rules both were clients."""
    told = Customer("", display_name="x", preferences=Preferences(language_code="pl"))
    ledger.commit([ledger.customers.create(replace(told), who) for who in ("buyer", "prospect")])
    bought = Draft((), Money("EUR", 10**9), NOW_US, purpose=0, sales_path=0, source=0, note=None)
    ledger.commit([ledger.purchases.record("buyer", bought, None)])
    assert clients(ledger) == ["buyer"]
    ledger.connection.script(f"UPDATE facts SET kinds = kinds | {CLIENT}")
    ledger.connection.script("DELETE FROM meta WHERE key = 'rules of standing'")


def faults(ledger: Ledger) -> list[str]:
    ledger.connection.begin(write=False)
    try:
        return stages_as_told(ledger.connection, NOUNS, NOW_US)[1]
    finally:
        ledger.connection.rollback()


def test_standings_by_older_rules_are_found_anew_after_the_start(ledger: Ledger) -> None:
    as_an_older_server_left_it(ledger)
    assert faults(ledger) == []  # it waits to be looked at, which is no damage
    assert not has_due(ledger.connection, NOW_US)

    assert make_missing(ledger.connection, NOUNS, NOW_US) == 0

    assert has_due(ledger.connection, NOW_US)
    while has_due(ledger.connection, NOW_US):
        ledger.within(ledger.due_stages.run_batch)
    assert clients(ledger) == ["buyer"]
    assert (faults(ledger), ledger.faults()) == ([], [])
    make_missing(ledger.connection, NOUNS, NOW_US)
    assert not has_due(ledger.connection, NOW_US)


def test_a_kind_that_does_not_follow_is_found_once_all_were_looked_at(ledger: Ledger) -> None:
    as_an_older_server_left_it(ledger)
    make_missing(ledger.connection, NOUNS, NOW_US)
    while has_due(ledger.connection, NOW_US):
        ledger.within(ledger.due_stages.run_batch)
    ledger.connection.script(f"UPDATE facts SET kinds = kinds | {CLIENT}")
    assert len(faults(ledger)) == 1


def test_thresholds_that_an_older_server_did_not_know_are_the_defaults() -> None:
    older = to_policy(replace(Policy(), new_days=60))
    older.ClearField("seasonal_purchase_days")
    older.ClearField("seasonal_chance_percent")
    assert stored_policy(older.SerializeToString()) == to_policy(replace(Policy(), new_days=60))
