"""The decoding queue: the work that a proxy does after forwarding bytes.

Rules: first in, first out; in slices of half a millisecond, so that forwarding goes on; nothing is dropped.
At a backlog of `BACKLOG_BYTES_MAX` the proxy stops reading until half of it is done, so that memory is
bounded.
Read next: transcript.py, which does the decoding.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clientela_lab.clock import monotonic

if TYPE_CHECKING:
    from clientela_lab.wire.record.transcript import Transcript

BACKLOG_BYTES_MAX = 4 * 1024 * 1024
_SLICE_S = 0.000_5
_PIECE_BYTES = 4096
# Work without bytes takes memory too.
_LEAST_BYTES = 256


class Decoding:
    """A queue of work, done by the running event loop between its other callbacks.

    on_full: called with True when the backlog is full, with False when there is room again. waiting: the
    backlog in bytes.
    """

    def __init__(self, on_full: Callable[[bool], None]) -> None:
        self.full = False
        self.waiting = 0
        self._on_full = on_full
        self._work: deque[tuple[int, Callable[..., object], tuple[Any, ...]]] = deque()
        self._loop = asyncio.get_running_loop()
        self._slice: asyncio.Handle | None = None

    def add_bytes(self, transcript: "Transcript", upwards: bool, data: bytes, passed: bool) -> None:
        """Queue bytes of one direction for decoding; passed: whether they were forwarded."""
        now = transcript.recorder.now()
        for at in range(0, len(data), _PIECE_BYTES):
            piece = data[at : at + _PIECE_BYTES]
            self.add(len(piece), transcript.feed, upwards, piece, now, passed)

    def add(self, size: int, work: Callable[..., object], *arguments: Any) -> None:
        """Queue work. size: the bytes that it holds in memory."""
        size += _LEAST_BYTES
        self._work.append((size, work, arguments))
        self.waiting += size
        if self._slice is None:
            self._slice = self._loop.call_soon(self._do_slice)
        if self.waiting > BACKLOG_BYTES_MAX and not self.full:
            self.full = True
            self._on_full(True)

    def catch_up(self) -> None:
        """Do all queued work now."""
        while self._work:
            self._do_next()

    def close(self) -> None:
        """Do all queued work, and stop."""
        self.catch_up()
        if self._slice:
            self._slice.cancel()

    def _do_slice(self) -> None:
        self._slice = None
        until = monotonic() + _SLICE_S
        try:
            while self._work and monotonic() < until:
                self._do_next()
        finally:
            if self._work:
                self._slice = self._loop.call_soon(self._do_slice)

    def _do_next(self) -> None:
        size, work, arguments = self._work.popleft()
        self.waiting -= size
        if self.full and self.waiting <= BACKLOG_BYTES_MAX // 2:
            self.full = False
            self._on_full(False)
        work(*arguments)
