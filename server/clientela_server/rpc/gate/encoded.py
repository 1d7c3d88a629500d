"""Answers that are bytes already, for calls that give the same long answer again and again.

A handler may answer with `Encoded` in the place of its message. gRPC sends the bytes as they are; the doors
that write JSON, or that leave encoding to a library, make the message of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import Message


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of an answer."""

    data: bytes


Answer = Message | Encoded


def serializer(kind: type[Message]) -> Callable[[Answer], bytes]:
    """Give what turns the answers of a call into bytes."""
    serialize = kind.SerializeToString

    def write(answer: Answer) -> bytes:
        return answer.data if isinstance(answer, Encoded) else serialize(answer)

    return write


def message_of(answer: Answer, kind: type[Message]) -> Message:
    """Give the message of an answer."""
    return kind.FromString(answer.data) if isinstance(answer, Encoded) else answer
