"""Shutdown: the first signal stops gracefully, a second one at once, and a timer bounds the graceful stop.

Acknowledged writes are on disk and safe. Calls without an answer when the process exits are in doubt, as
after a power cut, and are resolved by a retry with the same request id. Read next: `app`, whose `serve`
uses it.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from clientela_server import logs

_log = structlog.get_logger("server")
# What is left, beyond the grace that calls under way are given, for the last answers and for the files.
_MARGIN_S = 1.0
_ABANDONED = 1
_LOG_WAIT_S = 0.2


class Shutdown:
    """Handles SIGTERM and SIGINT, and bounds the duration of the stop.

    As a context it runs the bounding timer on a thread of its own: a disk that does not answer may block the
    event loop too.
    """

    def __init__(self, ask_to_stop: Callable[[], None], grace_s: float) -> None:
        self._ask_to_stop = ask_to_stop
        self._asked = False
        self._bound = threading.Timer(grace_s + _MARGIN_S, _abandon, ["stopping takes too long"])
        self._bound.daemon = True

    def listen(self) -> None:
        """Install the signal handlers on the running event loop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self._asked:
            _abandon("told twice to stop")
        self._asked = True
        self._ask_to_stop()

    def __enter__(self) -> Self:
        self._bound.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bound.cancel()


def _abandon(why: str) -> None:
    """Exit at once; logging is time-bounded, as the log may be on the disk that does not answer."""
    telling = threading.Thread(target=_log_abandoned, args=[why], daemon=True)
    telling.start()
    telling.join(_LOG_WAIT_S)
    os._exit(_ABANDONED)


def _log_abandoned(why: str) -> None:
    _log.error(f"{why}; gone, and whoever was not answered is in doubt")
    logs.flush()
