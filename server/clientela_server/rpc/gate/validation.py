"""Is a message well formed: it can be read, and keeps the rules of the contract, run by protovalidate.

The rules stand in the protos, so that a client in any language can run the same ones before it asks.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from protovalidate import Validator

from clientela_server.domain.errors import FieldFault, InvalidArgument
from clientela_server.rpc.gate.message_sizes import check_sizes

_validator = Validator()


def read(kind: type[Message], data: bytes) -> Message:
    """Read a message from its bytes; InvalidArgument where they are none, or hold a text with a NUL.

    A NUL ends a text for half of the world's programs, databases among them: it is never meant.
    """
    try:
        message = kind.FromString(data)
    except DecodeError:
        raise malformed(kind, "", "these bytes are none") from None
    if b"\0" in data:
        _refuse_nul(message, "")
    return message


def malformed(kind: type[Message], path: str, fact: str) -> InvalidArgument:
    """The refusal of what is no message of a kind: the field that is none, or "" for all of it, and why."""
    return InvalidArgument(
        "MESSAGE_MALFORMED",
        faults=(FieldFault(path, fact),),
        type=kind.DESCRIPTOR.full_name,
        problem=f"{path}: {fact}" if path else fact,
    )


def _refuse_nul(message: Message, path: str) -> None:
    for field, value in message.ListFields():
        here = f"{path}.{field.name}" if path else field.name
        for each in _values(field, value):
            if isinstance(each, str) and "\0" in each:
                raise InvalidArgument.of_field("TEXT_WITH_NUL", here, "must not hold a NUL character")
            if isinstance(each, Message):
                _refuse_nul(each, here)


def _values(field: Any, value: Any) -> list[Any]:
    if not field.is_repeated:
        return [value]
    return [*value.keys(), *value.values()] if isinstance(value, Mapping) else list(value)


def check(message: Any) -> None:
    """Refuse a message that breaks a rule of the contract: every field that is wrong, by its path.

    What may be written in two ways and means the same has one form from here on: a request id in lower case.
    """
    check_sizes(message)
    violations = _validator.collect_violations(message)
    if violations:
        raise _refusal(violations)
    if _has_request_id(message.DESCRIPTOR) and (given := message.request_id) != given.lower():
        message.request_id = given.lower()


@cache
def _has_request_id(kind: Descriptor) -> bool:
    return "request_id" in kind.fields_by_name


def _refusal(violations: list[Any]) -> InvalidArgument:
    # The outermost first: where a name is made of an id, the id itself is to blame.
    protos = sorted((each.proto for each in violations), key=lambda proto: len(proto.field.elements))
    faults = tuple(FieldFault(_path(proto.field), proto.message) for proto in protos)
    return InvalidArgument(
        "FIELD_INVALID",
        faults=faults,
        field=faults[0].path,
        rule=protos[0].rule_id,
        description=faults[0].description,
    )


def _path(field: Any) -> str:
    """Write a field path: purchase.lines[2].quantity, customer.labels["Tier"]."""
    parts: list[str] = []
    for element in field.elements if field else ():
        parts.append(("." if parts else "") + element.field_name + _subscript(element))
    return "".join(parts)


def _subscript(element: Any) -> str:
    subscript = element.subscript
    if subscript is None:
        return ""
    value = getattr(subscript, "value", subscript)
    return f'["{value}"]' if isinstance(value, str) else f"[{value}]"
