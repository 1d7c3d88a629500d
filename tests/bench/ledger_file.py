"""What a slice of writes left in the database's file, read by the benchmark itself.

Rule: what was answered must be there, for each customer as often as it was sent, and nothing else: the file
is asked, and not the server that wrote it.
"""

from collections import Counter
from pathlib import Path

import apsw
from generator import Calls, NotVerified, Slice


class LedgerFile:
    """The table `purchases` of an SQLite file. numbered_by: its column that grows with each row."""

    def __init__(self, file: Path, numbered_by: str) -> None:
        self._file = str(file)
        self._numbered_by = numbered_by
        self._before = 0

    def mark(self) -> None:
        """Remember what is there now."""
        [(self._before,)] = self._query(f"SELECT coalesce(max({self._numbered_by}), 0) FROM purchases")

    def verify(self, measured: Slice, calls: Calls) -> None:
        """Raise NotVerified unless exactly the purchases that were sent came to what was there."""
        rows = self._query(f"SELECT customer_id FROM purchases WHERE {self._numbered_by} > ?", self._before)
        recorded = Counter(customer for (customer,) in rows)
        sent = Counter(customer.removeprefix("customers/") for customer in calls.customers)
        if recorded != sent:
            raise NotVerified(
                f"of {measured.requests} purchases that were answered {(sent - recorded).total()} are not in "
                f"the file, and {(recorded - sent).total()} others are"
            )

    def _query(self, statement: str, *values: int) -> list[tuple]:
        connection = apsw.Connection(self._file, flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return list(connection.execute(statement, values))
        finally:
            connection.close()
