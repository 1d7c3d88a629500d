"""The fields of a protobuf message as they lie on the wire: each with its number, its value and its bytes.

Rule: google.protobuf, which tells values but not where they lie, is right about what a message means: a test
holds the two against each other. Random bytes never raise; what cannot be read is a last field numbered 0,
and `wrong` says why. What the descriptor does not know is shown by number and wire type, its type a guess.
What is packed in a google.protobuf.Any is read as the message that its type_url names, where that is known.
Read next: shapes.py (names and values), notes.py (values of well-known messages).
"""

from collections.abc import Callable
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor

from clientela_client.wire_format.nodes import FieldNode, Json
from clientela_client.wire_format.notes import NOTES, note_of
from clientela_client.wire_format.shapes import (
    EGROUP,
    I32,
    I64,
    LEN,
    SGROUP,
    VARINT,
    WIRE_NAMES,
    Known,
    Shape,
    base64,
    escaped,
    guess,
    shape_of,
)

DEPTH_MAX = 100
FIELDS_MAX = 50_000
_VARINT_BYTES_MAX = 10
_TAG_BYTES_MAX = 5
_UINT64_MAX = (1 << 64) - 1
_NUMBER_MAX = (1 << 29) - 1
_NOTHING: Shape = {}
_ANY, _TYPE_URL, _PACKED = "google.protobuf.Any", 1, 2
# Finds a message's descriptor by its full name.
Find = Callable[[str], Descriptor | None]


class Fields(NamedTuple):
    """A message's fields in wire order, and why it is malformed, if it is."""

    fields: list[FieldNode]
    wrong: str | None


def read_fields(data: bytes, descriptor: Descriptor | None, find: Find | None = None) -> Fields:
    """Read a message of the described type, or of one that nobody knows.

    find: knows what may be packed in an Any; if not given, what is known beside the descriptor.
    """
    if descriptor is None:
        walk = _Walk(data, find or _nobody)
        return Fields(walk.message(len(data), _NOTHING, 0), walk.wrong)
    walk = _Walk(data, find or _beside(descriptor))
    return Fields(walk.described(len(data), descriptor, 0), walk.wrong)


def _nobody(_: str) -> None:
    """Return no descriptor."""


def _beside(descriptor: Descriptor) -> Find:
    def find(name: str) -> Descriptor | None:
        try:
            return descriptor.file.pool.FindMessageTypeByName(name)
        except KeyError:
            return None

    return find


class _Broken(ValueError):
    """The bytes are malformed from here on."""


