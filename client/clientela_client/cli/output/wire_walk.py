"""The bytes of a protobuf message, row by row: each with its tag, its value, and what they say.

Theory: a message is a row of fields; each is a tag (field number * 8 + wire type, as a varint) and a value
whose length the wire type tells: 0 a varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes.
Names are not sent: they come from the descriptor, which is why both sides need the contract.
Read next: wire_format/fields.py, which reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from clientela_client.wire_format.fields import read_fields
from clientela_client.wire_format.nodes import FieldNode
from clientela_client.wire_format.shapes import WIRE_NAMES

_MORE = 0x80  # of a byte of a varint: another one follows


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A field, at its depth. tag and value: its bytes; of a nested message the value is its length only.

    What is no field has the number 0, and no tag.
    """

    depth: int
    tag: bytes
    value: bytes
    number: int
    wire_type: int
    name: str
    meaning: str


def walk(data: bytes, descriptor: Any) -> list[Piece]:
    """Return the fields of a message, behind each nested message its own; together they are all its bytes."""
    fields, wrong = read_fields(data, descriptor)
    return list(_pieces(data, fields, wrong or "", 0))


def _pieces(data: bytes, fields: Sequence[FieldNode], wrong: str, depth: int) -> Iterator[Piece]:
    for field in fields:
        begin, end = field["at"]
        if not field["number"]:
            yield Piece(
                depth=depth,
                tag=b"",
                value=data[begin:end],
                number=0,
                wire_type=0,
                name="",
                meaning=f"not protobuf: {wrong}",
            )
            continue
        value = begin + 1
        while data[value - 1] & _MORE:
            value += 1
        nested = field.get("fields")
        shown = nested[0]["at"][0] if nested else end
        name, wire = field["name"] or "(unknown)", WIRE_NAMES.index(field["wire"])
        meaning = _meaning(field, end - shown)
        yield Piece(
            depth=depth,
            tag=data[begin:value],
            value=data[value:shown],
            number=field["number"],
            wire_type=wire,
            name=name,
            meaning=meaning,
        )
        yield from _pieces(data, nested or (), wrong, depth + 1)


def _meaning(field: FieldNode, size: int) -> str:
    if "fields" in field:
        return f"{(field['type'] or 'group').rpartition('.')[2]}, {size} bytes"
    if field["type"] in {"bytes", "bytes?"}:
        return f"{field['at'][1] - field['at'][0]} bytes"
    value = field.get("value")
    if isinstance(value, str) and field["type"] not in {"string", "string?"}:
        return value  # a number or a name, told as text
    return json.dumps(value, ensure_ascii=False)
