"""Many unary calls in flight from one thread: what loads servers without taking the processor from them.

    one call = a HEADERS frame that is the same each time, and a DATA frame; many are written at once

The SDK takes about as long for a call as the server does, so on few cores it would measure itself.
Rules: every answer is held against the text that it must contain; one that does not ends the run. Neither
retries nor deadlines nor flow control of what is sent: small calls, in bounded numbers, to our own servers.
Read next: throughput.py, which asks it.
"""

import selectors
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hpack import Decoder, Encoder
from hyperframe.frame import PingFrame, SettingsFrame, WindowUpdateFrame

from clientela_lab.clock import monotonic, thread_time
from clientela_lab.patience import HANG_S
from clientela_lab.wire.decode.frame import HEAD_BYTES, PREFACE

_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY = 0, 1, 3, 4, 6, 7
_END_STREAM, _END_HEADERS, _ACK = 1, 4, 1
_PREFIX_BYTES = 5  # before each message of gRPC
_WINDOW = 2**31 - 1
_READ_BYTES = 1 << 18
_CONNECTIONS_MAX = 8
# The server's header table is switched off, so that each of its blocks can be read alone.
_OPENING = {SettingsFrame.HEADER_TABLE_SIZE: 0, SettingsFrame.INITIAL_WINDOW_SIZE: _WINDOW}
_GREETING = (
    PREFACE
    + SettingsFrame(settings=_OPENING).serialize()
    + WindowUpdateFrame(0, window_increment=_WINDOW - 65_535).serialize()
)
_SETTINGS_ACK = SettingsFrame(flags=["ACK"]).serialize()

# A request, encoded, and what its answer must contain.
Call = tuple[bytes, bytes]


class WrongAnswer(RuntimeError):
    """A call was refused, or answered with something else than it asked for; the message holds what came."""


@dataclass(frozen=True)
class Target:
    """A method of a server. address: HOST:PORT; path: "/package.Service/Method"."""

    address: str
    token: str
    path: str


@dataclass(frozen=True)
class Answered:
    """So many calls were answered, each rightly, in so long; generator_s: the thread's processor time."""

    calls: int
    seconds: float
    generator_s: float


def call_for(targets: Sequence[Target], calls: Iterator[Call], callers: int, seconds: float) -> Answered:
    """Keep `callers` calls in flight, shared equally by the targets, for so long; wait for all answers.

    Raises:
        WrongAnswer: a server refused a call, or gave another answer.
        TimeoutError: no answer came for HANG_S.
    """
    shares = [callers // len(targets) + (n < callers % len(targets)) for n in range(len(targets))]
    connections = [
        connection
        for target, share in zip(targets, shares, strict=True)
        for connection in _connections(target, calls, share)
    ]
    try:
        return _run(connections, seconds)
    finally:
        for connection in connections:
            connection.close()


def _connections(target: Target, calls: Iterator[Call], streams: int) -> Iterator["_Connection"]:
    count = min(_CONNECTIONS_MAX, streams)
    for number in range(count):
        yield _Connection(target, calls, streams // count + (number < streams % count))


def _run(connections: list["_Connection"], seconds: float) -> Answered:
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        began, processor_began = monotonic(), thread_time()
        until = began + seconds
        for connection in connections:
            connection.begin()
        while any(connection.in_flight for connection in connections):
            ready = selector.select(HANG_S)
            if not ready:
                raise TimeoutError("no answer in time")
            more = monotonic() < until
            for key, _ in ready:
                key.data.read(more=more)
    answered = sum(connection.answered for connection in connections)
    return Answered(answered, monotonic() - began, thread_time() - processor_began)


class _Connection:
    """One connection with so many streams of its own in flight."""

    def __init__(self, target: Target, calls: Iterator[Call], streams: int) -> None:
        host, _, port = target.address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=HANG_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered = 0
        self._calls = calls
        self._streams = streams
        self._block, self._same_block = _header_blocks(target)
        self._next = 1
        self._read = b""
        self._wanted: dict[int, bytes] = {}
        self._data: dict[int, bytes] = {}

    @property
    def in_flight(self) -> int:
        """How many calls are not answered yet."""
        return len(self._wanted)

    def begin(self) -> None:
        """Send the greeting and the first calls."""
        self.socket.sendall(_GREETING + b"".join(self._call() for _ in range(self._streams)))

    def read(self, *, more: bool) -> None:
        """Take what has come; send a call for each that was answered, where there shall be more."""
        received = self.socket.recv(_READ_BYTES)
        if not received:
            raise WrongAnswer("the server closed the connection")
        answered = self.answered
        replies = self._take(self._read + received)
        if more:
            replies += [self._call() for _ in range(self.answered - answered)]
        if replies:
            self.socket.sendall(b"".join(replies))

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def _call(self) -> bytes:
        request, wanted = next(self._calls)
        stream, self._next = self._next, self._next + 2
        self._wanted[stream] = wanted
        block, self._block = self._block, self._same_block
        message = struct.pack(">BI", 0, len(request)) + request
        return _frame(_HEADERS, _END_HEADERS, stream, block) + _frame(_DATA, _END_STREAM, stream, message)

    def _take(self, received: bytes) -> list[bytes]:
        """Handle every whole frame; return what is to be sent in reply."""
        replies: list[bytes] = []
        at = 0
        while len(received) - at >= HEAD_BYTES:
            kind, flags, stream = struct.unpack_from(">BBI", received, at + 3)
            end = at + HEAD_BYTES + int.from_bytes(received[at : at + 3])
            if end > len(received):
                break
            self._handle(kind, flags, stream, received[at + HEAD_BYTES : end], replies)
            at = end
        self._read = received[at:]
        return replies

    def _handle(self, kind: int, flags: int, stream: int, payload: bytes, replies: list[bytes]) -> None:
        if kind == _DATA:
            self._data[stream] = self._data.get(stream, b"") + payload
        elif kind == _HEADERS and flags & _END_STREAM:
            self._end(stream, payload)
        elif kind == _PING and not flags & _ACK:
            replies.append(PingFrame(opaque_data=payload, flags=["ACK"]).serialize())
        elif kind == _SETTINGS and not flags & _ACK:
            replies.append(_SETTINGS_ACK)
        elif kind in (_RESET, _GOAWAY):
            raise WrongAnswer(f"the server reset the call: {payload!r}")

    def _end(self, stream: int, block: bytes) -> None:
        wanted = self._wanted.pop(stream)
        data = self._data.pop(stream, b"")
        if wanted not in data[_PREFIX_BYTES:]:
            raise WrongAnswer(f"an answer without {wanted!r}: data {data!r}, {Decoder().decode(block)}")
        self.answered += 1


def _header_blocks(target: Target) -> tuple[bytes, bytes]:
    """Return the headers of a connection's first call, and of all others, which refer to the first's."""
    encoder = Encoder()
    headers = (
        (":method", "POST"),
        (":scheme", "http"),
        (":path", target.path),
        (":authority", target.address),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("authorization", f"Bearer {target.token}"),
    )
    return encoder.encode(headers), encoder.encode(headers)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload
