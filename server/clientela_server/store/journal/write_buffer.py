"""The write buffer and identity map of a transaction.

Why: rows of many calls written with one `executemany` cost a fraction of single inserts. So rows are buffered
until the flush, and reads that depend on them look in the identity map first (M. Fowler, Patterns of
Enterprise Application Architecture: Unit of Work, Identity Map).
"""

from collections.abc import Callable, Hashable
from typing import Any

from clientela_server.store.database.statements import Params, Statement

_ABSENT: Any = object()
# In the place of a key: the last row of a list.
_LAST: Any = object()
# A callable is evaluated at the flush: once for a row that changes ten times.
BufferedRow = Params | Callable[[], Params]


class WriteBuffer:
    """Rows and identity map, the last value of a key winning; both with rollback to a mark.

    cached: returns a value of the identity map by its key, or a default: the map's own method, called often.
    """

    __slots__ = ("_changes", "_identity_map", "_new", "_rows", "cached")

    def __init__(self) -> None:
        self._new: dict[Statement, list[BufferedRow]] = {}
        self._rows: dict[Hashable, tuple[Statement, BufferedRow]] = {}
        self._identity_map: dict[Hashable, Any] = {}
        self._changes: list[tuple[Any, Hashable, Any]] = []
        self.cached = self._identity_map.get

    def add(self, statement: Statement, params: BufferedRow, key: Hashable = None) -> None:
        """Buffer a row; it replaces one with the same key."""
        if key is not None:
            self._set(self._rows, key, (statement, params))
            return
        rows = self._new.get(statement)
        if rows is None:
            rows = self._new[statement] = []
        rows.append(params)
        self._changes.append((rows, _LAST, None))

    def cache(self, key: Hashable, value: Any) -> None:
        """Put a value into the identity map."""
        known = self._identity_map
        self._changes.append((known, key, known.get(key, _ABSENT)))
        known[key] = value

    def mark(self) -> int:
        """Return the position to roll back to."""
        return len(self._changes)

    def has_rows_since(self, mark: int) -> bool:
        """Return whether rows were added after a mark."""
        return any(table is not self._identity_map for table, _, _ in self._changes[mark:])

    def undo(self, mark: int) -> None:
        """Roll back to a mark."""
        while len(self._changes) > mark:
            table, key, before = self._changes.pop()
            if key is _LAST:
                table.pop()
            elif before is _ABSENT:
                del table[key]
            else:
                table[key] = before

    def drain(self) -> dict[Statement, list[Params]]:
        """Return the rows grouped by statement, and clear buffer and map."""
        grouped: dict[Statement, list[Params]] = {
            statement: [each() if callable(each) else each for each in rows]
            for statement, rows in self._new.items()
            if rows
        }
        for statement, row in self._rows.values():
            grouped.setdefault(statement, []).append(row() if callable(row) else row)
        for table in (self._new, self._rows, self._identity_map, self._changes):
            table.clear()
        return grouped

    def _set(self, table: dict[Hashable, Any], key: Hashable, value: Any) -> None:
        self._changes.append((table, key, table.get(key, _ABSENT)))
        table[key] = value
