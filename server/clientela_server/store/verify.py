"""Is the ledger whole? What can be told from a database itself, without a copy to compare it with.

The journal is the truth, and all other tables follow from it: so it is read from the first entry to the last,
and what the tables hold is compared with what it says. All checks see one snapshot, and may be run beside a
server. Each is shown to find a planted fault in tests/store/test_verify.py.
Read next: `verify_ledger` (purchases, refunds, totals), `verify_customers`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from clientela_server.domain.customers import Customer
from clientela_server.domain.purchases import Purchase
from clientela_server.store import verify_customers, verify_facts, verify_ledger, verify_standing
from clientela_server.store.connection import Connection
from clientela_server.store.schema import journal, meta
from clientela_server.store.sqlite import SqliteConnection
from clientela_server.store.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.transaction import ENTRY, Codec, Entry

_PAGE = 1000
_ENTRIES = Statement(
    sa.select(*ENTRY)
    .where(journal.c.revision > sa.bindparam("after"))
    .order_by(journal.c.revision)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_META = Statement(sa.select(meta.c.key, sa.func.length(meta.c.value)))


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `found` in figures, `faults` in words, none where all is well."""

    name: str
    found: str
    faults: list[str] = field(default_factory=list)


def verify(connection: Connection, codec: Codec) -> Iterator[Check]:
    """Check everything; the connection must be in a snapshot."""
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("journal", lambda: _journal(connection, codec)),
        ("purchases", lambda: Check("purchases", *verify_ledger.purchases_as_journal(connection, codec))),
        ("totals", lambda: Check("totals", *verify_ledger.totals_as_purchases(connection))),
        ("customers", lambda: Check("customers", *verify_customers.as_journal(connection, codec))),
        ("facts", lambda: Check("facts", *verify_facts.facts_as_ledger(connection, codec))),
        ("policy", lambda: Check("policy", *verify_standing.policy_as_journal(connection))),
        ("segments", lambda: Check("segments", *verify_standing.segments_as_journal(connection, codec))),
        ("spends", lambda: Check("spends", *verify_standing.spends_as_journal(connection, codec))),
        ("identity", lambda: _identity(connection)),
    ]
    if isinstance(connection, SqliteConnection):
        checks.insert(0, ("pages", lambda: _pages(connection)))
    for name, check in checks:
        try:
            yield check()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the others are looked at
            yield Check(name, "not all of it can be read", [f"{type(error).__name__}: {error}"])


def _pages(connection: SqliteConnection) -> Check:
    """Read every page that is in use, compare its checksum, and see that tables and indexes agree."""
    pages, faults = connection.check_pages()
    return Check("pages", f"{pages:,}, each with its checksum", faults)


def _journal(connection: Connection, codec: Codec) -> Check:
    faults: list[str] = []
    due = 1
    for entry in entries(connection):
        if entry.revision != due:
            faults.append(f"revision {due}: missing, up to {entry.revision - 1}")
        due = entry.revision + 1
        wrong = _fault_of(entry, codec)
        if wrong:
            faults.append(f"revision {entry.revision}, {entry.name}: {wrong}")
    return Check("journal", f"{due - 1:,} entries without a gap, each can be read", faults)


def entries(connection: Connection) -> Iterator[Entry]:
    """Read the whole journal, in order."""
    after = 0
    while True:
        rows = connection.run(_ENTRIES, {"after": after, "limit": _PAGE})
        yield from (Entry(*row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _fault_of(entry: Entry, codec: Codec) -> str | None:
    """Say what is wrong with an entry taken by itself."""
    try:
        if entry.noun in verify_standing.NOUNS:
            return verify_standing.fault_of(entry, codec)
        resource = _decoded(entry, codec)
    except Exception as error:  # noqa: BLE001 - bytes that are none of ours may fail in any way
        return f"its record can't be read, {type(error).__name__}"
    if resource is None:
        return f"its kind is unknown, {entry.noun}"
    if resource.name != entry.name:
        return f"its record is of {resource.name}"
    if resource.revision != entry.revision:
        return f"its record is of revision {resource.revision}"
    return None


def _decoded(entry: Entry, codec: Codec) -> Customer | Purchase | None:
    match entry.noun:
        case "customer":
            return codec.decode_customer(entry.record)
        case "purchase":
            return codec.decode_purchase(entry.record)
    return None


def _identity(connection: Connection) -> Check:
    lengths: dict[str, int] = dict(connection.run(_META))
    faults = [] if lengths.get("secret") == 32 else ["the key of page tokens and request digests is missing"]
    return Check("identity", "the database's own key", faults)
