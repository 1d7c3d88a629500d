"""The write buffer and identity map of a transaction.

Why: rows of many calls written with one `executemany` cost a fraction of single inserts. So rows are buffered
until the flush, and reads that depend on them look in the identity map first (M. Fowler, Patterns of
Enterprise Application Architecture: Unit of Work, Identity Map).
"""

from collections.abc import Callable, Hashable
from typing import Any

from clientela_server.store.database.statements import Params, Statement

_ABSENT: Any = object()
# A callable is evaluated at the flush: once for a row that changes ten times.
BufferedRow = Params | Callable[[], Params]


class WriteBuffer:
    """Rows and identity map by key, the last value of a key winning; both with rollback to a mark."""

    __slots__ = ("_changes", "_identity_map", "_rows", "_serial")

    def __init__(self) -> None:
        self._rows: dict[Hashable, tuple[Statement, BufferedRow]] = {}
        self._identity_map: dict[Hashable, Any] = {}
        self._changes: list[tuple[dict[Hashable, Any], Hashable, Any]] = []
        self._serial = 0

    def add(self, statement: Statement, params: BufferedRow, key: Hashable = None) -> None:
        """Buffer a row; it replaces one with the same key."""
        if key is None:
            self._serial += 1
            key = self._serial
        self._set(self._rows, key, (statement, params))

    def cache(self, key: Hashable, value: Any) -> None:
        """Put a value into the identity map."""
        self._set(self._identity_map, key, value)

    def cached(self, key: Hashable, default: Any = None) -> Any:
        """Return a value of the identity map."""
        return self._identity_map.get(key, default)

    def mark(self) -> int:
        """Return the position to roll back to."""
        return len(self._changes)

    def has_rows_since(self, mark: int) -> bool:
        """Return whether rows were added after a mark."""
        return any(table is self._rows for table, _, _ in self._changes[mark:])

    def undo(self, mark: int) -> None:
        """Roll back to a mark."""
        while len(self._changes) > mark:
            table, key, before = self._changes.pop()
            if before is _ABSENT:
                del table[key]
            else:
                table[key] = before

    def drain(self) -> dict[Statement, list[Params]]:
        """Return the rows grouped by statement, and clear buffer and map."""
        grouped: dict[Statement, list[Params]] = {}
        for statement, params in self._rows.values():
            grouped.setdefault(statement, []).append(params() if callable(params) else params)
        for table in (self._rows, self._identity_map, self._changes):
            table.clear()
        return grouped

    def _set(self, table: dict[Hashable, Any], key: Hashable, value: Any) -> None:
        self._changes.append((table, key, table.get(key, _ABSENT)))
        table[key] = value
