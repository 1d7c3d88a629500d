"""Codecs of bodies: protobuf's binary form and ProtoJSON.

A body is not parsed before the caller is authenticated: a codec wraps it in a `Body`, which the gate converts
when it is time.
"""

from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from clientela_server.domain.errors import InvalidArgument
from clientela_server.rpc.gate import validation
from clientela_server.web.json_text import Misread, checked, load


@dataclass(frozen=True, slots=True)
class Body:
    """An unparsed message, and its encoding."""

    data: bytes
    is_json: bool

    def binary(self, kind: type[Message]) -> bytes:
        """Return the binary message; InvalidArgument if the JSON is malformed."""
        return from_json(kind, self.data) if self.is_json else self.data


def from_json(kind: type[Message], data: bytes | str) -> bytes:
    """Return JSON as a binary message; InvalidArgument if it is malformed."""
    try:
        return json_format.ParseDict(checked(load(data), kind.DESCRIPTOR), kind()).SerializeToString()
    except (Misread, json_format.ParseError) as error:
        raise malformed(kind, error) from None


def malformed(kind: type[Message], error: Exception) -> InvalidArgument:
    """Return the error of malformed JSON, with the field if it is known."""
    if isinstance(error, Misread):
        return validation.malformed(kind, error.path, error.fact)
    return validation.malformed(kind, "", str(error))


def to_json(message: Message) -> bytes:
    """Return a message as ProtoJSON."""
    return json_format.MessageToJson(message, indent=None, ensure_ascii=False).encode()


class BinaryCodec:
    """The codec of binary protobuf."""

    def name(self) -> str:
        """Return its name in content types."""
        return "proto"

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """Wrap the data, unparsed."""
        return Body(bytes(data), is_json=False)

    def encode(self, message: Message) -> bytes:
        """Return a serialized response."""
        return message.SerializeToString()


class JsonCodec:
    """The codec of ProtoJSON."""

    def name(self) -> str:
        """Return its name in content types."""
        return "json"

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """Wrap the data, unparsed."""
        return Body(bytes(data), is_json=True)

    def encode(self, message: Message) -> bytes:
        """Return a serialized response."""
        return to_json(message)
