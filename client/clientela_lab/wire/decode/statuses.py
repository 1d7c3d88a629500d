"""How a call ended, out of its trailers: the status, its text, and the google.rpc details.

Rule: whatever a server writes there is shown; what cannot be read stays as it was.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import grpc
from google.protobuf.any_pb2 import Any as PackedMessage
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from google.rpc.status_pb2 import Status

from clientela_client.wire_format.shapes import base64, escaped
from clientela_lab.wire.decode.descriptors import Descriptors

# A byte that is no text, as headers.py shows it.
_NAMES = {str(code.value[0]): code.name for code in grpc.StatusCode}


def status_name(number: str) -> str:
    """Name the status that grpc-status gives by number; a strange one stays as it is."""
    return _NAMES.get(number, number)


def status_text(trailers: Mapping[str, str]) -> str:
    """Read grpc-message, which is percent-encoded."""
    return escaped(unquote_to_bytes(trailers.get("grpc-message", "")))


def status_details(trailers: Mapping[str, str], descriptors: Descriptors) -> list[dict[str, Any]]:
    """Read grpc-status-details-bin: a list of messages, each with its type beside its JSON."""
    packed = trailers.get("grpc-status-details-bin")
    if packed is None:
        return []
    try:
        status = Status.FromString(from_bin(packed))
    except (DecodeError, ValueError):
        return [{"type": "?", "value": packed}]
    return [_detail(one, descriptors) for one in status.details]


def from_bin(value: str) -> bytes:
    """Decode the value of a key that ends in -bin: base64, mostly without its padding; raises ValueError."""
    try:
        return b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


class _Known:
    """What messages are known, in the way in which protobuf asks for those that are packed in an Any."""

    def __init__(self, descriptors: Descriptors) -> None:
        self._descriptors = descriptors

    def FindMessageTypeByName(self, name: str) -> Descriptor:  # noqa: N802  protobuf's own name
        """Find a message; KeyError where nobody knows it."""
        found = self._descriptors.message(name)
        if found is None:
            raise KeyError(name)
        return found


def _detail(detail: PackedMessage, descriptors: Descriptors) -> dict[str, Any]:
    name = detail.TypeName()
    descriptor = descriptors.message(name)
    if descriptor is not None:
        try:
            message = GetMessageClass(descriptor).FromString(detail.value)
            told = MessageToDict(message, descriptor_pool=cast(DescriptorPool, _Known(descriptors)))
        except (DecodeError, ValueError, TypeError):  # the last two: what JSON has no way to write
            pass
        else:
            return {"type": name, **told}
    return {"type": name, "value": base64(detail.value)}
