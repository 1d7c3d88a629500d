"""Verification of a whole ledger from the database alone, without a copy to compare with.

The journal is the truth, and all other tables follow from it: so it is read from the first entry to the
last, each of which is bound to the one before, and what the tables hold is compared with what it says. What
it does not hold is sealed. All checks see one snapshot, and may be run beside a server. That a change in any
column of any table is found is shown in tests/upkeep/test_every_column.py.
Read next: `verify_journal`, `verify_ledger` (purchases, refunds, totals), `verify_customers`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from clientela_server.clock import Clock, now_us
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.head import Head
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.integrity import (
    verify_aggregates,
    verify_customers,
    verify_identity,
    verify_ledger,
    verify_stages,
    verify_standing,
)
from clientela_server.store.integrity.verify_journal import JournalCheck
from clientela_server.store.journal.codec import Codec


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: `found` in figures, and `faults`, empty if all is well."""

    name: str
    found: str
    faults: list[str] = field(default_factory=list)


def verify(
    connection: Connection, codec: Codec, pinned: Head | None = None, clock: Clock = now_us
) -> Iterator[Check]:
    """Run all checks; the connection must be in a snapshot. `pinned`: a head that must be in the chain.

    clock: that of the server, for what a stage is judged by is the day.
    """
    whole = JournalCheck(connection, codec, pinned)
    checks: list[tuple[str, Callable[[], tuple[str, list[str]]]]] = [
        ("journal", whole.entries),
        ("head", whole.head),
        ("purchases", lambda: verify_ledger.purchases_as_journal(connection, codec)),
        ("totals", lambda: verify_ledger.totals_as_purchases(connection)),
        ("customers", lambda: verify_customers.as_journal(connection, codec)),
        ("facts", lambda: verify_aggregates.facts_as_ledger(connection, codec)),
        ("stages", lambda: verify_stages.stages_as_told(connection, codec, clock())),
        ("policy", lambda: verify_standing.policy_as_journal(connection)),
        ("segments", lambda: verify_standing.segments_as_journal(connection, codec)),
        ("members", lambda: verify_standing.members_as_told(connection, codec)),
        ("spends", lambda: verify_standing.spends_as_journal(connection, codec)),
        ("identity", lambda: verify_identity.identity_as_sealed(connection)),
    ]
    if isinstance(connection, SqliteConnection):
        checks.insert(0, ("pages", lambda: _pages(connection)))
    for name, check in checks:
        try:
            yield Check(name, *check())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the others are looked at
            yield Check(name, "not all of it can be read", [f"{type(error).__name__}: {error}"])


def _pages(connection: SqliteConnection) -> tuple[str, list[str]]:
    """Check every page's checksum, and that tables and indexes agree."""
    pages, faults = connection.check_pages()
    return f"{pages:,}, each with its checksum", faults
