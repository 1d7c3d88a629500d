"""The events of a recording for people at a terminal: one line each, as they happen.

        0.069  1/1    →  PurchaseService/RecordPurchase  parent="customers/blue-door" purchase.amount=2.40 EUR
        0.071  1/1    ←  PurchaseService/RecordPurchase  OK  2.1 ms

Seconds since the beginning, connection/stream, the arrow (✗ for what did not arrive), the method, what was
said. Rule: whoever shows is never waited for; what a terminal is too slow for is counted instead, and the
recording has it all.
Read next: watch.py.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple

from rich.console import Console
from rich.text import Text

METHOD_WIDTH = 34
PIPED_WIDTH = 160
_QUEUED_MAX = 5_000
_VALUE_MAX = 40
_STYLES = {"→": "cyan", "←": "blue", "✗": "red", "!": "bold yellow", "·": "dim"}

Event = Mapping[str, Any]


class Line(NamedTuple):
    """One event, in columns; bad: it is about something that went wrong."""

    t: float
    where: str
    arrow: str
    method: str
    text: str
    bad: bool = False

    @property
    def columns(self) -> tuple[str, str, str, str, str]:
        """Its texts, each with the space behind it."""
        method = f"{self.method:{METHOD_WIDTH}} " if self.method else ""
        return f"{self.t:9.3f}  ", f"{self.where:6} ", f"{self.arrow}  ", method, self.text

    def __str__(self) -> str:
        return "".join(self.columns).rstrip()


class Lines:
    """Makes lines of events. frames: of HTTP/2 frames too, not only of what they mean."""

    def __init__(self, *, frames: bool) -> None:
        self._frames = frames
        self._calls: dict[int, tuple[str, str]] = {}

    def wants(self, event: Event) -> bool:
        """Tell at once whether there may be a line."""
        return self._frames or event["event"] != "frame"

    def of(self, event: Event) -> Line | None:
        """Make a line of an event; of some there is none."""
        make = getattr(self, f"_{event['event']}", None)
        line: Line | None = make(event) if make else None
        return line

    def _open(self, event: Event) -> Line:
        by = "the tap connects to the server" if event["peer"] == "tap" else f"{event['peer']} connects"
        return _line(event, event["conn"], "·", text=by + (", TLS" if event["tls"] else ""))

    def _close(self, event: Event) -> Line:
        text = f"closed by the {event['by']}" + ("" if event["why"] == "closed" else f": {event['why']}")
        return _line(event, event["conn"], "·", text=text)

    def _frame(self, event: Event) -> Line:
        says = [event["kind"], str(event["length"]), *event["flags"]]
        says += [str(event[key]) for key in ("settings", "increment", "error_code", "wrong") if key in event]
        return _line(event, _stream(event), _arrow(event), text=" ".join(says))

    def _call_begin(self, event: Event) -> Line:
        where, method = _stream(event), _short(event["method"])
        self._calls[event["call"]] = where, method
        within = f", within {event['timeout_s']:g} s" if "timeout_s" in event else ""
        return _line(event, where, "→", method, f"{event['kind'].replace('_', ' ')} call{within}")

    def _message(self, event: Event) -> Line:
        where, method = self._calls.get(event["call"], ("", _short(event["method"])))
        text = " ".join(says(event["fields"])) or ("{}" if event["type"] else f"{event['length']} bytes")
        return _line(event, where, _arrow(event), method, text)

    def _call_end(self, event: Event) -> Line:
        where, method = self._calls.pop(event["call"], (_stream(event), ""))
        status = event["status"] or "no status"
        text = f"{status}  {event['ms']:.1f} ms" + (f"  {event['text']}" if event["text"] else "")
        arrived = event["passed"] and event["by"] in {"client", "server"}
        arrow = ("→" if event["by"] == "client" else "←") if arrived else "✗"
        return _line(event, where, arrow, method, text)._replace(bad=event["status"] != "OK")

    def _fault(self, event: Event) -> Line:
        where, _ = self._calls.get(event.get("call", 0), (event.get("conn", ""), ""))
        return _line(event, where, "!", text=f"{event['what']}: {event['text']}")

    def _server(self, event: Event) -> Line:
        return _line(event, "", "!", text=event["text"])

    def _say(self, event: Event) -> Line:
        return _line(event, "", "·", text=event["text"])


def _line(
    event: Event, where: object, arrow: str, method: str = "", text: str = "", *, bad: bool = False
) -> Line:
    return Line(event["t"], str(where), arrow, method, text, bad)


def _stream(event: Event) -> str:
    return f"{event['conn']}/{event['stream']}"


def _arrow(event: Event) -> str:
    if not event["passed"]:
        return "✗"
    return "←" if event["from"] == "server" else "→"


def _short(method: str) -> str:
    """Leave the package out: "/clientela.v1.FeedService/Watch" is "FeedService/Watch"."""
    service, _, rpc = method.strip("/").rpartition("/")
    return f"{service.rpartition('.')[2]}/{rpc}"


def says(fields: Sequence[Event], within: str = "") -> Iterator[str]:
    """Tell fields in short, one by one: `purchase.amount=2.40 EUR`."""
    for node in fields:
        name = f"{within}{node['name'] or node['number']}"
        if "value" in node:
            yield f"{name}={_value(node['value'])}"
        elif node.get("fields"):
            yield from says(node["fields"], f"{name}.")
        else:
            yield f"{name}={{}}"


def _value(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return printable if len(printable) <= _VALUE_MAX else f"{printable[:_VALUE_MAX]}…"


class Screen:
    """Writes lines on a thread of its own, in colour or plain, until it is closed.

    on_left: called on that thread where nobody reads any more, as in a pipe to `head`.
    """

    def __init__(
        self, out: IO[str], lines: Lines, *, color: bool, on_left: Callable[[], object] = lambda: None
    ) -> None:
        self._lines = lines
        self._console = Console(file=out, no_color=not color, force_terminal=color, highlight=False)
        self._out = out
        self._color = color
        self._on_left = on_left
        self._queue: queue.Queue[Event | None] = queue.Queue(_QUEUED_MAX)
        self._missed = 0
        self._thread = threading.Thread(target=self._show_all, name="screen")
        self._thread.start()

    def show(self, event: Event) -> None:
        """Show an event soon; never waits."""
        if not self._lines.wants(event):
            return
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._missed += 1

    def close(self) -> None:
        """Show what is still to be shown, and end."""
        self._queue.put(None)
        self._thread.join()

    def _show_all(self) -> None:
        while (event := self._queue.get()) is not None:
            try:
                self._show_next(event)
            except OSError:  # who reads the pipe has left
                self._on_left()
                break
        while event is not None:
            event = self._queue.get()

    def _show_next(self, event: Event) -> None:
        if line := self._lines.of(event):
            self._show(line)
        if not self._queue.empty():
            return
        if self._missed:
            missed, self._missed = self._missed, 0
            self._show(Line(event["t"], "", "·", "", f"{missed} events are not shown here", bad=True))
        self._out.flush()

    def _show(self, line: Line) -> None:
        text = str(line)
        if not self._color:
            self._out.write(f"{text if len(text) <= PIPED_WIDTH else text[: PIPED_WIDTH - 1] + '…'}\n")
            return
        tone = "red" if line.bad else _STYLES[line.arrow]
        styled = Text(no_wrap=True, overflow="ellipsis")
        for part, style in zip(
            line.columns, ("dim", "dim", tone, tone, "red" if line.bad else ""), strict=True
        ):
            styled.append(part, style)
        self._console.print(styled)
