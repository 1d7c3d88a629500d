"""Parse and validate request messages, by the rules of the contract (protovalidate).

The rules are in the protos, so that a client in any language can run the same ones.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from protovalidate import Validator

from clientela_server.domain.errors import FieldFault, InvalidArgument
from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.message_sizes import check_sizes
from clientela_server.rpc.gate.plain_messages import is_plain

_validator = Validator()

# Returns the next request message; anything but bytes stands for the end.
Receive = Callable[[], Awaitable[object]]


def validated(rpc: Rpc, data: object) -> Any:
    """Return the request that the bytes hold; InvalidArgument if they violate the contract, or are none."""
    if not isinstance(data, bytes):
        raise malformed(rpc.request, "", "there is none")
    message = read(rpc.request, data)
    check(message)
    return message


async def validated_each(rpc: Rpc, receive: Receive) -> AsyncIterator[Message]:
    """Yield the validated messages of a client stream."""
    while isinstance(data := await receive(), bytes):
        yield validated(rpc, data)


def read(kind: type[Message], data: bytes) -> Message:
    """Return the message that the bytes hold.

    Raises:
        InvalidArgument: the bytes are malformed (MESSAGE_MALFORMED), or a string holds a NUL (TEXT_WITH_NUL),
            which terminates strings in C programs and is refused by PostgreSQL.
    """
    try:
        message = kind.FromString(data)
    except DecodeError:
        raise malformed(kind, "", "these bytes are none") from None
    if b"\0" in data:
        _refuse_nul(message, "")
    return message


def malformed(kind: type[Message], path: str, fact: str) -> InvalidArgument:
    """Return the error of a malformed message. path: the field, "" for the whole; fact: what is wrong."""
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
    """Raise InvalidArgument if a message violates the contract, with every violation by its path.

    Also normalizes the message: a request id is in lower case afterwards.
    """
    check_sizes(message)
    if not is_plain(message) and (violations := _validator.collect_violations(message)):
        raise _refusal(violations)
    if _has_request_id(message.DESCRIPTOR) and (given := message.request_id) != given.lower():
        message.request_id = given.lower()


@cache
def _has_request_id(kind: Descriptor) -> bool:
    return "request_id" in kind.fields_by_name


def _refusal(violations: list[Any]) -> InvalidArgument:
    # The outermost first: where a name contains an id, the violation is the id's.
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
    """Return a field path as text: purchase.lines[2].quantity, customer.labels["Tier"]."""
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
