"""Build the message of a REST request from its body, query and path.

Rule: each field is given once. A field that body, query and path set differently is refused, as is a
parameter that names a field of a scalar. Source: google/api/http.proto. Read next: `json_text`.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clientela_server.rpc.services.field_masks import find_field
from clientela_server.web.json_text import Misread, checked, load

_BROKEN = re.compile(rb"%(?![0-9a-fA-F]{2})")
_Path = tuple[FieldDescriptor, ...]


def message_of(
    kind: type[Message], body_field: str, body: bytes, query: bytes, in_path: Sequence[tuple[str, str]]
) -> Message:
    """Return the message of body, query and path; Misread names the invalid field.

    body_field: "" where there is no body, "*" where it is the whole message.
    """
    made = kind()
    if body_field:
        given = load(body or b"{}")
        if not isinstance(given, dict):
            raise Misread("" if body_field == "*" else body_field, "the body is no JSON object")
        json_format.ParseDict(
            checked(given if body_field == "*" else {body_field: given}, kind.DESCRIPTOR), made
        )
    asked = _asked(kind.DESCRIPTOR, query)
    for path, values in asked.items():
        _refuse_twice(made, path, body_field)
        json_format.ParseDict(checked(_nested(path, values), kind.DESCRIPTOR), made)
    for name, value in in_path:
        _put(made, name.split("."), value)
    return made


def _asked(kind: Any, query: bytes) -> dict[_Path, list[str]]:
    """Return the values of a query by field path."""
    found: dict[_Path, list[str]] = {}
    for part in query.split(b"&") if query else ():
        name, _, value = part.partition(b"=")
        path = _path(kind, _decoded(name, ""))
        values = found.setdefault(path, [])
        values.append(_decoded(value, _name(path)))
        if len(values) > 1 and not (path[-1].is_repeated or _is_mask(path[-1])):
            raise Misread(_name(path), "is there twice")
    return found


def _decoded(word: bytes, path: str) -> str:
    if _BROKEN.search(word):
        raise Misread(path, "a % in the query must have two hexadecimal digits behind it")
    try:
        return unquote_plus(word.decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        raise Misread(path, "the query is not UTF-8") from None


def _path(kind: Any, name: str) -> _Path:
    """Return the field path of a parameter's name; its last field holds a value."""
    path: list[FieldDescriptor] = []
    message = kind
    for part in name.split("."):
        field = find_field(message, part) if message is not None else None
        if field is None:
            raise Misread(name[:200], f"there is no field {name[:200]}")
        path.append(field)
        message = None if field.is_repeated or _is_value(field) else field.message_type
    if not _is_value(path[-1]):
        raise Misread(_name(path), "holds fields: give these, by their names behind a point")
    return tuple(path)


def _is_value(field: FieldDescriptor) -> bool:
    """Return whether a field is written as one JSON value: a scalar or a well-known type."""
    kind = field.message_type
    return kind is None or kind.full_name.startswith("google.protobuf.")


def _is_mask(field: FieldDescriptor) -> bool:
    """Return whether a field is a FieldMask, which JSON writes as one string."""
    return field.message_type is not None and field.message_type.full_name == "google.protobuf.FieldMask"


def _name(path: Sequence[FieldDescriptor]) -> str:
    return ".".join(field.name for field in path)


def _nested(path: _Path, values: list[str]) -> dict[str, Any]:
    """Return a parameter as nested JSON."""
    nested: Any = ",".join(filter(None, values))
    if not _is_mask(path[-1]):
        read = [_word(path[-1], value, _name(path)) for value in values]
        nested = read if path[-1].is_repeated else read[0]
    for field in reversed(path):
        nested = {field.name: nested}
    return dict(nested)


def _word(field: FieldDescriptor, value: str, path: str) -> Any:
    """Return a parameter's JSON value: a bool or a string, which is parsed later."""
    if field.cpp_type != FieldDescriptor.CPPTYPE_BOOL:
        return value
    if value not in {"true", "false"}:
        raise Misread(path, f'"{value[:40]}" is neither: give true or false')
    return value == "true"


def _refuse_twice(made: Message, path: _Path, body_field: str) -> None:
    """Raise Misread for a parameter that the body sets too, or another member of a oneof that is set."""
    if path[0].name == body_field:
        raise Misread(_name(path), f"belongs into the body, which is the {body_field}")
    message = made
    for field in path:
        oneof = field.containing_oneof
        said = oneof and message.WhichOneof(oneof.name)
        if said and said != field.name:
            raise Misread(_name(path), f"can't be given together with {said}")
        if field is path[-1] or field.is_repeated:
            break
        message = getattr(message, field.name)
    if any(each is path[-1] for each, _ in message.ListFields()):
        raise Misread(_name(path), "is in the body and in the query")


def _put(made: Message, names: Sequence[str], value: str) -> None:
    """Set a field from the path; Misread if it was set to another value."""
    message = made
    for name in names[:-1]:
        message = getattr(message, name)
    said = getattr(message, names[-1])
    if said not in ("", value):
        raise Misread(".".join(names), "is not the one that the path names")
    setattr(message, names[-1], value)
