"""A gRPC call without gRPC and without protobuf: what is left are frames, five bytes, and tags with values.

    HEADERS   :path /package.Service/Method, content-type application/grpc
    DATA      00  00 00 00 21          not compressed, 33 bytes follow
              0a 1f 63 75 73 ...       field 1, wire type 2: 31 bytes follow
    <- HEADERS, DATA, and HEADERS once more: the trailers, with grpc-status

Only HTTP/2's own housekeeping is left to the h2 package. Read next: scenarios/four_clients.py.
"""

from __future__ import annotations

import socket
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded

from clientela_lab.patience import HANG_S

_VARINT, _BYTES = 0, 2

Fields = dict[int, Any]


def call(address: str, path: str, token: str, message: bytes) -> bytes:
    """Send one message to "/package.Service/Method"; return the answer's bytes, empty where there is none."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), HANG_S) as line:
        http = H2Connection(H2Configuration(header_encoding="utf-8"))
        http.initiate_connection()
        http.send_headers(1, _headers(address, path, token))
        http.send_data(1, b"\0" + len(message).to_bytes(4, "big") + message, end_stream=True)
        line.sendall(http.data_to_send())
        return _body(line, http)[5:]


def _headers(address: str, path: str, token: str) -> list[tuple[str, str]]:
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", address),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("authorization", f"Bearer {token}"),
    ]


def _body(line: socket.socket, http: H2Connection) -> bytes:
    """Read until the stream or the connection ends; return the content of its DATA frames."""
    body = b""
    while received := line.recv(65536):
        for event in http.receive_data(received):
            if isinstance(event, DataReceived):
                body += event.data
            if isinstance(event, StreamEnded):
                return body
        line.sendall(http.data_to_send())
    return body


def text_field(number: int, text: str) -> bytes:
    """Encode a string field of less than 128 bytes."""
    value = text.encode()
    return bytes([number << 3 | _BYTES, len(value)]) + value


def fields(message: bytes) -> Fields:
    """Decode a message's fields by number: varints as integers, all else as bytes; the last of each wins."""
    found: Fields = {}
    while message:
        tag, message = _varint(message)
        value, message = _varint(message)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _BYTES:
            found[number], message = message[:value], message[value:]
        elif wire_type == _VARINT:
            found[number] = value
        else:
            raise ValueError(f"field {number} has the wire type {wire_type}, which our messages do not have")
    return found


def _varint(data: bytes) -> tuple[int, bytes]:
    """Decode a varint: 7 bits of each byte, while its highest bit is set; return it and the rest."""
    value = 0
    for place, byte in enumerate(data):
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, data[place + 1 :]
    raise ValueError("the message ends within a number")
