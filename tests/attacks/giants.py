"""Messages that are too large, or become so: a megabyte and a byte; 64 MiB of zeros in 64 KB of gzip.

What stops it: a message has at most 1 MiB (`grpc.max_receive_message_length`); one that is larger is
RESOURCE_EXHAUSTED, and nothing of it is looked at. gRPC unpacks a message whole before it counts: a
megabyte of gzip may become a gigabyte of memory. So packed messages are not taken at all
(`grpc.compression_enabled_algorithms_bitset`): UNIMPLEMENTED, as gRPC has it for an encoding that is not
there.
"""

import zlib
from functools import cache

from hpack import Decoder
from hyperframe.frame import DataFrame, HeadersFrame, SettingsFrame, WindowUpdateFrame

from tests.attacks.siege import Attack, Target
from tests.attacks.wire import Wire, frame, headers_frame, request_headers

CREATE = "/clientela.v1.CustomerService/CreateCustomer"
MESSAGE_MAX = 1024 * 1024
_FRAME = 16_000
WINDOW = 65_535
INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED = "3", "8", "12"


@cache
def bomb() -> bytes:
    """64 MiB of zeros, packed by gzip."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(MESSAGE_MAX)) for _ in range(64)) + packer.flush()


def one_byte_too_many(target: Target, messages: int) -> None:
    """Send messages of the limit and a byte."""
    body = (MESSAGE_MAX + 1).to_bytes(4, "big") + bytes(MESSAGE_MAX + 1)
    _refused(target, messages, body, {RESOURCE_EXHAUSTED})


def said_to_be_giant(target: Target, messages: int) -> None:
    """Say that a message of 4 GiB follows: nobody may make room for it."""
    _refused(target, messages, b"\xff\xff\xff\xff" + bytes(1000), {RESOURCE_EXHAUSTED, INVALID_ARGUMENT})


def gzip_bombs(target: Target, messages: int) -> None:
    """Send messages that unpack to a thousand times their size."""
    _refused(target, messages, len(bomb()).to_bytes(4, "big") + bomb(), {UNIMPLEMENTED}, "gzip")


def _refused(target: Target, messages: int, body: bytes, statuses: set[str], encoding: str = "") -> None:
    headers = [("grpc-encoding", encoding)] if encoding else []
    for _ in range(messages):
        with Wire.open(target.address) as wire:
            wire.send(headers_frame(1, request_headers(CREATE, target.token, headers)))
            status = _status_after(wire, bytes([bool(encoding)]) + body)
            assert status in statuses, f"the answer was {status}"


def _status_after(wire: Wire, data: bytes) -> str:
    """Send a call's data as the server gives room for it; return the status that it ends with."""
    sent = 0
    while True:
        while sent < len(data) and (size := min(_FRAME, _room(wire, 0) - sent, _room(wire, 1) - sent)) > 0:
            part = data[sent : sent + size]
            sent += len(part)
            wire.send(frame(DataFrame(1, data=part, flags=["END_STREAM"] if sent == len(data) else [])))
        seen = wire.read_until(lambda seen: isinstance(seen, HeadersFrame | WindowUpdateFrame))
        assert seen, "no answer"
        if isinstance(seen, HeadersFrame):
            return dict(Decoder().decode(seen.data)).get("grpc-status", "")


def _room(wire: Wire, stream: int) -> int:
    """How much the server has let us send, on a stream or (0) on the whole connection."""
    first = [seen.settings for seen in wire.seen if isinstance(seen, SettingsFrame) and seen.settings]
    begun = first[0].get(SettingsFrame.INITIAL_WINDOW_SIZE, WINDOW) if stream else WINDOW
    grown = [seen for seen in wire.seen if isinstance(seen, WindowUpdateFrame) and seen.stream_id == stream]
    return begun + sum(seen.window_increment for seen in grown)


ATTACKS = [
    Attack("messages of the limit and a byte", one_byte_too_many, 5, 100),
    Attack("messages said to have 4 GiB", said_to_be_giant, 20, 1000),
    Attack("gzip bombs", gzip_bombs, 5, 100),
]
