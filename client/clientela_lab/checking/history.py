"""What the clients did and were told, in the order in which it happened: a witness beside the server.

One JSON object a line: `ev` is invoke, ok or err; `n` the attempt, so that its end finds its beginning; `t`
seconds of the monotonic clock. Lines are appended under one lock, so if one thing ended before another began
it stands before it. Amounts are nanos of a euro, signed: a refund is less than nothing.
Read next: checker.py, which judges a history against the ledger's rows; history_extractor.py, which makes
one of a recording; tests/faults/workload.py, which makes one under load.
"""

import json
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from clientela_client.private_files import private

Event = dict[str, Any]


class Row(NamedTuple):
    """One entry of the journal: a purchase, a refund, or with the amount 0 a write to the registry."""

    revision: int
    id: str
    key: str
    cust: str
    amount: int


class History:
    """A history that is being made: in memory, and line by line in a file that outlives us."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self._lock = threading.Lock()
        handle = private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._file = os.fdopen(handle, "a", encoding="utf-8", buffering=1)
        self._attempts = 0

    def invoke(self, op: str, *, key: str = "", cust: str = "", amount: int = 0, **facts: Any) -> "Attempt":
        """Note that a call is about to be made; what came of it is told to the attempt that is returned."""
        with self._lock:
            self._attempts += 1
            asked = {"n": self._attempts, "op": op, "key": key, "cust": cust, "amount": amount, **facts}
            self._append("invoke", asked)
        return Attempt(self, asked)

    def end(self, ev: str, asked: Event, facts: Event) -> None:
        """Note how an attempt ended."""
        with self._lock:
            self._append(ev, {**asked, **facts})

    def _append(self, ev: str, facts: Event) -> None:
        event = {"t": time.monotonic(), "ev": ev, **facts}
        self.events.append(event)
        self._file.write(json.dumps(event) + "\n")

    def close(self) -> None:
        """Close the file; the events stay."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Attempt:
    """One call under way. One that is never told its end stays unknown, as it was for the client."""

    def __init__(self, history: History, asked: Event) -> None:
        self._history = history
        self._asked = asked

    def ok(self, **facts: Any) -> None:
        """It was answered: of a write with `id` and `rev` (None if not told), of a read `total` and `rev`."""
        self._history.end("ok", self._asked, facts)

    def err(self, code: str) -> None:
        """It ended with a status code, by its name."""
        self._history.end("err", self._asked, {"code": code})


def read(path: Path) -> list[Event]:
    """Read a history that was kept; a last line that was cut short is left out."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]
