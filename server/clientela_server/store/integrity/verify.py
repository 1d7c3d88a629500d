"""Verification of a whole ledger from the database alone, without a copy to compare with.

The journal is the truth, and all other tables follow from it: so it is read from the first entry to the
last, each of which is bound to the one before, and what the tables hold is compared with what it says. What
it does not hold is sealed. All checks see one snapshot, and may be run beside a server. That a change in any
column of any table is found is shown in tests/upkeep/test_every_column.py.
Read next: `verify_journal`, `verify_rows` (what nouns register), `verify_ledger`, `verify_customers`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

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
from clientela_server.store.integrity.verify_rows import Found, rows_as_journal
from clientela_server.store.journal.nouns import Nouns


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: `found` in figures, and `faults`, empty if all is well."""

    name: str
    found: str
    faults: list[str] = field(default_factory=list)


Run = Callable[[], Found]
# What follows from a noun's entries beside the rows that it registers.
_DERIVED: dict[str, dict[str, Callable[[Connection, Nouns, int], Found]]] = {
    "purchase": {"totals": lambda connection, *_: verify_ledger.totals_as_purchases(connection)},
    "customer": {
        "customers": lambda connection, nouns, _: verify_customers.as_journal(connection, nouns),
        "facts": lambda connection, nouns, _: verify_aggregates.facts_as_ledger(connection, nouns),
    },
    "stage_change": {"stages": verify_stages.stages_as_told},
    "policy": {"policy": lambda connection, *_: verify_standing.policy_as_journal(connection)},
    "membership_change": {
        "members": lambda connection, nouns, _: verify_standing.members_as_told(connection, nouns)
    },
}


def verify(
    connection: Connection, nouns: Nouns, pinned: Head | None = None, clock: Clock = now_us
) -> Iterator[Check]:
    """Run all checks; the connection must be in a snapshot. `pinned`: a head that must be in the chain.

    clock: that of the server, for what a stage is judged by is the day.
    """
    whole = JournalCheck(connection, nouns, pinned)
    checks = [("journal", whole.entries), ("head", whole.head), *_of_nouns(connection, nouns, clock())]
    checks.append(("identity", lambda: verify_identity.identity_as_sealed(connection)))
    if isinstance(connection, SqliteConnection):
        checks.insert(0, ("pages", lambda: _pages(connection)))
    for name, check in checks:
        try:
            yield Check(name, *check())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the others are looked at
            yield Check(name, "not all of it can be read", [f"{type(error).__name__}: {error}"])


def _of_nouns(connection: Connection, nouns: Nouns, now_us: int) -> Iterator[tuple[str, Run]]:
    """Yield the checks of all nouns: of their own rows, and of what else follows from their entries."""
    for noun in nouns:
        if noun.rows is not None:
            yield noun.plural, partial(rows_as_journal, connection, noun)
        for name, check in _DERIVED.get(noun.name, {}).items():
            yield name, partial(check, connection, nouns, now_us)


def _pages(connection: SqliteConnection) -> Found:
    """Check every page's checksum, and that tables and indexes agree."""
    pages, faults = connection.check_pages()
    return f"{pages:,}, each with its checksum", faults
