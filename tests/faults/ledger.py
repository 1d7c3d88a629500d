"""What is in the store, read from the store and never through the server: the other witness.

The server must be dead or stopped, or what is read is a moment of it. Opened read-only, so nothing is mended
that the server has to mend. Amounts as in clientela_lab/checking/history.py: nanos of a euro, refunds below
zero.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import apsw

from clientela_lab.checking.history import Row
from clientela_lab.checking.money import NANOS
from clientela_lab.patience import HANG_S

# An entry without its purchase, or a purchase without its entry, is a row too: one that nobody asked for.
_ROWS = """
    SELECT coalesce(journal.revision, purchases.revision),
           coalesce(journal.name, 'customers/' || customer_id || '/purchases/' || purchase_id),
           journal.request_id, units, nanos, refund_of
    FROM journal FULL OUTER JOIN purchases ON purchases.revision = journal.revision
    ORDER BY 1
"""
_TOTALS = "SELECT customer_id, totals FROM facts WHERE totals != ''"
Ledger = tuple[list[Row], dict[str, int]]


def read_ledger(database: Path | str) -> Ledger:
    """Read every entry in the order of revisions, and each customer's stored total in euros.

    database: the path of an SQLite file, or postgresql://...
    """
    [totals] = _run(database, _TOTALS)
    return read_entries(database), dict(_in_euros(*each) for each in totals)


def read_entries(database: Path | str) -> list[Row]:
    """Read every entry in the order of revisions; of a database of any version."""
    [entries] = _run(database, _ROWS)
    return [_row(*entry) for entry in entries]


def _run(database: Path | str, *queries: str) -> list[list[Any]]:
    run = _postgres if str(database).startswith("postgresql://") else _sqlite
    return run(str(database), queries)


def _in_euros(customer: str, totals: str) -> tuple[str, int]:
    _, units, nanos, *_ = json.loads(totals).get("EUR", (0, 0, 0))
    return customer, units * NANOS + nanos


def _row(
    revision: int, name: str, key: str | None, units: int | None, nanos: int, refund_of: str | None
) -> Row:
    amount = 0 if units is None else units * NANOS + nanos
    return Row(
        revision, name, key or "", name.partition("/")[2].partition("/")[0], -amount if refund_of else amount
    )


def _sqlite(path: str, queries: Iterable[str]) -> list[list[Any]]:
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [connection.execute(query).fetchall() for query in queries]
    finally:
        connection.close()


def _postgres(url: str, queries: Iterable[str]) -> list[list[Any]]:
    import psycopg

    with psycopg.connect(url, autocommit=True, connect_timeout=round(HANG_S)) as connection:
        return [connection.execute(query).fetchall() for query in queries]
