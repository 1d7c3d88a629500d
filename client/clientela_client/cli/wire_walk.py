"""The bytes of a protobuf message, taken apart: where each field begins, what its tag and value say.

Theory: a message is a row of fields; each is a tag (field number * 8 + wire type, as a varint) and a value
whose length the wire type tells: 0 a varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes.
Names are not sent: they come from the descriptor, which is why both sides need the contract.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SIGNED = {"int32", "int64"}
_TYPES = {  # google.protobuf.FieldDescriptor.type, those whose value is not plain from the wire type
    3: "int64",
    5: "int32",
    8: "bool",
    9: "string",
    11: "message",
    12: "bytes",
    14: "enum",
    17: "sint32",
    18: "sint64",
}


class NotProtobuf(ValueError):
    """The bytes are not a message."""


@dataclass(frozen=True)
class Piece:
    """A field, at its depth. tag and value: its bytes; of a nested message the value is its length only."""

    depth: int
    tag: bytes
    value: bytes
    number: int
    wire_type: int
    name: str
    meaning: str


def walk(data: bytes, descriptor: Any, depth: int = 0) -> Iterator[Piece]:
    """Yield the fields of a message, and behind each nested message its fields; raises NotProtobuf."""
    at = 0
    while at < len(data):
        tag, behind_tag = varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        field = descriptor.fields_by_number.get(number) if descriptor else None
        begin, end = _value(data, behind_tag, wire_type)
        name = field.name if field else "(unknown)"
        nested = field.message_type if field and wire_type == 2 else None
        shown = data[behind_tag:begin] if nested else data[behind_tag:end]
        meaning = (
            f"{nested.name}, {end - begin} bytes" if nested else _meaning(data[begin:end], wire_type, field)
        )
        yield Piece(depth, data[at:behind_tag], shown, number, wire_type, name, meaning)
        if nested:
            yield from walk(data[begin:end], nested, depth + 1)
        at = end


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at `at`, seven bits a byte, the lowest first, and where it ends."""
    number = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise NotProtobuf(f"a varint has no end at byte {at}")
        number |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return number, at
        shift += 7


def _value(data: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """Return where a value begins, its length left out, and where it ends."""
    if wire_type == 2:
        length, at = varint(data, at)
        end = at + length
    elif wire_type == 0:
        end = varint(data, at)[1]
    elif wire_type in (1, 5):
        end = at + (8 if wire_type == 1 else 4)
    else:
        raise NotProtobuf(f"wire type {wire_type} at byte {at}")
    if end > len(data):
        raise NotProtobuf(f"a field goes {end - len(data)} bytes beyond the message")
    return at, end


def _meaning(raw: bytes, wire_type: int, field: Any) -> str:
    kind = _TYPES.get(field.type, "") if field else ""
    if wire_type == 2:
        text = json.dumps(raw.decode(errors="replace"), ensure_ascii=False)
        return text if kind == "string" else f"{len(raw)} bytes"
    if wire_type in (1, 5):
        return str(struct.unpack("<d" if wire_type == 1 else "<f", raw)[0])
    number = varint(raw, 0)[0]
    if kind == "bool":
        return str(bool(number)).lower()
    if kind == "enum" and number in field.enum_type.values_by_number:
        return str(field.enum_type.values_by_number[number].name)
    if kind in ("sint32", "sint64"):
        return str((number >> 1) ^ -(number & 1))
    return str(number - (1 << 64) if kind in _SIGNED and number >> 63 else number)
