"""Frames against the rules of HTTP/2, one rule at a time: the cases of h2spec, by sections of RFC 7540.

A server that goes on after such a frame has two ideas of where it is: that is how requests are smuggled
and how memory is overrun. What stops it: gRPC ends the connection, or the stream where only that is
concerned. What the standard has it ignore it ignores; and some cases more, where it forgets the frame
(`lenient`). Nothing comes of them: there is no stream that they could be taken for, and no proxy of ours
in front that could read them otherwise.
"""

from contextlib import ExitStack
from dataclasses import dataclass

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    RstStreamFrame,
    SettingsFrame,
)

from clientela_lab.patience import HANG_S
from tests.attacks.wire import PREFACE, Headers, Wire, block, frame, headers_frame, raw_frame, request_headers

ENDS, RESETS, IGNORES = "ends the connection", "resets the stream", "goes on"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
PADDED = 0x8
MOST = (2**31 - 1).to_bytes(4, "big")


@dataclass(frozen=True)
class Case:
    """What is sent after the hello, and the least that the server does; the standard may ask for more."""

    section: str
    what: str
    sent: bytes
    outcome: str
    lenient: bool = False

    def __str__(self) -> str:
        return f"{self.section} {self.what}"


def get(*extra: tuple[str, str], without: str = "", **changed: str) -> Headers:
    """The headers of a call, without one or with others."""
    found = request_headers("/clientela.v1.CustomerService/GetCustomer", "", list(extra))
    return [(name, changed.get(name.strip(":"), value)) for name, value in found if name != without]


def call(headers: Headers, stream: int = 1) -> bytes:
    """A call whose stream the client leaves open."""
    return headers_frame(stream, headers)


def done(stream: int = 1) -> bytes:
    """A call that the client has ended."""
    return headers_frame(stream, get(), "END_STREAM")


def setting(number: int, value: int) -> bytes:
    return raw_frame(SETTINGS, 0, 0, number.to_bytes(2, "big") + value.to_bytes(4, "big"))


