"""Recordings: events are numbered, timed, kept or written to a file, and read back.

Rule: the first event describes the recording; events are in the order of recording, from any thread. A file
that breaks off within its last line is read up to there.
Read next: docs/recordings.md, the file format.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from clientela_client.private_files import private
from clientela_lab.clock import Monotonic, monotonic, utc_now
from clientela_lab.wire.decode.events import Event, from_line, to_line

VERSION = 1
_BUFFER_BYTES = 1 << 16


class NotARecording(ValueError):
    """The file is no recording, or of an unknown version; the message names the line."""


class Recorder:
    """Records events from any thread, and numbers and times each.

    file: where events are written as they come, if anywhere. keep: whether they are kept in memory too.
    clock: of the events' times.
    """

    def __init__(
        self,
        *,
        upstream: str,
        listen: str,
        title: str = "",
        file: Path | None = None,
        keep: bool = True,
        clock: Monotonic = monotonic,
    ) -> None:
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._file: BinaryIO | None = _opened(file) if file else None
        self._keep = keep
        self._kept: list[Event] = []
        self._count = 0
        self._listeners: list[Callable[[Event], None]] = []
        self.record(
            {
                "event": "recording",
                "version": VERSION,
                "began": utc_now(),
                "upstream": upstream,
                "listen": listen,
                "title": title,
            }
        )

    @property
    def events(self) -> list[Event]:
        """The events kept so far, in order."""
        with self._lock:
            return self._kept.copy()

    def now(self) -> float:
        """Return the seconds since the recording began."""
        return self._clock() - self._began

    def listen(self, callback: Callable[[Event], None]) -> None:
        """Call `callback` with each event from now on, in the recording thread; it must not block."""
        self._listeners.append(callback)

    def record(self, event: Event) -> int:
        """Record an event, and return its number. Its time is now unless it has one."""
        with self._lock:
            self._count += 1
            numbered: Event = {  # type: ignore[assignment]
                "event": event["event"],
                "n": self._count,
                "t": event["t"] if "t" in event else round(self.now(), 6),
                **event,
            }
            if self._keep:
                self._kept.append(numbered)
            if self._file:
                self._file.write(to_line(numbered))
            for listener in self._listeners:
                listener(numbered)
            return self._count

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file:
                self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(file: Path) -> BinaryIO:
    """Open a recording's file for this account only: it holds customers' data and tokens."""
    return open(file, "wb", buffering=_BUFFER_BYTES, opener=private)


def write(events: list[Event], file: Path) -> None:
    """Write recorded events to a file, readable by this account only."""
    with _opened(file) as opened:
        opened.writelines(map(to_line, events))


def read(file: Path) -> Iterator[Event]:
    """Yield a recording's events in order. Raises NotARecording."""
    number = 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n") and number > 1:
                return  # the writer was killed within this line
            yield _read_line(line, number)
    if number == 0:
        raise NotARecording("the file is empty")


def _read_line(line: bytes, number: int) -> Event:
    try:
        event = from_line(line)
    except ValueError as error:
        raise NotARecording(f"line {number}: {error}") from error
    if number == 1 and (event["event"] != "recording" or event.get("version") != VERSION):
        raise NotARecording(f"line 1: not the beginning of a recording of version {VERSION}")
    return event
