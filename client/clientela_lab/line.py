"""The way from clients to the server, with a notebook: here without anything between them."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self


class Line:
    """Leads to the server at once. `record` takes our own events, and numbers them."""

    def __init__(self, upstream: str) -> None:
        self.address = upstream
        self._began = time.monotonic()
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self._count = 0

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Have every event told, from now on."""
        self._listeners.append(listener)

    def record(self, event: dict[str, Any]) -> None:
        """Take an event into the recording."""
        self._count += 1
        numbered = {**event, "n": self._count, "t": round(time.monotonic() - self._began, 6)}
        for listener in self._listeners:
            listener(numbered)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to close."""
