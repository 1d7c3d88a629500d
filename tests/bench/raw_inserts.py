"""The yardstick of imports: the ledger's own rows, put by `executemany` into a table of the same shape.

Rule: same engine, same columns, same indexes, same durability (WAL, synchronous=FULL), one commit for 1000
rows; no server, no wire, no validation, no journal, no totals. Only the inserting is timed, not the reading.
"""

import itertools
import time
from pathlib import Path

import apsw

ROWS_PER_COMMIT = 1000
DEFINITIONS = """
    SELECT sql FROM sqlite_master WHERE tbl_name = 'purchases' AND sql IS NOT NULL ORDER BY type DESC
"""  # The table before its indexes.


def raw_rows_per_s(ledger: Path, copy: Path) -> float:
    """Copies the table of purchases from the ledger's file to a new file; returns rows inserted a second."""
    source = apsw.Connection(str(ledger), flags=apsw.SQLITE_OPEN_READONLY)
    target = apsw.Connection(str(copy))
    try:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        for (statement,) in source.execute(DEFINITIONS):
            target.execute(statement)
        return _copy(source, target)
    finally:
        target.close()
        source.close()


def _copy(source: apsw.Connection, target: apsw.Connection) -> float:
    rows = source.execute("SELECT * FROM purchases ORDER BY revision")
    insert = f"INSERT INTO purchases VALUES ({', '.join('?' * len(rows.get_description()))})"
    count, seconds = 0, 0.0
    while chunk := list(itertools.islice(rows, ROWS_PER_COMMIT)):
        started = time.perf_counter()
        with target:
            target.executemany(insert, chunk)
        seconds += time.perf_counter() - started
        count += len(chunk)
    return count / seconds
