"""One direction of a call: its messages, or the HTTP body where it is not gRPC.

Read next: messages.py (the 5-byte prefix), bodies.py, fields.py (a message's fields).
"""

from collections.abc import Mapping

from google.protobuf.descriptor import Descriptor

from clientela_client.wire_format.fields import Fields, Find, read_fields
from clientela_client.wire_format.shapes import base64
from clientela_lab.wire.decode.bodies import Body, holds_messages
from clientela_lab.wire.decode.events import BodyEvent, CallEvent, MessageEvent, Side
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.messages import CannotUnpack, MessageReader, RawMessage, unpack


class Half:
    """One direction of call number `call`, with messages of `message_type` (None: unknown).

    find: returns a message's descriptor by name. sender: the side that sends it. ended: it is half-closed.
    """

    def __init__(
        self,
        call: int,
        stream: int,
        method: str,
        *,
        message_type: Descriptor | None,
        find: Find,
        sender: Side,
    ) -> None:
        self.sender = sender
        self.ended = False
        self._call = call
        self._stream = stream
        self._method = method
        self._message_type = message_type
        self._find = find
        self._encoding = ""
        self._messages = MessageReader()
        self._body: Body | None = None
        self._is_body_returned = False
        self._count = 0

    @property
    def holds_messages(self) -> bool:
        """Whether its headers announce gRPC."""
        return self._body is None

    def begin(self, headers: Mapping[str, str]) -> None:
        """Take its headers, which decide how the body is decoded."""
        self._encoding = headers.get("grpc-encoding", "")
        if not holds_messages(headers):
            self._body = Body(headers)

    def feed(self, frame: Frame, n: int, passed: bool) -> list[CallEvent]:
        """Return the events that DATA frame number `n` completes."""
        if self._body is not None:
            self._body.take(frame, n, passed)
            return []
        return [self._message(found) for found in self._messages.feed(frame.raw, frame.data, n, passed)]

    def rest(self) -> list[CallEvent]:
        """Return the event of an incomplete message or of the body, once the direction has ended; once."""
        if self._body is None:
            rest = self._messages.rest()
            return [self._message(rest)] if rest else []
        returned, self._is_body_returned = self._is_body_returned, True
        return [] if returned or not self._body.parts else [self._body_event(self._body)]

    def _body_event(self, body: Body) -> BodyEvent:
        event: BodyEvent = {
            "event": "body",
            "call": self._call,
            "stream": self._stream,
            "from": self.sender,
            "method": self._method,
            "type": body.kind,
            "length": body.length,
            "parts": body.parts,
            "passed": body.passed,
        }
        if (text := body.text) is not None:
            event["text"] = text
        return event

    def _message(self, message: RawMessage) -> MessageEvent:
        data, wrong = bytes(message.data), message.wrong
        unpacked: bytes | None = None
        if message.compressed and wrong is None:
            try:
                data = unpacked = unpack(data, self._encoding)
            except CannotUnpack as error:
                wrong = str(error)
        # The content of a foreign frame is not shown: it may be trailers, which may hold secrets.
        cannot_be_read = message.is_foreign or (message.compressed and unpacked is None)
        fields, why = (
            Fields([], None) if cannot_be_read else read_fields(data, self._message_type, self._find)
        )
        event: MessageEvent = {
            "event": "message",
            "call": self._call,
            "stream": self._stream,
            "from": self.sender,
            "method": self._method,
            "type": self._message_type.full_name if self._message_type else None,
            "index": self._count,
            "compressed": message.compressed,
            "length": message.length,
            "fields": fields,
            "parts": message.parts,
            "passed": message.passed,
        }
        self._count += 1
        if wrong or why:
            event["wrong"] = wrong or why or ""
        if unpacked is not None:
            event["unpacked"] = base64(unpacked)
        return event
