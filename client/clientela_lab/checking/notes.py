"""The notes of a run: every event is recorded, wakes its waiters, and is shown.

What crosses the wire is noted by the proxy, on its own thread; what is said, believed and checked by the
scenario. Both end up in one recording, in the order in which they happened.
Read next: console_reporter.py, which shows them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeAlias

from clientela_lab.clock import monotonic

#: One of those in wire/decode/events.py; here it is read by its keys, whichever it is.
Event: TypeAlias = Any
_PLAIN = (str, int, float, bool, type(None))


class Notes:
    """All events so far. record: where our own go to; it calls `take` with each, as with those of others."""

    def __init__(self, record: Callable[[Event], object], show: Callable[[Event], None]) -> None:
        self._record = record
        self._show = show
        self._further = threading.Condition()
        self.events: list[Event] = []

    def take(self, event: Event) -> None:
        """Take an event that was recorded, by any thread."""
        with self._further:
            self.events.append(event)
            self._show(event)
            self._further.notify_all()

    def add(self, event: str, **facts: Any) -> None:
        """Record an event; values that JSON cannot represent are recorded as text."""
        self._record({"event": event, **{key: _plain(value) for key, value in facts.items()}})

    def say(self, text: str, who: str | None = None) -> None:
        """Record a line of the narrative."""
        self.add("say", text=text, **({"who": who} if who else {}))

    def check(self, what: str, wanted: object, got: object) -> None:
        """Record a prediction beside the result."""
        self.add("check", what=what, wanted=wanted, got=got, right=wanted == got)

    def wait_for(self, what: str, seen: Callable[[Event], bool], within_s: float) -> Event:
        """Wait for an event, past ones included. Raises TimeoutError after `within_s`."""
        place, until = 0, monotonic() + within_s
        while later := self._after(place, until):
            place += len(later)
            for event in later:
                if seen(event):
                    return event
        raise TimeoutError(f"waited {within_s:g} s for this, and it did not happen: {what}")

    def _after(self, place: int, until: float) -> list[Event]:
        """Return the events from index `place` on, once there are any; none when the time is over."""
        with self._further:
            self._further.wait_for(lambda: len(self.events) > place, until - monotonic())
            return self.events[place:]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value if isinstance(value, _PLAIN) else str(value)
