"""What a message type looks like on the wire: for each tag that may come, its field and how it is read.

Rule: values are told as ProtoJSON tells them: 64-bit integers as text, bytes as base64, enums by name.
Read next: fields.py, which walks a message by its shape.
"""

import math
import struct
from base64 import b64encode
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from clientela_client.wire_format.notes import NOTES, Note

VARINT, I64, LEN, SGROUP, EGROUP, I32 = range(6)
WIRE_NAMES: Final = ("VARINT", "I64", "LEN", "SGROUP", "EGROUP", "I32", "6", "7")
Read = Callable[[Any], Any]


def nothing(raw: Any) -> None:
    """Return nothing: a message is read by its own shape."""


@dataclass(frozen=True, slots=True)
class Known:
    """A field, as one tag brings it.

    read: makes the value of the number of a VARINT, or of the bytes of the other wire types. message: what a
    nested message looks like, and note: how it is said in one value, if it can be. packed: the wire type of
    the elements, where LEN holds several. plain: the wire type, where the tag is one byte and nothing else is
    to be minded.
    """

    number: int
    name: str | None
    type: str | None
    wire: str
    read: Read = nothing
    _: KW_ONLY
    message: Descriptor | None = None
    note: Note | None = None
    packed: int | None = None
    plain: int | None = None


Shape = dict[int, Known]


@lru_cache(maxsize=4096)
def shape_of(descriptor: Descriptor) -> Shape:
    """Return what may come, by tag: the field's number times 8, plus the wire type."""
    shape: Shape = {}
    for field in descriptor.fields:
        shape.update(_tags(field))
    return shape


def _tags(field: FieldDescriptor) -> Shape:
    number, name, message = field.number, field.name, field.message_type
    if message is not None:
        wire = SGROUP if field.type == FieldDescriptor.TYPE_GROUP else LEN
        tag, kind = number << 3 | wire, message.full_name
        note, plain = NOTES.get(kind), _plain(tag)
        return {tag: Known(number, name, kind, WIRE_NAMES[wire], message=message, note=note, plain=plain)}
    wire, kind, read = _scalar(field)
    tag = number << 3 | wire
    tags = {tag: Known(number, name, kind, WIRE_NAMES[wire], read, plain=_plain(tag))}
    if field.is_repeated and wire != LEN:  # parsers take both, however it is declared
        tags[number << 3 | LEN] = Known(number, name, kind, WIRE_NAMES[LEN], read, packed=wire)
    return tags


def _plain(tag: int) -> int | None:
    return tag & 7 if tag < 0x80 and tag & 7 in {VARINT, LEN} else None


def _scalar(field: FieldDescriptor) -> tuple[int, str, Read]:
    if field.enum_type is not None:
        return VARINT, field.enum_type.full_name, _enum(field.enum_type)
    return _SCALARS[field.type]


def _enum(descriptor: EnumDescriptor) -> Read:
    names = {value.number: value.name for value in reversed(descriptor.values)}  # of aliases, the first

    def read(raw: int) -> str | int:
        number = _int32(raw)
        return names.get(number, number)

    return read


def _int32(raw: int) -> int:
    return ((raw & 0xFFFF_FFFF) ^ 0x8000_0000) - 0x8000_0000


def _int64(raw: int) -> str:
    return str((raw ^ (1 << 63)) - (1 << 63))


def _uint32(raw: int) -> int:
    return raw & 0xFFFF_FFFF


def _sint32(raw: int) -> int:
    raw &= 0xFFFF_FFFF
    return (raw >> 1) ^ -(raw & 1)


def _sint64(raw: int) -> str:
    return str((raw >> 1) ^ -(raw & 1))


def _fixed(signed: bool, as_text: bool) -> Read:
    def read(raw: bytes) -> int | str:
        number = int.from_bytes(raw, "little", signed=signed)
        return str(number) if as_text else number

    return read


def _double(raw: bytes) -> float | str:
    return _json_float(struct.unpack("<d", raw)[0])


def _float(raw: bytes) -> float | str:
    """Write as few digits as tell this number from its neighbours of 32 bits."""
    exact: float = struct.unpack("<f", raw)[0]
    if not math.isfinite(exact):
        return _json_float(exact)
    digits = (float(f"{exact:.{precision}g}") for precision in range(6, 9))
    return next((short for short in digits if _as_float32(short) == exact), exact)


def _as_float32(number: float) -> float:
    try:
        single: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.inf
    return single


def _json_float(number: float) -> float | str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def escaped(raw: bytes) -> str:
    """Return malformed UTF-8 as text with escapes."""
    return raw.decode("utf-8", "backslashreplace")


def base64(raw: bytes) -> str:
    """Return bytes as base64."""
    return b64encode(raw).decode()


def guess(raw: bytes) -> tuple[str, str]:
    """Return the likely type of an unknown field's bytes, and its value: text, or bytes as base64."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "bytes?", base64(raw)
    return ("string?", text) if text.isprintable() else ("bytes?", base64(raw))


_SCALARS: dict[int, tuple[int, str, Read]] = {
    FieldDescriptor.TYPE_DOUBLE: (I64, "double", _double),
    FieldDescriptor.TYPE_FLOAT: (I32, "float", _float),
    FieldDescriptor.TYPE_INT64: (VARINT, "int64", _int64),
    FieldDescriptor.TYPE_UINT64: (VARINT, "uint64", str),
    FieldDescriptor.TYPE_INT32: (VARINT, "int32", _int32),
    FieldDescriptor.TYPE_FIXED64: (I64, "fixed64", _fixed(signed=False, as_text=True)),
    FieldDescriptor.TYPE_FIXED32: (I32, "fixed32", _fixed(signed=False, as_text=False)),
    FieldDescriptor.TYPE_BOOL: (VARINT, "bool", bool),
    FieldDescriptor.TYPE_STRING: (LEN, "string", bytes.decode),
    FieldDescriptor.TYPE_BYTES: (LEN, "bytes", base64),
    FieldDescriptor.TYPE_UINT32: (VARINT, "uint32", _uint32),
    FieldDescriptor.TYPE_SFIXED32: (I32, "sfixed32", _fixed(signed=True, as_text=False)),
    FieldDescriptor.TYPE_SFIXED64: (I64, "sfixed64", _fixed(signed=True, as_text=True)),
    FieldDescriptor.TYPE_SINT32: (VARINT, "sint32", _sint32),
    FieldDescriptor.TYPE_SINT64: (VARINT, "sint64", _sint64),
}
