"""Verification of a noun's own rows against its entries, of any noun that registers rows.

All is read in the order of an index, page by page where the entries are many, so that memory does not grow
with the ledger. Each check gives what it looked at, in figures, and what is wrong, in words.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.journal.nouns import CurrentRows, LocatingRows, Noun, RecordCodec

#: What a check looked at, in figures, and what is wrong, in words.
Found = tuple[str, list[str]]
_PAGE = 1000


def rows_as_journal(connection: Connection, noun: Noun[Any]) -> Found:
    """Compare the rows that a noun registers with its entries."""
    if isinstance(noun.rows, LocatingRows):
        return _located_as_journal(connection, noun, noun.rows)
    assert noun.rows is not None
    return _current_as_journal(connection, noun, noun.rows)


def _located_as_journal(connection: Connection, noun: Noun[Any], rows: LocatingRows[Any]) -> Found:
    """Compare every row with its entry, one to one."""
    count, faults = 0, list[str]()
    columns = [column for column in rows.table.columns if column.name not in rows.grows]
    for revision, name, record, *row in _paged(connection, _entries_with(noun, rows.table, columns)):
        count += 1
        wrong = _fault_of_row(rows, noun.codec, columns, record, row)
        if wrong:
            faults.append(f"{name}, revision {revision}: {wrong}")
    for revision, *ids in connection.run(_stray(noun, rows.table), {"limit": _PAGE}):
        keys = zip(rows.table.primary_key.columns.keys(), ids, strict=True)
        faults.append(f"{noun.pattern.format(**dict(keys))}: has no entry, revision {revision}")
    return f"{count:,}, each as the journal has it", faults


def _entries_with(noun: Noun[Any], table: sa.Table, columns: list[sa.Column[Any]]) -> Statement:
    return Statement(
        sa.select(journal.c.revision, journal.c.name, journal.c.record, *columns)
        .select_from(journal.outerjoin(table, table.c.revision == journal.c.revision))
        .where(journal.c.revision > sa.bindparam("after"), journal.c.noun == _literal(noun))
        .order_by(journal.c.revision)
        .limit(LIMIT)
        .offset(NO_OFFSET)
    )


def _stray(noun: Noun[Any], table: sa.Table) -> Statement:
    """Return the query of the rows without an entry of their noun."""
    return Statement(
        sa.select(table.c.revision, *table.primary_key.columns)
        .select_from(table.outerjoin(journal, table.c.revision == journal.c.revision))
        .where(sa.or_(journal.c.revision.is_(None), journal.c.noun != _literal(noun)))
        .limit(LIMIT)
        .offset(NO_OFFSET)
    )


def _literal(noun: Noun[Any]) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{noun.name}'")


def _paged(connection: Connection, entries: Statement) -> Iterator[Row]:
    after = 0
    while True:
        rows = connection.run(entries, {"after": after, "limit": _PAGE})
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _fault_of_row(
    rows: LocatingRows[Any],
    codec: RecordCodec[Any],
    columns: list[sa.Column[Any]],
    record: bytes,
    row: list[Any],
) -> str | None:
    if row[0] is None:
        return "has no row"
    try:
        wanted = rows.row_of(codec.decode(record))
    except Exception as error:  # noqa: BLE001 - bytes that are none of ours may fail in any way
        return f"its entry can't be read, {type(error).__name__}"
    pairs = zip(columns, row, strict=True)
    differing = [column.name for column, value in pairs if wanted[column.name] != value]
    return f"its row differs in {', '.join(differing)}" if differing else None


def _current_as_journal(connection: Connection, noun: Noun[Any], rows: CurrentRows[Any]) -> Found:
    """Compare every resource's record and columns with its last entry."""
    entries = (
        sa.select(journal.c.name, journal.c.record)
        .where(journal.c.noun == _literal(noun))
        .order_by(journal.c.revision)
    )
    states = {name: bytes(record) for name, record in connection.run(Statement(entries))}
    found = {name: noun.codec.decode(record) for name, record in states.items()}
    living = {
        name: tuple(rows.row_of(each, states[name]).values())
        for name, each in found.items()
        if not rows.is_gone(each)
    }
    kept = {
        f"{noun.plural}/{row[0]}": (*row[:-1], bytes(row[-1]))
        for row in connection.run(Statement(sa.select(*rows.table.columns)))
    }
    names = sorted(living.keys() | kept.keys())
    faults = [f"{name}: is not what the journal has" for name in names if kept.get(name) != living.get(name)]
    return f"{len(kept):,}, as the journal has them", faults
