"""Responses that are serialized already, for handlers that cache long responses.

A handler may return `Encoded` instead of its message. The gRPC adapter sends the bytes as they are; adapters
that write JSON, or leave encoding to a library, parse them.
"""

from collections.abc import Callable
from typing import NamedTuple

from google.protobuf.message import Message


class Encoded(NamedTuple):
    """A serialized response."""

    data: bytes


Answer = Message | Encoded


def serializer(kind: type[Message]) -> Callable[[Answer], bytes]:
    """Return the serializer for the responses of an RPC."""
    serialize = kind.SerializeToString

    def write(answer: Answer) -> bytes:
        return answer.data if isinstance(answer, Encoded) else serialize(answer)

    return write


def message_of(answer: Answer, kind: type[Message]) -> Message:
    """Return a response as a message, parsed if it is encoded."""
    return kind.FromString(answer.data) if isinstance(answer, Encoded) else answer
