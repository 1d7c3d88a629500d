"""Recordings made by hand: what the tap would have recorded of calls, without a tap."""

from base64 import b64encode
from typing import Any

from google.protobuf.message import Message
from hyperframe.frame import DataFrame

Event = dict[str, Any]


class Script:
    """Writes the events of one connection, numbered from 1."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._calls = 0

    def add(self, event: str, **facts: Any) -> int:
        """Add an event; return its number."""
        self.events.append({"event": event, "n": len(self.events) + 1, **facts})
        return len(self.events)

    def begin(self, rpc: str) -> int:
        """Begin a call of "PurchaseService/RecordPurchase"; return its number."""
        self._calls += 1
        self.add("call_begin", call=self._calls, method=f"/clientela.v1.{rpc}", metadata=[])
        return self._calls

    def message(self, call: int, message: Message, *, passed: bool = True, cut: int = 0) -> None:
        """Send a message in a frame, or in two that part after `cut` bytes."""
        body = b"\0" + message.ByteSize().to_bytes(4, "big") + message.SerializeToString()
        parts = [body[:cut], body[cut:]] if cut else [body]
        places = [{"frame": self._frame(part), "at": [9, 9 + len(part)]} for part in parts]
        name = message.DESCRIPTOR.full_name
        self.add("message", call=call, type=name, compressed=False, parts=places, passed=passed)

    def _frame(self, body: bytes) -> int:
        raw = DataFrame(1, body).serialize()
        return self.add("frame", kind="DATA", raw=b64encode(raw).decode())

    def end(
        self,
        call: int,
        status: str | None = "OK",
        *,
        by: str = "server",
        passed: bool = True,
        revision: int = 0,
    ) -> None:
        """End a call."""
        trailers = [["clientela-revision", str(revision)]] if revision else []
        self.add("call_end", call=call, status=status, by=by, passed=passed, trailers=trailers)

    def unary(self, rpc: str, request: Message, answer: Message | None = None, **end: Any) -> int:
        """Make a whole call."""
        call = self.begin(rpc)
        self.message(call, request)
        if answer is not None:
            self.message(call, answer, passed=end.get("passed", True))
        self.end(call, **end)
        return call
