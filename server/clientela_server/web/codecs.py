"""What crosses as bytes or as JSON, and the gate wants in bytes.

Nothing is made of a body before the gate has let its sender in: a codec only keeps what came, as a `Body`,
and the gate asks for it when it is time.
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
    """A message as it came, and how it is written."""

    data: bytes
    is_json: bool

    def binary(self, kind: type[Message]) -> bytes:
        """Give the message in bytes; InvalidArgument where the JSON is none of this kind."""
        return from_json(kind, self.data) if self.is_json else self.data


def from_json(kind: type[Message], data: bytes | str) -> bytes:
    """Turn JSON into the bytes of a message; InvalidArgument tells what is wrong with it."""
    try:
        return json_format.ParseDict(checked(load(data), kind.DESCRIPTOR), kind()).SerializeToString()
    except (Misread, json_format.ParseError) as error:
        raise malformed(kind, error) from None


def malformed(kind: type[Message], error: Exception) -> InvalidArgument:
    """Refuse what is no JSON of this kind, with the reason and the field where it is known."""
    if isinstance(error, Misread):
        return validation.malformed(kind, error.path, error.fact)
    return validation.malformed(kind, "", str(error))


def to_json(message: Message) -> bytes:
    """Write a message as JSON, as protobuf defines it."""
    return json_format.MessageToJson(message, indent=None, ensure_ascii=False).encode()


class BinaryCodec:
    """Protobuf's own bytes."""

    def name(self) -> str:
        """Tell how the content type calls it."""
        return "proto"

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """Keep what came."""
        return Body(bytes(data), is_json=False)

    def encode(self, message: Message) -> bytes:
        """Write an answer."""
        return message.SerializeToString()


class JsonCodec:
    """Protobuf's JSON."""

    def name(self) -> str:
        """Tell how the content type calls it."""
        return "json"

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        """Keep what came."""
        return Body(bytes(data), is_json=True)

    def encode(self, message: Message) -> bytes:
        """Write an answer."""
        return to_json(message)
