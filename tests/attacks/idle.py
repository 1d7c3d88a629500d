"""Connections that say nothing, half of a hello, or half of a call: "slow loris", known since 2009.

Each costs the attacker a packet and the server a file; and where a call is counted before it is known who
calls, a place: then five connections can keep all other callers out. What stops it: the handshake has to
be over in 5 s (`grpc.server_handshake_timeout_ms`); a caller without a token is refused before a byte of
his message is waited for, and one with a token gets half of the places (rpc/gate/concurrency_limit.py) and
10 s for his request; a connection without a call is ended after 5 minutes (`grpc.max_connection_idle_ms`).
"""

import time
from contextlib import ExitStack

from hyperframe.frame import DataFrame, HeadersFrame, RstStreamFrame

from clientela_lab.patience import HANG_S
from clientela_server.rpc.gate.concurrency_limit import CALLS_PER_CALLER_MAX
from tests.attacks.siege import Attack, Target
from tests.attacks.wire import PREFACE, Wire, block, frame, headers_frame, request_headers

ENDED_WITHIN_S = HANG_S
STREAMS = 100
GET = "/clientela.v1.CustomerService/GetCustomer"
HALF_OF_A_LENGTH = b"\0\0\0"


def silent(target: Target, connections: int) -> None:
    """Connect and say nothing, or half of the hello: the server hangs up on all of them."""
    deadline = time.monotonic() + ENDED_WITHIN_S
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(target.address)) for _ in range(connections)]
        for wire in wires[::2]:
            wire.send(PREFACE[:10])
        kept = [wire for wire in wires if not wire.is_closed(max(0.05, deadline - time.monotonic()))]
    assert not kept, f"{len(kept)} of {connections} are still open"


def half_headers(target: Target, connections: int) -> None:
    """Begin a call and never end its headers: there is no call, and so nothing is kept for one."""
    begun = block(request_headers(GET, target.token))[:20]
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire.open(target.address)) for _ in range(connections)]
        for wire in wires:
            wire.send(frame(HeadersFrame(1, data=begun)))


def resets(target: Target, connections: int) -> None:
    """The same, and cut the connection: gRPC may miss that, and keeps the file until its next ping."""
    begun = block(request_headers(GET, target.token))[:20]
    for first in range(0, connections, 50):
        wires = [Wire.open(target.address) for _ in range(min(50, connections - first))]
        for wire in wires:
            wire.send(frame(HeadersFrame(1, data=begun)))
        for wire in wires:
            wire.reset()


def half_messages_of_a_stranger(target: Target, calls: int) -> None:
    """Begin calls without a token, and send half of a message: each is refused, and its stream ended."""
    _half_messages(target.address, "", calls, refused=calls)


def half_messages_of_a_caller(target: Target, calls: int) -> None:
    """The same with a token: as many are waited for as one caller may have, the others are refused."""
    _half_messages(target.address, target.token, calls, refused=max(0, calls - CALLS_PER_CALLER_MAX))


def _half_messages(address: str, token: str, calls: int, refused: int) -> None:
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire.open(address)) for _ in range(-(-calls // STREAMS))]
        for call in range(calls):
            stream = 2 * (call // len(wires)) + 1
            half = headers_frame(stream, request_headers(GET, token))
            wires[call % len(wires)].send(half + frame(DataFrame(stream, data=HALF_OF_A_LENGTH)))
        ended = _ended_streams(wires, refused)
    assert ended == refused, f"{ended} of {calls} calls were refused, and not {refused}"


def _ended_streams(wires: list[Wire], wanted: int) -> int:
    """Wait until the server has ended so many streams, or for a while; tell how many it has."""
    deadline = time.monotonic() + ENDED_WITHIN_S
    while (ended := sum(_ends(wire) for wire in wires)) < wanted and time.monotonic() < deadline:
        for wire in wires:
            list(wire.read(0.02))
    return ended


def _ends(wire: Wire) -> int:
    return len({seen.stream_id for seen in wire.seen if isinstance(seen, RstStreamFrame)})


ATTACKS = [
    Attack("silent connections", silent, 100, 2000),
    Attack("half headers", half_headers, 50, 1000),
    Attack("half headers, cut off", resets, 0, 500),
    Attack("half messages, without a token", half_messages_of_a_stranger, 600, 10_000),
    Attack("half messages, with a token", half_messages_of_a_caller, 600, 2000),
]
