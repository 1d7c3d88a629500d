"""Reads of the journal: the feed after a revision, and the history of one resource."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import FIRMS_OWN, journal
from clientela_server.store.database.statements import render
from clientela_server.store.journal.entries import ENTRY_COLUMNS, Entry
from clientela_server.store.journal.nouns import LocatingRows, Noun, Nouns

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
    rows = connection.query_within(
        *render(query.order_by(journal.c.revision).limit(limit), connection.dialect), _RECORD_AT
    )
    return [Entry(*row) for row in rows]


def _named(name: str) -> sa.ColumnElement[bool]:
    if not name.endswith("*"):
        return journal.c.name == name
    prefix = name[:-1]
    # Plain text order: everything that begins with the prefix, and nothing else, lies between these two.
    return sa.and_(journal.c.name >= prefix, journal.c.name < prefix + "\U0010ffff")


def read_history(
    connection: Connection, nouns: Nouns, name: str, after_revision: int, limit: int
) -> list[Entry]:
    """Return one resource's entries, oldest first, bounded as in `read_after`; NotFound if there are none."""
    noun = nouns.of_resource(name)
    query = sa.select(*ENTRY_COLUMNS).where(_of_resource(noun, name), journal.c.revision > after_revision)
    entries = _read(connection, query, limit)
    if not entries and not after_revision:
        raise noun.not_found(name)
    return entries


def _of_resource(noun: Noun[Any], name: str) -> sa.ColumnElement[Any]:
    if isinstance(noun.rows, LocatingRows):
        table = noun.rows.table
        keys = zip(table.primary_key.columns, name.split("/")[1::2], strict=True)
        found = sa.select(table.c.revision).where(*(column == value for column, value in keys))
        return journal.c.revision.in_(found)
    # As literals, for each of the two has an index of its own, of some nouns' entries.
    of_noun = journal.c.noun == sa.literal_column(f"'{noun.name}'")
    index = () if noun.collections[0] == "customers" else (FIRMS_OWN,)
    return sa.and_(journal.c.name == name, of_noun, *index)
