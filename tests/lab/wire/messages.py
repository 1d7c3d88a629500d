"""Random messages of any type, made by its descriptor, and the message that a tree of fields comes to."""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.text_format import MessageToString
from hypothesis import strategies as st

from clientela_lab.wire.events import FieldNode

_F = FieldDescriptor
_RANGES = {
    (_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32): (-(2**31), 2**31 - 1),
    (_F.TYPE_UINT32, _F.TYPE_FIXED32): (0, 2**32 - 1),
    (_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64): (-(2**63), 2**63 - 1),
    (_F.TYPE_UINT64, _F.TYPE_FIXED64): (0, 2**64 - 1),
}
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    kind: st.integers(*bounds) | st.sampled_from([*bounds])
    for kinds, bounds in _RANGES.items()
    for kind in kinds
} | {
    _F.TYPE_BOOL: st.booleans(),
    _F.TYPE_STRING: st.text(max_size=12),
    _F.TYPE_BYTES: st.binary(max_size=12),
    _F.TYPE_DOUBLE: st.floats(),
    _F.TYPE_FLOAT: st.floats(width=32),
}


@st.composite
def messages_of(draw: st.DrawFn, descriptor: Descriptor, depth: int = 3) -> Message:
    """Draw a message with some of its fields set."""
    made = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if (field.message_type is None or depth > 0) and draw(st.booleans()):
            _set(draw, made, field, depth)
    return made


def _set(draw: st.DrawFn, made: Message, field: FieldDescriptor, depth: int) -> None:
    values = _values(field, depth)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        for entry in draw(st.lists(values, max_size=3)):
            _put(getattr(made, field.name), entry)
    elif field.is_repeated:
        getattr(made, field.name).extend(draw(st.lists(values, max_size=4)))
    elif field.message_type is not None:
        getattr(made, field.name).CopyFrom(draw(values))
    else:
        setattr(made, field.name, draw(values))


def _put(mapping: Any, entry: Any) -> None:
    if isinstance(entry.value, Message):
        mapping[entry.key].CopyFrom(entry.value)
    else:
        mapping[entry.key] = entry.value


def _values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return messages_of(field.message_type, depth - 1)
    if field.enum_type is not None:
        known = st.sampled_from([value.number for value in field.enum_type.values])
        return known if field.enum_type.is_closed else known | st.integers(-5, 2**31 - 1)
    return _SCALARS[field.type]


def rebuilt(nodes: Sequence[FieldNode], descriptor: Descriptor) -> Message:
    """Make the message that a tree of fields tells of; field after field, as a parser merges them."""
    made = GetMessageClass(descriptor)()
    for node in nodes:
        if node["type"] is None or node["type"].endswith("?"):
            continue
        field = descriptor.fields_by_number[node["number"]]
        assert node["name"] == field.name
        if field.message_type is not None:
            if field.message_type.GetOptions().map_entry and any(
                one["name"] is None for one in node["fields"]
            ):
                continue  # the library takes an entry that holds more than key and value to be unknown
            inner = rebuilt(node["fields"], field.message_type).SerializePartialToString()
            made.MergeFromString(_framed(field, inner))
        else:
            _set_scalar(made, field, node["value"])
    return made


def _framed(field: FieldDescriptor, inner: bytes) -> bytes:
    if field.type == _F.TYPE_GROUP:
        return _varint(field.number << 3 | 3) + inner + _varint(field.number << 3 | 4)
    return _varint(field.number << 3 | 2) + _varint(len(inner)) + inner


def _varint(number: int) -> bytes:
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _set_scalar(made: Message, field: FieldDescriptor, value: Any) -> None:
    values = [_from_json(field, one) for one in (value if isinstance(value, list) else [value])]
    if field.enum_type is not None and field.enum_type.is_closed:
        values = [one for one in values if one in field.enum_type.values_by_number]
    if field.is_repeated:
        getattr(made, field.name).extend(values)
    elif values:
        setattr(made, field.name, values[-1])


def _from_json(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values_by_name[value].number if isinstance(value, str) else value
    if field.type in {_F.TYPE_DOUBLE, _F.TYPE_FLOAT}:
        return float(value)
    if field.type == _F.TYPE_BYTES:
        return b64decode(value)
    return value if field.type in {_F.TYPE_STRING, _F.TYPE_BOOL} else int(value)


def shown(message: Message) -> str:
    """Show what a message means: known fields alone, in order, with one kind of NaN."""
    bare = type(message)()
    bare.CopyFrom(message)
    bare.DiscardUnknownFields()
    return MessageToString(bare)