class _Walk:
    """One way through one message; `_at` is the offset of the next byte, of `_left` fields more are read."""

    def __init__(self, data: bytes, find: Find, at: int = 0, left: int | None = None) -> None:
        self._data = data
        self._find = find
        self._at = at
        self._left = FIELDS_MAX if left is None else left
        self.wrong: str | None = None

    def described(self, end: int, descriptor: Descriptor, depth: int) -> list[FieldNode]:
        """Read a message of a known type, and the message packed in an Any."""
        fields = self.message(end, shape_of(descriptor), depth)
        if descriptor.full_name == _ANY:
            self._unpack(fields, depth)
        return fields

    def message(self, end: int, shape: Shape, depth: int) -> list[FieldNode]:
        """Read the fields up to an offset."""
        nodes: list[FieldNode] = []
        begin = self._at
        try:
            if depth > DEPTH_MAX:
                raise _Broken(f"nested deeper than {DEPTH_MAX}")
            while (begin := self._at) < end:
                nodes.append(self._field(begin, end, shape, depth))
        except _Broken as error:
            self._blame(str(error))
            rest = base64(self._data[begin:end])
            nodes.append(_node(0, None, None, "?", at=(begin, end), value=rest))
        self._at = end
        return nodes

    def _field(self, begin: int, end: int, shape: Shape, depth: int) -> FieldNode:
        """Read one field; a fast path for known fields with a tag of one byte, which are most."""
        self._spend()
        data = self._data
        known = shape.get(data[begin])
        if known is None or known.plain is None or begin + 1 == end:
            return self._odd_field(begin, end, shape, depth)
        at, number = begin + 2, data[begin + 1]
        if number >= 0x80:
            self._at = begin + 1
            number = self._varint(end)
            at = self._at
        if known.plain == VARINT:
            self._at = at
            return _node(
                known.number, known.name, known.type, known.wire, at=(begin, at), value=known.read(number)
            )
        until = at + number
        if until > end:
            raise _Broken(f"{until - end} bytes are missing")
        if known.message is not None:
            self._at = at
            return self._nested(known, self.described(until, known.message, depth + 1), begin)
        self._at = until
        value = self._value(known, data[at:until])
        return _node(known.number, known.name, known.type, known.wire, at=(begin, until), value=value)

    def _odd_field(self, begin: int, end: int, shape: Shape, depth: int) -> FieldNode:
        """Read a field of any kind."""
        tag = self._varint(end, _TAG_BYTES_MAX)
        known = shape.get(tag)
        if known is None:
            return self._unknown(tag, begin, end, depth)
        if known.message is not None:
            if tag & 7 == SGROUP:
                return self._nested(known, self._group(tag, end, shape_of(known.message), depth), begin)
            return self._nested(known, self.described(self._length(end), known.message, depth + 1), begin)
        if known.packed is not None:
            value = self._packed(known, known.packed, self._length(end))
        else:
            value = self._scalar(known, tag & 7, end)
        return _node(known.number, known.name, known.type, known.wire, at=(begin, self._at), value=value)

    def _nested(self, known: Known, fields: list[FieldNode], begin: int) -> FieldNode:
        node: FieldNode = {
            "number": known.number,
            "name": known.name,
            "type": known.type,
            "wire": known.wire,
            "at": (begin, self._at),
            "fields": fields,
        }
        if known.note is not None and (note := note_of(known.note, fields)) is not None:
            node["value"] = note
        return node

    def _unpack(self, fields: list[FieldNode], depth: int) -> None:
        """Read the message in an Any by its type URL; if it is malformed it stays bytes."""
        urls = [node["value"] for node in fields if node["number"] == _TYPE_URL and node["wire"] == "LEN"]
        descriptor = self._find(urls[-1].rpartition("/")[2]) if urls else None
        if descriptor is None:
            return
        for node in fields:
            if node["number"] == _PACKED and node["wire"] == "LEN":
                self._open(node, descriptor, depth)

    def _open(self, node: FieldNode, descriptor: Descriptor, depth: int) -> None:
        begin, end = node["at"]
        walk = _Walk(self._data, self._find, begin, self._left)
        walk._varint(end, _TAG_BYTES_MAX)
        walk._length(end)
        inner = walk.described(end, descriptor, depth + 1)
        self._left = walk._left
        if walk.wrong is not None:
            return
        node["type"], node["fields"] = descriptor.full_name, inner
        del node["value"]
        note = NOTES.get(descriptor.full_name)
        if note is not None and (said := note_of(note, inner)) is not None:
            node["value"] = said

    def _scalar(self, known: Known, wire: int, end: int) -> Json:
        if wire == VARINT:
            return known.read(self._varint(end))
        return self._value(known, self._bytes(wire, end))

    def _value(self, known: Known, raw: bytes) -> Json:
        try:
            return known.read(raw)
        except UnicodeDecodeError:
            self._blame(f"{known.name} is no UTF-8")
            return escaped(raw)

    def _packed(self, known: Known, wire: int, end: int) -> list[Json]:
        values = []
        while self._at < end:
            self._spend()
            values.append(self._scalar(known, wire, end))
        return values

    def _group(self, tag: int, end: int, shape: Shape, depth: int) -> list[FieldNode]:
        """Read fields up to the tag that ends the group (protobuf's old way to nest)."""
        if depth >= DEPTH_MAX:
            raise _Broken(f"nested deeper than {DEPTH_MAX}")
        nodes: list[FieldNode] = []
        while True:
            begin = self._at
            if self._varint(end, _TAG_BYTES_MAX) == tag - SGROUP + EGROUP:
                return nodes
            self._at = begin
            nodes.append(self._field(begin, end, shape, depth + 1))

    def _unknown(self, tag: int, begin: int, end: int, depth: int) -> FieldNode:
        number, wire = tag >> 3, tag & 7
        if not 0 < number <= _NUMBER_MAX or wire not in {VARINT, I64, LEN, SGROUP, I32}:
            raise _Broken(f"there is no tag {tag}")
        kind: str | None = None
        if wire == SGROUP:
            fields = self._group(tag, end, _NOTHING, depth)
            return self._nested(Known(number, None, None, WIRE_NAMES[wire]), fields, begin)
        if wire == VARINT:
            value = str(self._varint(end))
        elif wire == LEN:
            kind, value = guess(self._bytes(wire, end))
        else:
            value = f"0x{self._bytes(wire, end)[::-1].hex()}"
        return _node(number, None, kind, WIRE_NAMES[wire], at=(begin, self._at), value=value)

    def _bytes(self, wire: int, end: int) -> bytes:
        until = self._length(end) if wire == LEN else self._at + (8 if wire == I64 else 4)
        if until > end:
            raise _Broken("it ends within a number")
        raw = self._data[self._at : until]
        self._at = until
        return raw

    def _length(self, end: int) -> int:
        """Read a length, and return the offset of the end."""
        until = self._varint(end) + self._at
        if until > end:
            raise _Broken(f"{until - end} bytes are missing")
        return until

    def _varint(self, end: int, bytes_max: int = _VARINT_BYTES_MAX) -> int:
        data, at = self._data, self._at
        if at < end and (only := data[at]) < 0x80:
            self._at = at + 1
            return only
        value = 0
        for place, byte in enumerate(data[at : min(end, at + bytes_max)]):
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                self._at = at + place + 1
                return value & _UINT64_MAX
        raise _Broken("it ends within a number" if end - at < bytes_max else "a number without end")

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Broken(f"more than {FIELDS_MAX} fields: the rest is not shown")

    def _blame(self, why: str) -> None:
        self.wrong = self.wrong or why


def _node(
    number: int, name: str | None, kind: str | None, wire: str, *, at: tuple[int, int], value: Json
) -> FieldNode:
    return {"number": number, "name": name, "type": kind, "wire": wire, "at": at, "value": value}
