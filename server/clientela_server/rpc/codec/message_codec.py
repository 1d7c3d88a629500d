"""Stores resources as messages of the contract, so that the journal can be read with the protos alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

T = TypeVar("T")
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class MessageCodec(Generic[T, M]):
    """The codec of one type of resources, of its conversions to a message and back."""

    message: type[M]
    to_message: Callable[[T], M]
    from_message: Callable[[M], T]

    def encode(self, resource: T) -> bytes:
        """Return the serialized message of a resource."""
        return self.to_message(resource).SerializeToString()

    def decode(self, record: bytes) -> T:
        """Return the resource of a serialized message."""
        return self.from_message(self.message.FromString(record))
