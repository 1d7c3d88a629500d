"""Events as lines for people: time, connection, direction, method, content.

    0.069  1/1    →  PurchaseService/RecordPurchase  parent="customers/blue-door" purchase.amount="2.40 EUR"
    0.071  1/1    ←  PurchaseService/RecordPurchase  OK  2.1 ms

Seconds since the start, connection/stream, the arrow (✗ for what did not arrive). Control characters are
escaped, so that no sender can command the terminal. Read next: terminal.py, which prints the lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from clientela_client.harmless import one_line

METHOD_WIDTH = 34
_VALUE_MAX = 40
_BODY_MAX = 200

Event = Mapping[str, Any]


class EventLine(NamedTuple):
    """One event in columns; bad: it reports a failure."""

    t: float
    where: str
    arrow: str
    method: str
    text: str
    bad: bool = False

    @property
    def columns(self) -> tuple[str, str, str, str, str]:
        """The columns' texts, padded."""
        method = f"{self.method:{METHOD_WIDTH}} " if self.method else ""
        return f"{self.t:9.3f}  ", f"{self.where:6} ", f"{self.arrow}  ", method, self.text

    def __str__(self) -> str:
        return "".join(self.columns).rstrip()


class EventFormat:
    """Formats events as lines. frames: HTTP/2 frames too, not only calls and messages."""

    def __init__(self, *, frames: bool) -> None:
        self._frames = frames
        self._calls: dict[int, tuple[str, str]] = {}
        self._strange: set[tuple[int, str]] = set()

    def wants(self, event: Event) -> bool:
        """Return, cheaply, whether an event may have a line."""
        return self._frames or event["event"] != "frame" or event.get("wrong") is not None

    def of(self, event: Event) -> EventLine | None:
        """Return an event's line; None where it has none."""
        make = getattr(self, f"_{event['event']}", None)
        line: EventLine | None = make(event) if make else None
        return line

    def _open(self, event: Event) -> EventLine:
        by = "the tap connects to the server" if event["peer"] == "tap" else f"{event['peer']} connects"
        return _line(event, event["conn"], "·", text=by + (", TLS" if event["tls"] else ""))

    def _close(self, event: Event) -> EventLine:
        self._strange -= {(event["conn"], side) for side in ("client", "server", "tap")}
        text = f"closed by the {event['by']}" + ("" if event["why"] == "closed" else f": {event['why']}")
        return _line(event, event["conn"], "·", text=text)

    def _frame(self, event: Event) -> EventLine | None:
        return self._whole_frame(event) if self._frames else self._strange_frame(event)

    def _strange_frame(self, event: Event) -> EventLine | None:
        """Report a malformed frame; of bytes that are not HTTP/2, once a side."""
        side = event["conn"], event["from"]
        if event["kind"] == "RAW" and side in self._strange:
            return None
        if event["kind"] == "RAW":
            self._strange.add(side)
        return _line(event, _stream(event), _arrow(event), text=event["wrong"], bad=True)

    def _whole_frame(self, event: Event) -> EventLine:
        says = [event["kind"], str(event["length"]), *event["flags"]]
        says += [str(event[key]) for key in ("settings", "increment", "error_code", "wrong") if key in event]
        return _line(event, _stream(event), _arrow(event), text=" ".join(says))

    def _call_begin(self, event: Event) -> EventLine:
        where, method = _stream(event), _short(event["method"])
        self._calls[event["call"]] = where, method
        within = f", within {event['timeout_s']:g} s" if "timeout_s" in event else ""
        return _line(event, where, "→", method, f"{event['kind'].replace('_', ' ')} call{within}")

    def _message(self, event: Event) -> EventLine:
        where, method = self._calls.get(event["call"], ("", _short(event["method"])))
        text = " ".join(says(event["fields"])) or ("{}" if event["type"] else f"{event['length']} bytes")
        return _line(event, where, _arrow(event), method, text)

    def _body(self, event: Event) -> EventLine:
        where, method = self._calls.get(event["call"], ("", _short(event["method"])))
        shown = " ".join(event.get("text", "").split())[:_BODY_MAX]
        text = f"{event['length']} bytes of {event['type'] or 'no content-type'}: {shown}"
        return _line(event, where, _arrow(event), method, text, bad=True)

    def _call_end(self, event: Event) -> EventLine:
        where, method = self._calls.pop(event["call"], (_stream(event), ""))
        status = event["status"] or "no status"
        text = f"{status}  {event['ms']:.1f} ms" + (f"  {event['text']}" if event["text"] else "")
        arrived = event["passed"] and event["by"] in {"client", "server"}
        arrow = ("→" if event["by"] == "client" else "←") if arrived else "✗"
        return _line(event, where, arrow, method, text)._replace(bad=event["status"] != "OK")

    def _fault(self, event: Event) -> EventLine:
        where, _ = self._calls.get(event.get("call", 0), (event.get("conn", ""), ""))
        return _line(event, where, "!", text=f"{event['what']}: {event['text']}")

    def _server(self, event: Event) -> EventLine:
        return _line(event, "", "!", text=event["text"])

    def _say(self, event: Event) -> EventLine:
        return _line(event, "", "·", text=event["text"])


def _line(
    event: Event, where: object, arrow: str, method: str = "", text: str = "", *, bad: bool = False
) -> EventLine:
    return EventLine(event["t"], str(where), arrow, one_line(method), one_line(text), bad=bad)


def _stream(event: Event) -> str:
    return f"{event['conn']}/{event['stream']}"


def _arrow(event: Event) -> str:
    if not event["passed"]:
        return "✗"
    return "←" if event["from"] == "server" else "→"


def _short(method: str) -> str:
    """Strip the package: "/clientela.v1.FeedService/Watch" becomes "FeedService/Watch"."""
    service, _, rpc = method.strip("/").rpartition("/")
    return f"{service.rpartition('.')[2]}/{rpc}"


def says(fields: Sequence[Event], within: str = "") -> Iterator[str]:
    """Yield fields in short form: `purchase.amount=2.40 EUR`."""
    for node in fields:
        name = f"{within}{node['name'] or node['number']}"
        if "value" in node:
            yield f"{name}={_value(node['value'])}"
        elif node.get("fields"):
            yield from says(node["fields"], f"{name}.")
        else:
            yield f"{name}={{}}"


def _value(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= _VALUE_MAX else f"{text[:_VALUE_MAX]}…"
