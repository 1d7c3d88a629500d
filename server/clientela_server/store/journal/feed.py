"""Reads of the journal: the feed after a revision, and the history of one resource."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import NotFound
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import FIRMS_OWN, journal, purchases
from clientela_server.store.journal.entries import ENTRY_COLUMNS, Entry

_RECORD_AT = ENTRY_COLUMNS.index(journal.c.record)


def read_after(connection: Connection, revision: int, names: Sequence[str], limit: int) -> list[Entry]:
    """Return the entries after a revision, oldest first; all of them if `names` is empty.

    Args:
        names: resource names, or prefixes ending in "*".
        limit: the maximum number of entries. Fewer are read once they exceed the size of one response; the
            last entry is then the first that no longer fits.
    """
    query = sa.select(*ENTRY_COLUMNS).where(journal.c.revision > revision)
    if names:
        query = query.where(sa.or_(*(_named(name) for name in names)))
    return _read(connection, query, limit)


def _read(connection: Connection, query: sa.Select[Any], limit: int) -> list[Entry]:
    rows = connection.query_within(query.order_by(journal.c.revision).limit(limit), _RECORD_AT)
    return [Entry(*row) for row in rows]


def _named(name: str) -> sa.ColumnElement[bool]:
    if not name.endswith("*"):
        return journal.c.name == name
    prefix = name[:-1]
    # Plain text order: everything that begins with the prefix, and nothing else, lies between these two.
    return sa.and_(journal.c.name >= prefix, journal.c.name < prefix + "\U0010ffff")


def read_history(connection: Connection, name: str, after_revision: int, limit: int) -> list[Entry]:
    """Return one resource's entries, oldest first, bounded as in `read_after`; NotFound if there are none."""
    query = sa.select(*ENTRY_COLUMNS).where(_of_resource(name), journal.c.revision > after_revision)
    entries = _read(connection, query, limit)
    if not entries and not after_revision:
        raise _not_found(name)
    return entries


def _not_found(name: str) -> NotFound:
    if name.startswith("customers/"):
        return NotFound(
            f"{'PURCHASE' if '/purchases/' in name else 'CUSTOMER'}_NOT_FOUND", resource=name, name=name
        )
    noun = _noun_of(name)
    return NotFound(
        f"{'POLICY' if noun == 'policy' else 'SPEND' if noun == 'spend' else 'SEGMENT'}_NOT_FOUND",
        resource=name,
        name=name,
    )


def _noun_of(name: str) -> str:
    """Return the journal's noun for a resource name outside `customers/`."""
    return name.partition("/")[0].removesuffix("s")


def _of_resource(name: str) -> sa.ColumnElement[Any]:
    if not name.startswith("customers/"):
        return sa.and_(journal.c.name == name, journal.c.noun == _noun_of(name), FIRMS_OWN)
    _, customer_id, *purchase = name.split("/")
    if not purchase:
        return sa.and_(journal.c.name == name, sa.literal_column("noun") == sa.literal_column("'customer'"))
    found = sa.select(purchases.c.revision).where(
        purchases.c.customer_id == customer_id, purchases.c.purchase_id == purchase[1]
    )
    return journal.c.revision.in_(found)
