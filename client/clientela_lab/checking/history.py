"""A history: the clients' invocations and outcomes in real-time order, recorded beside the server.

One JSON object a line: `ev` is invoke, ok or err; `n` the attempt, so that its end finds its beginning; `t`
seconds of the monotonic clock. Lines are appended under one lock, so if one thing ended before another began
it stands before it. Amounts are nanos of a euro, signed: a refund is less than nothing.
Read next: checker.py, which judges a history against the ledger's rows; history_extractor.py, which makes
one of a recording; tests/faults/workload.py, which makes one under load.
"""

import json
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from clientela_client.private_files import private
from clientela_lab.clock import monotonic

Event = dict[str, Any]


class Row(NamedTuple):
    """One entry of the journal: a purchase, a refund, or with the amount 0 a write to the registry."""

    revision: int
    id: str
    key: str
    cust: str
    amount: int


class History:
    """Records a history, in memory and line by line in a file that survives this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self._lock = threading.Lock()
        handle = private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._file = os.fdopen(handle, "a", encoding="utf-8", buffering=1)
        self._attempts = 0

    def invoke(self, op: str, *, key: str = "", cust: str = "", amount: int = 0, **facts: Any) -> "Attempt":
        """Record an invocation; the returned attempt records its outcome."""
        with self._lock:
            self._attempts += 1
            invocation = {"n": self._attempts, "op": op, "key": key, "cust": cust, "amount": amount, **facts}
            self._append("invoke", invocation)
        return Attempt(self, invocation)

    def end(self, ev: str, invocation: Event, facts: Event) -> None:
        """Record an attempt's outcome."""
        with self._lock:
            self._append(ev, {**invocation, **facts})

    def _append(self, ev: str, facts: Event) -> None:
        event = {"t": monotonic(), "ev": ev, **facts}
        self.events.append(event)
        self._file.write(json.dumps(event) + "\n")

    def close(self) -> None:
        """Close the file; the events stay in memory."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Attempt:
    """One open call. Without an outcome it stays unknown, as it was for the client."""

    def __init__(self, history: History, invocation: Event) -> None:
        self._history = history
        self._invocation = invocation

    def ok(self, **facts: Any) -> None:
        """Record an answer: of a write `id` and `rev` (None if not in it), of a read `total` and `rev`."""
        self._history.end("ok", self._invocation, facts)

    def err(self, code: str) -> None:
        """Record a failure by its status code's name."""
        self._history.end("err", self._invocation, {"code": code})


def read(path: Path) -> list[Event]:
    """Read a history's file, without a last line that is incomplete."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]
