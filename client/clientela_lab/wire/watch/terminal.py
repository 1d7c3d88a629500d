"""Live events at a terminal: coloured there, plain in a pipe.

Rule: printing never blocks the proxy; events that a slow terminal cannot take are counted instead, and the
recording has them all.
Read next: event_format.py (the lines), watch_command.py.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import IO

from rich.console import Console
from rich.text import Text

from clientela_lab.wire.watch.event_format import Event, EventFormat, EventLine

PIPED_WIDTH = 160
_WAITING_MAX = 5_000
# Events are printed in batches: waking the thread for each would cost more than its line.
_GATHER_S = 0.02
_STYLES = {"→": "cyan", "←": "blue", "✗": "red", "!": "bold yellow", "·": "dim"}


class Screen:
    """Prints lines on a thread of its own, in colour or plain, until it is closed.

    on_left: called on that thread when the reader is gone, as in a pipe to `head`.
    """

    def __init__(
        self,
        out: IO[str],
        event_format: EventFormat,
        *,
        color: bool,
        on_left: Callable[[], object] = lambda: None,
    ) -> None:
        self._format = event_format
        self._console = Console(file=out, no_color=not color, force_terminal=color, highlight=False)
        self._out = out
        self._color = color
        self._on_left = on_left
        self._waiting: deque[Event] = deque()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._missed = 0
        self._left = False
        self._thread = threading.Thread(target=self._show_all, name="screen")
        self._thread.start()

    def show(self, event: Event) -> None:
        """Queue an event for printing; never blocks."""
        if self._left or not self._format.wants(event):
            return
        if len(self._waiting) >= _WAITING_MAX:
            self._missed += 1
            return
        self._waiting.append(event)
        if not self._some.is_set():
            self._some.set()

    def close(self) -> None:
        """Print what is queued, and end the thread."""
        self._closed.set()
        self._some.set()
        self._thread.join()

    def _show_all(self) -> None:
        try:
            while not self._closed.is_set():
                self._some.wait()
                self._some.clear()
                self._closed.wait(_GATHER_S)
                self._show_waiting()
            self._show_waiting()
        except OSError:  # the pipe's reader has closed it
            self._left = True
            self._on_left()

    def _show_waiting(self) -> None:
        t = 0.0
        while self._waiting:
            event = self._waiting.popleft()
            t = event["t"]
            if line := self._format.of(event):
                self._show(line)
        if self._missed:
            missed, self._missed = self._missed, 0
            self._show(EventLine(t, "", "·", "", f"{missed} events are not shown here", bad=True))
        self._out.flush()

    def _show(self, line: EventLine) -> None:
        text = str(line)
        if not self._color:
            self._out.write(f"{text if len(text) <= PIPED_WIDTH else text[: PIPED_WIDTH - 1] + '…'}\n")
            return
        tone = "red" if line.bad else _STYLES[line.arrow]
        styled = Text()
        for part, style in zip(
            line.columns, ("dim", "dim", tone, tone, "red" if line.bad else ""), strict=True
        ):
            styled.append(part, style)
        self._console.print(styled, no_wrap=True, overflow="ellipsis")
