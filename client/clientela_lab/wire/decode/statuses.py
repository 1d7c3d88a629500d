"""A call's trailers decoded: the status, its text, and the google.rpc details.

Rule: whatever a server sends there is shown; what cannot be decoded is shown as it is.
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
    """Return the name of a grpc-status number; an unknown one is returned as it is."""
    return _NAMES.get(number, number)


def status_text(trailers: Mapping[str, str]) -> str:
    """Decode grpc-message, which is percent-encoded."""
    return escaped(unquote_to_bytes(trailers.get("grpc-message", "")))


def status_details(trailers: Mapping[str, str], descriptors: Descriptors) -> list[dict[str, Any]]:
    """Decode grpc-status-details-bin into the detail messages' JSON, each with its "type"."""
    packed = trailers.get("grpc-status-details-bin")
    if packed is None:
        return []
    try:
        status = Status.FromString(from_bin(packed))
    except (DecodeError, ValueError):
        return [{"type": "?", "value": packed}]
    return [_detail(one, descriptors) for one in status.details]


def from_bin(value: str) -> bytes:
    """Decode the value of a "-bin" key: base64, usually unpadded. Raises ValueError."""
    try:
        return b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


class _Known:
    """Descriptors behind the one method of a DescriptorPool that resolves an Any's type."""

    def __init__(self, descriptors: Descriptors) -> None:
        self._descriptors = descriptors

    def FindMessageTypeByName(self, name: str) -> Descriptor:  # noqa: N802  protobuf's own name
        """Return a message's descriptor. Raises KeyError."""
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
        except (DecodeError, ValueError, TypeError):  # the last two: values that JSON cannot represent
            pass
        else:
            return {"type": name, **told}
    return {"type": name, "value": base64(detail.value)}
