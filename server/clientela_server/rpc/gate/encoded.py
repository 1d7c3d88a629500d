"""Responses that are serialized already: of records as they are kept, or cached because they are long.

A handler may return `Encoded` instead of its message. The gRPC adapter sends the bytes as they are; adapters
that write JSON, or leave encoding to a library, parse them.
"""

from typing import NamedTuple

from google.protobuf.message import Message


class Encoded(NamedTuple):
    """A serialized response."""

    data: bytes


Answer = Message | Encoded


def serialized(answer: Answer) -> bytes:
    """Return the bytes of a response."""
    return answer.data if isinstance(answer, Encoded) else answer.SerializeToString()


def message_of(answer: Answer, kind: type[Message]) -> Message:
    """Return a response as a message, parsed if it is encoded."""
    return kind.FromString(answer.data) if isinstance(answer, Encoded) else answer
