"""Is a message well formed: the rules written in the contract, run by protovalidate.

The rules stand in the protos, so that a client in any language can run the same ones before it asks.
"""

from typing import Any

from google.protobuf.message import Message
from protovalidate import Validator

from clientela_server.domain.errors import FieldFault, InvalidArgument

_validator = Validator()


def check(message: Message) -> None:
    """Refuse a message that breaks a rule of the contract: every field that is wrong, by its path."""
    violations = _validator.collect_violations(message)
    if violations:
        raise _refusal(violations)


def _refusal(violations: list[Any]) -> InvalidArgument:
    protos = [violation.proto for violation in violations]
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
