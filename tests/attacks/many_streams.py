"""Ten thousand calls at once, a hundred on each of a hundred connections.

They are made by strangers, by one caller, and by strangers who ask nothing but whether the server is
well, which needs no token and has no end.

What stops it: 100 streams a connection (`grpc.max_concurrent_streams`); half of the 500 places for one
caller and 100 places of their own for strangers (rpc/gate/concurrency_limit.py); what is beyond is refused
at once and leaves nothing behind.
"""

from contextlib import ExitStack

from tests.attacks.siege import Attack, Target
from tests.attacks.wire import Wire, headers_frame, message_frame, request_headers

STREAMS = 100
WATCH = "/clientela.v1.FeedService/Watch"
HEALTH = "/grpc.health.v1.Health/Watch"


def watches_of_a_stranger(target: Target, streams: int) -> None:
    """Watches without a token: each is refused."""
    _open(target.address, streams, WATCH, "")


def watches_of_a_caller(target: Target, streams: int) -> None:
    """Watches of one caller: he has his share, all others are refused."""
    _open(target.address, streams, WATCH, target.token)


def watches_of_health(target: Target, streams: int) -> None:
    """Watches of the server's health: strangers have their share, all others are refused."""
    _open(target.address, streams, HEALTH, "")


def _open(address: str, streams: int, path: str, token: str) -> None:
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire.open(address)) for _ in range(-(-streams // STREAMS))]
        for wire in wires:
            wire.send(b"".join(_call(2 * place + 1, path, token) for place in range(STREAMS)))
        for wire in wires:
            answered = {seen.stream_id for seen in wire.seen if seen.stream_id}
            while len(answered) < STREAMS:
                seen = wire.read_until(lambda seen: seen.stream_id)
                assert seen, "a call was not answered"
                answered.add(seen.stream_id)


def _call(stream: int, path: str, token: str) -> bytes:
    return headers_frame(stream, request_headers(path, token)) + message_frame(stream, b"")


ATTACKS = [
    Attack("streams, without a token", watches_of_a_stranger, 1000, 10_000),
    Attack("streams, with a token", watches_of_a_caller, 1000, 10_000),
    Attack("streams of the public health service", watches_of_health, 1000, 10_000),
]
