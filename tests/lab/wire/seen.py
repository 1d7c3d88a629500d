"""One conversation as we read it, told in plain dicts and tuples, to be held against how another reads it.

Frames in order, each with what it carries, its header list, and the messages that end in it, field by field:
number, name, type, wire type, the bytes behind tag and length, the value as text, the fields inside.
"""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor_pool import Default

from clientela_client.wire_format.nodes import FieldNode
from clientela_client.wire_format.shapes import LEN, WIRE_NAMES
from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.descriptors import Descriptors
from clientela_lab.wire.decode.events import MessageEvent
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.frame_decoder import both_directions
from tests.lab.wire.corpus import Conversation

Seen = dict[str, Any]
_CARRIED = ("settings", "increment", "error_code", "last_stream", "debug", "ping")
SCALARS = {
    *("double float int64 uint64 int32 fixed64 fixed32 bool string".split()),
    *("bytes uint32 sfixed32 sfixed64 sint32 sint64".split()),
}


def seen_by_us(conversation: Conversation, descriptors: Descriptors) -> list[Seen]:
    """Read a conversation by frame_decoder.py and calls.py."""
    up, down = both_directions()
    calls = Calls(descriptors)
    frames: list[Frame] = []
    seen: list[Seen] = []
    for piece in conversation.pieces:
        for frame in (up if piece.from_client else down).feed(piece.data):
            events = calls.feed(frame, len(frames))
            frames.append(frame)
            messages = [event for event in events if event["event"] == "message"]
            seen.append({**_frame(frame), "messages": [_message(one, frames) for one in messages]})
    return seen


def _frame(frame: Frame) -> Seen:
    carried = {key: value for key in _CARRIED if (value := getattr(frame, key)) is not None}
    if frame.kind == "DATA":
        carried["data"] = frame.raw[slice(*frame.data)].hex()
    return {
        "kind": frame.kind,
        "flags": set(frame.flags),
        "stream": frame.stream,
        "length": frame.length,
        "headers": [tuple(header) for header in frame.headers or []],
        "carried": carried,
    }


def _message(event: MessageEvent, frames: Sequence[Frame]) -> Seen:
    crossed = b"".join(frames[part["frame"]].raw[slice(*part["at"])] for part in event["parts"])
    data = b64decode(event["unpacked"]) if "unpacked" in event else crossed[5:]
    return {
        "compressed": event["compressed"],
        "length": event["length"],
        "type": event["type"] if event["length"] else None,  # of nothing the other reader tells no type
        "fields": [_field(node, data) for node in event["fields"]],
    }


def _field(node: FieldNode, message: bytes) -> tuple[Any, ...]:
    raw = _behind_varint(message[slice(*node["at"])])
    return (
        node["number"],
        node["name"],
        node["type"] if node["type"] in SCALARS or "fields" in node else _kind(node),
        WIRE_NAMES.index(node["wire"]),
        (_behind_varint(raw) if node["wire"] == WIRE_NAMES[LEN] else raw).hex(),
        _value(node),
        [_field(inner, message) for inner in node.get("fields", [])],
    )


def _kind(node: FieldNode) -> str | None:
    return "enum" if node["name"] else None


def _behind_varint(raw: bytes) -> bytes:
    return raw[next(place for place, byte in enumerate(raw) if byte < 0x80) + 1 :]


def _value(node: FieldNode) -> Any:
    value = node.get("value")
    if "fields" in node or node["type"] == "bytes" or node["name"] is None:
        return None
    if isinstance(value, list):
        return [_number(node, one) for one in value]
    return str(int(value)) if isinstance(value, bool) else str(value)


def _number(node: FieldNode, value: Any) -> str:
    """Return an element of a packed field as a number: of enums there, the other reader tells no names."""
    if _is_scalar(node):
        return str(value)
    return str(Default().FindEnumTypeByName(str(node["type"])).values_by_name[value].number)


def _is_scalar(node: FieldNode) -> bool:
    return node["type"] in SCALARS
