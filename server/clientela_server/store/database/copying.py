"""All tables from one database to another, whichever kind each is: out of PostgreSQL, and into it.

Both connections must be in a transaction: the source in a snapshot, so that what is copied is one moment.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import meta, metadata
from clientela_server.store.database.statements import Params, Statement, insert

_PAGE = 1000
# A row by which writers of one PostgreSQL database take turns; each database has its own.
_NOT_TURN = meta.c.key != sa.literal_column("'writer'")


def copy_tables(source: Connection, target: Connection) -> None:
    """Copy every row of every table into tables that were cleared."""
    for table in metadata.sorted_tables:
        statement = insert(table)
        for rows in _pages(source, table):
            target.run_many(statement, rows)


def clear_tables(target: Connection) -> None:
    """Empty every table."""
    for table in metadata.sorted_tables:
        delete = table.delete()
        target.run(Statement(delete.where(_NOT_TURN) if table is meta else delete))


def _pages(source: Connection, table: sa.Table) -> Iterator[list[Params]]:
    """Read a table page by page, in the order of its key."""
    names = [column.name for column in table.columns]
    key = list(table.primary_key.columns)
    query = sa.select(table).order_by(*key).limit(_PAGE)
    if table is meta:
        query = query.where(_NOT_TURN)
    rows = source.query(query)
    while rows:
        yield [_as_typed(table, dict(zip(names, row, strict=True))) for row in rows]
        rows = source.query(query.where(_behind(table, rows[-1])))


def _behind(table: sa.Table, last: Row) -> sa.ColumnElement[bool]:
    """Describe what follows a row, in the order of the key."""
    key = list(table.primary_key.columns)
    found = dict(zip((column.name for column in table.columns), last, strict=True))
    return sa.tuple_(*key) > sa.tuple_(*(sa.literal(found[column.name], column.type) for column in key))


def _as_typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row the types that its columns have; SQLite keeps a truth value as a number."""
    for column in table.columns:
        if isinstance(column.type, sa.Boolean) and row[column.name] is not None:
            row[column.name] = bool(row[column.name])
    return row
