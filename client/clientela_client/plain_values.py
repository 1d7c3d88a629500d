"""Messages as plain values, and back (ProtoJSON)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)


def to_dict(message: Message) -> dict[str, Any]:
    """Return a message as plain values (ProtoJSON), with the contract's field names."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def from_dict(message_type: type[M], values: Mapping[str, Any]) -> M:
    """Return a message from plain values, as `to_dict` returns them; ValueError names the invalid field."""
    try:
        return json_format.ParseDict(dict(values), message_type())
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None
