"""Frames that cost the sender nothing and the receiver work.

Known as CVE-2019-9512 (pings), 9513 (priorities), 9515 (settings), 9516 (headers without a name) and 9518
(empty frames), CVE-2024-27316 and others of that year (continuations), CVE-2016-6581 and CVE-2023-33953
(header compression). What stops them: a third ping within 10 s ends the connection
(`grpc.http2.min_ping_interval_without_data_ms`); of answers that the sender doesn't take gRPC queues so
many and then stops reading him; of headers it keeps no more than 16 KiB, however they come
(`grpc.absolute_max_metadata_size`); all else it reads and forgets, in constant memory.
"""

from collections.abc import Callable, Iterator

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.attacks.siege import Attack, Target
from tests.attacks.wire import Wire, block, frame, headers_frame, request_headers

GET = "/clientela.v1.CustomerService/GetCustomer"
IN_ONE_GO = 100
_BOMB_VALUE = 4000


def pings(target: Target, count: int) -> None:
    """A connection that pings all the time is ended."""
    with Wire.open(target.address) as wire:
        _send(wire, count, lambda _: frame(PingFrame(opaque_data=b"12345678")))
        assert wire.is_ended()


def settings(target: Target, count: int) -> None:
    """Change the settings again and again; each change has to be acknowledged."""
    _flood(target, count, lambda place: frame(SettingsFrame(settings={4: 65_535 - place % 2})))


def unread_settings(target: Target, count: int) -> None:
    """The same, and never read the acknowledgements: they must not pile up."""
    with Wire.open(target.address) as wire:
        _send(wire, count, lambda _: frame(SettingsFrame(settings={4: 65_535})))


def priorities(target: Target, count: int) -> None:
    """Reorder streams that there are not."""
    _flood(target, count, lambda place: frame(PriorityFrame(2 * place + 1, stream_weight=place % 256)))


def windows(target: Target, count: int) -> None:
    """Open the connection's window byte by byte."""
    _flood(target, count, lambda _: frame(WindowUpdateFrame(0, window_increment=1)))


def empty_data(target: Target, count: int) -> None:
    """Send a call's message in frames that hold nothing."""
    begun = headers_frame(1, request_headers(GET, target.token))
    _flood(target, count, lambda _: frame(DataFrame(1)), begun)


def continuations(target: Target, count: int) -> None:
    """Headers without an end, a kilobyte at a time."""
    more = block([("x-more", "m" * 1000)])
    begun = frame(HeadersFrame(1, data=block(request_headers(GET, target.token))))
    last = frame(ContinuationFrame(1, flags=["END_HEADERS"]))
    _flood(target, count, lambda _: frame(ContinuationFrame(1, data=more)), begun, last)


def empty_continuations(target: Target, count: int) -> None:
    """Headers without an end, of nothing at all."""
    begun = frame(HeadersFrame(1, data=block(request_headers(GET, target.token))))
    last = frame(ContinuationFrame(1, flags=["END_HEADERS"]))
    _flood(target, count, lambda _: frame(ContinuationFrame(1)), begun, last)


def nameless_headers(target: Target, count: int) -> None:
    """Calls whose headers have neither name nor value, a thousand each."""
    nothing = block(request_headers(GET)) + 1000 * b"\x00\x00\x00"
    _flood(target, count, lambda place: _call(2 * place + 1, nothing))


def header_bombs(target: Target, count: int) -> None:
    """A long header kept in the table once, then named 16,000 times by one byte each: 64 MB out of 16 KB."""
    encoder = Encoder()
    seed = encoder.encode([*request_headers(GET), ("x-bomb", _BOMB_VALUE * "b")])
    bomb = encoder.encode([*request_headers(GET), *(16_000 * [("x-bomb", _BOMB_VALUE * "b")])])
    assert len(bomb) < 32_000
    head, tail = bomb[:16_000], bomb[16_000:]

    def exploding(place: int) -> bytes:
        stream = 2 * place + 3
        begun = frame(HeadersFrame(stream, data=head, flags=["END_STREAM"]))
        return begun + frame(ContinuationFrame(stream, data=tail, flags=["END_HEADERS"]))

    _flood(target, count, exploding, _call(1, seed))


def _call(stream: int, headers: bytes) -> bytes:
    return frame(HeadersFrame(stream, data=headers, flags=["END_HEADERS", "END_STREAM"]))


def _flood(
    target: Target, count: int, make: Callable[[int], bytes], first: bytes = b"", last: bytes = b""
) -> None:
    """Send frames; the server ends the connection, or goes on and answers it."""
    with Wire.open(target.address) as wire:
        wire.send(first)
        _send(wire, count, make)
        wire.send(last)
        # A busy server may end it only while the ping is under way.
        assert wire.is_ended(0.05) or wire.answers_ping() or wire.is_ended()


def _send(wire: Wire, count: int, make: Callable[[int], bytes]) -> None:
    for part in _parts(count, make):
        if not wire.send(part):
            return


def _parts(count: int, make: Callable[[int], bytes]) -> Iterator[bytes]:
    """The frames, a few at a time: the server is to be flooded, not our own Python."""
    for first in range(0, count, IN_ONE_GO):
        yield b"".join(make(place) for place in range(first, min(first + IN_ONE_GO, count)))


ATTACKS = [
    Attack("pings", pings, 1000, 20_000),
    Attack("settings", settings, 2000, 100_000),
    Attack("settings, answers unread", unread_settings, 2000, 100_000),
    Attack("priorities", priorities, 2000, 100_000),
    Attack("window updates", windows, 2000, 100_000),
    Attack("empty data frames", empty_data, 2000, 100_000),
    Attack("continuations", continuations, 1000, 20_000),
    Attack("empty continuations", empty_continuations, 2000, 100_000),
    Attack("headers without names", nameless_headers, 100, 2000),
    Attack("header compression bombs", header_bombs, 50, 500),
]
