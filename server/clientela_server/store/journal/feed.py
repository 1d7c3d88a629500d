"""The journal read forward, and one name's part of it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import NotFound
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import FIRMS_OWN, journal, purchases
from clientela_server.store.journal.entries import ENTRY_COLUMNS, Entry

_RECORD_AT = ENTRY_COLUMNS.index(journal.c.record)


def read_after(connection: Connection, revision: int, names: Sequence[str], limit: int) -> list[Entry]:
    """Read what follows a revision, of the names and "prefixes*" given, or of all where none are.

    That are at most `limit` entries, and hardly more than one answer holds: one entry that doesn't fit is the
    last, where there is such a one.
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
    """Read one resource's entries, oldest first, as many as `after` would."""
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
    """Tell what the journal calls the thing of a name that is no customer's."""
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
