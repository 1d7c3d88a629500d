"""What a transaction has yet to write, and what reads in it must know meanwhile.

Why: rows of many calls that go in together cost a fraction of what they cost one by one. So what is only
added is kept until the end, and whoever decides by it is told by a note that it is there.
"""

from collections.abc import Callable, Hashable
from typing import Any

from clientela_server.store.database.statements import Params, Statement

_ABSENT: Any = object()
# What takes long to make is made when it is written: of a row that changes ten times, once.
BufferedRow = Params | Callable[[], Params]


class WriteBuffer:
    """Rows by key, the last of a key being the one that counts, and notes by key; both can be undone."""

    __slots__ = ("_changes", "_identity_map", "_rows", "_serial")

    def __init__(self) -> None:
        self._rows: dict[Hashable, tuple[Statement, BufferedRow]] = {}
        self._identity_map: dict[Hashable, Any] = {}
        self._changes: list[tuple[dict[Hashable, Any], Hashable, Any]] = []
        self._serial = 0

    def add(self, statement: Statement, params: BufferedRow, key: Hashable = None) -> None:
        """Keep a row for later, in the place of one with the same key."""
        if key is None:
            self._serial += 1
            key = self._serial
        self._set(self._rows, key, (statement, params))

    def cache(self, key: Hashable, value: Any) -> None:
        """Remember what is so once the rows are written."""
        self._set(self._identity_map, key, value)

    def cached(self, key: Hashable, default: Any = None) -> Any:
        """Give what was noted."""
        return self._identity_map.get(key, default)

    def mark(self) -> int:
        """Give the place to undo back to."""
        return len(self._changes)

    def has_rows_since(self, mark: int) -> bool:
        """Tell whether rows were added after a mark."""
        return any(table is self._rows for table, _, _ in self._changes[mark:])

    def undo(self, mark: int) -> None:
        """Forget what came after a mark."""
        while len(self._changes) > mark:
            table, key, before = self._changes.pop()
            if before is _ABSENT:
                del table[key]
            else:
                table[key] = before

    def drain(self) -> dict[Statement, list[Params]]:
        """Give the rows, statement by statement, and forget everything."""
        grouped: dict[Statement, list[Params]] = {}
        for statement, params in self._rows.values():
            grouped.setdefault(statement, []).append(params() if callable(params) else params)
        for table in (self._rows, self._identity_map, self._changes):
            table.clear()
        return grouped

    def _set(self, table: dict[Hashable, Any], key: Hashable, value: Any) -> None:
        self._changes.append((table, key, table.get(key, _ABSENT)))
        table[key] = value