HALF = frame(HeadersFrame(1, data=block(get())))
FRAMES = [
    Case("4.1", "a frame of no known kind", raw_frame(0xFA, 0, 0, b"8 octets"), IGNORES),
    Case("4.1", "flags that mean nothing", raw_frame(PING, 0x16, 0, b"8 octets"), IGNORES),
    Case("4.2", "a DATA frame that is too long", call(get()) + raw_frame(DATA, 0, 1, bytes(2**24 - 1)), ENDS),
    Case("4.2", "a HEADERS frame that is too long", raw_frame(HEADERS, 4, 1, bytes(2**24 - 1)), ENDS),
    Case(
        "4.3", "headers that can't be unpacked", raw_frame(HEADERS, 4, 1, b"\xff\xff\xff\xff\xff\xff"), ENDS
    ),
    Case("4.3", "a PRIORITY frame among headers", HALF + raw_frame(PRIORITY, 0, 1, bytes(4) + b"\1"), ENDS),
    Case("4.3", "headers of another stream among headers", HALF + call(get(), 3), ENDS),
    Case(
        "6.3",
        "a PRIORITY frame of stream 0",
        raw_frame(PRIORITY, 0, 0, bytes(4) + b"\1"),
        IGNORES,
        lenient=True,
    ),
    Case(
        "6.3",
        "a PRIORITY frame that is too short",
        raw_frame(PRIORITY, 0, 1, bytes(4)),
        IGNORES,
        lenient=True,
    ),
    Case(
        "6.6",
        "a promise made by a client",
        raw_frame(PUSH, 4, 1, bytes(4) + block(get())),
        IGNORES,
        lenient=True,
    ),
    Case("6.8", "a GOAWAY frame of stream 1", raw_frame(GOAWAY, 0, 1, bytes(8)), IGNORES, lenient=True),
]
STREAMS = [
    Case("5.1", "data on an idle stream", frame(DataFrame(1, data=b"x")), IGNORES, lenient=True),
    Case("5.1", "a reset of an idle stream", frame(RstStreamFrame(1)), IGNORES, lenient=True),
    Case("5.1", "a window of an idle stream", raw_frame(WINDOW, 0, 1, b"\0\0\0\1"), IGNORES, lenient=True),
    Case("5.1", "a CONTINUATION without a beginning", frame(ContinuationFrame(1, data=block(get()))), ENDS),
    Case("5.1", "data after the end", done() + frame(DataFrame(1, data=b"x")), RESETS),
    Case("5.1", "headers after the end", done() + done(), RESETS),
    Case("5.1", "a continuation after the end", done() + frame(ContinuationFrame(1)), ENDS),
    Case("5.1.1", "a stream with an even number", done(2), IGNORES, lenient=True),
    Case("5.1.1", "a stream with a lower number", done(5) + done(3), RESETS, lenient=True),
    Case("6.1", "data of stream 0", raw_frame(DATA, 0, 0, b"x"), IGNORES, lenient=True),
    Case(
        "6.1",
        "more padding than data",
        call(get()) + raw_frame(DATA, PADDED, 1, b"\x08ab"),
        RESETS,
        lenient=True,
    ),
    Case("6.2", "headers of stream 0", raw_frame(HEADERS, 5, 0, block(get())), IGNORES, lenient=True),
    Case("6.2", "more padding than headers", raw_frame(HEADERS, 5 | PADDED, 1, b"\xff" + block(get())), ENDS),
    Case("6.4", "a reset of stream 0", raw_frame(RST, 0, 0, bytes(4)), IGNORES, lenient=True),
    Case("6.4", "a reset that is too short", call(get()) + raw_frame(RST, 0, 1, bytes(3)), ENDS),
    Case("6.10", "a CONTINUATION after the last", done() + frame(ContinuationFrame(1, data=b"")), ENDS),
    Case("6.10", "a CONTINUATION of stream 0", HALF + raw_frame(CONTINUATION, 4, 0, block(get())), ENDS),
]
CONTROL = [
    Case("6.5", "an acknowledgement with something in it", raw_frame(SETTINGS, 1, 0, bytes(6)), ENDS),
    Case("6.5", "settings of stream 1", raw_frame(SETTINGS, 0, 1, bytes(6)), ENDS),
    Case("6.5", "settings that are too short", raw_frame(SETTINGS, 0, 0, bytes(3)), ENDS),
    Case("6.5.2", "a push that is neither on nor off", setting(SettingsFrame.ENABLE_PUSH, 2), ENDS),
    Case("6.5.2", "a window beyond the most", setting(SettingsFrame.INITIAL_WINDOW_SIZE, 2**31), ENDS),
    Case("6.5.2", "frames below the least", setting(SettingsFrame.MAX_FRAME_SIZE, 16_383), ENDS),
    Case("6.5.2", "frames beyond the most", setting(SettingsFrame.MAX_FRAME_SIZE, 2**24), ENDS),
    Case("6.5.3", "a setting of no known kind", setting(0xFFFF, 1), IGNORES),
    Case("6.7", "a ping of stream 1", raw_frame(PING, 0, 1, bytes(8)), IGNORES, lenient=True),
    Case("6.7", "a ping that is too short", raw_frame(PING, 0, 0, bytes(6)), ENDS),
    Case("6.7", "an answer to no ping", raw_frame(PING, 1, 0, b"no ping!"), IGNORES),
    Case("6.9", "a window that grows by nothing", raw_frame(WINDOW, 0, 0, bytes(4)), ENDS),
    Case("6.9", "a window that is too short", raw_frame(WINDOW, 0, 0, bytes(3)), ENDS),
    Case("6.9.1", "a window that overflows", 2 * raw_frame(WINDOW, 0, 0, MOST), IGNORES, lenient=True),
    Case(
        "6.9.1", "a stream's window that overflows", call(get()) + 2 * raw_frame(WINDOW, 0, 1, MOST), RESETS
    ),
]
REQUESTS = [
    Case("8.1.2", "a header in capitals", call(get(("X-Loud", "1"))), RESETS),
    Case("8.1.2.1", "a pseudo-header of no known kind", call([(":what", "1"), *get()]), RESETS),
    Case("8.1.2.1", "a pseudo-header of answers", call([(":status", "200"), *get()]), RESETS),
    Case("8.1.2.1", "a pseudo-header behind others", call([*get(without=":path"), (":path", "/")]), RESETS),
    Case("8.1.2.2", "a header of connections", call(get(("connection", "keep-alive"))), RESETS),
    Case("8.1.2.2", "te that is not trailers", call(get(te="gzip")), RESETS),
    Case("8.1.2.3", "no path", call(get(without=":path")), RESETS),
    Case("8.1.2.3", "no method", call(get(without=":method")), RESETS),
    Case("8.1.2.3", "no scheme", call(get(without=":scheme")), RESETS),
    Case("8.1.2.3", "two paths", call([*get()[:3], (":path", "/"), *get()[3:]]), RESETS),
    Case("8.1.2.3", "an empty path", call(get(path="")), RESETS),
    Case(
        "8.1.2.6",
        "another length than said",
        headers_frame(1, get(("content-length", "9")), "END_STREAM"),
        RESETS,
    ),
    Case("8.1", "a method that is not POST", call(get(method="GET")), RESETS),
    Case("8.1", "a type that is not gRPC", call(get(**{"content-type": "text/plain"})), RESETS),
    Case("8.1", "a path of another service", call(get(path="/etc/passwd")), RESETS),
]
CASES = [*FRAMES, *STREAMS, *CONTROL, *REQUESTS]


def outcomes(address: str) -> dict[str, str]:
    """Send every case on a connection of its own, and tell what the server does: all at once, for it takes up
    to a second to refuse headers (`grpc.http.tarpit`), so that guessing is slow."""
    with ExitStack() as stack:
        wires = {str(case): stack.enter_context(Wire.open(address)) for case in CASES}
        for case in CASES:
            wires[str(case)].send(case.sent)
        return {str(case): _outcome(wires[str(case)], case.outcome) for case in CASES}


def _outcome(wire: Wire, wanted: str) -> str:
    """Wait for what is wanted, and tell what came."""
    if wanted != IGNORES:
        wire.read_until(
            lambda seen: isinstance(seen, GoAwayFrame) or (wanted == RESETS and _is_end(seen)), HANG_S
        )
    ended = any(isinstance(seen, GoAwayFrame) for seen in wire.seen)
    if ended or not wire.answers_ping(HANG_S):
        assert ended or wire.closed, "the server neither ends the connection nor answers"
        return ENDS
    return RESETS if any(_is_end(seen) for seen in wire.seen) else IGNORES


def _is_end(seen: Frame) -> bool:
    """Return whether a frame ends a stream: a reset, or an answer that is a refusal."""
    return isinstance(seen, RstStreamFrame) or (isinstance(seen, HeadersFrame) and "END_STREAM" in seen.flags)


def bad_hello(address: str) -> bool:
    """Say hello as no client of HTTP/2 does; return whether the server hangs up."""
    with Wire(address) as wire:
        wire.send(PREFACE.replace(b"SM", b"XX") + frame(SettingsFrame()))
        return wire.is_closed(HANG_S)
