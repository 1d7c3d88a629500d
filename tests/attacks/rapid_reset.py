"""Calls that are taken back as soon as they are made: CVE-2023-44487, "rapid reset", a record flood in 2023.

A reset stream no longer counts among the 100 that a connection may have, so one connection can begin as
many as it can send, and the server begins the work for each. "Made you reset" (CVE-2025-8671) has the
server do the reset, by a frame that is wrong for the stream. What stops it: gRPC counts a stream until
its work is over, not until it is reset, and refuses what is beyond (REFUSED_STREAM); the gate ends a
call's work when its caller is gone. A window that grows by nothing, the frame that is wrong here, ends
the whole connection.
"""

from hyperframe.frame import HeadersFrame, RstStreamFrame, WindowUpdateFrame

from tests.attacks.siege import Attack, Target
from tests.attacks.wire import Wire, block, frame, request_headers

CANCEL, REFUSED_STREAM = 8, 7
WATCH = "/clientela.v1.FeedService/Watch"
PER_CONNECTION = 10_000


def rapid_reset(target: Target, resets: int) -> None:
    """Begin and reset calls; the server answers the connection afterwards, or has ended it."""
    _begin_and_break(target, resets, lambda stream: frame(RstStreamFrame(stream, error_code=CANCEL)))


def made_you_reset(target: Target, resets: int) -> None:
    """Begin calls, and have the server reset them: by a window that grows by nothing."""
    for _ in range(resets):
        _begin_and_break(target, 1, lambda stream: frame(WindowUpdateFrame(stream)))


def _begin_and_break(target: Target, resets: int, breaking: object) -> None:
    assert callable(breaking)
    headers = block(request_headers(WATCH, target.token))
    for first in range(0, resets, PER_CONNECTION):
        with Wire.open(target.address) as wire:
            for place in range(min(PER_CONNECTION, resets - first)):
                stream = 2 * place + 1
                begun = frame(HeadersFrame(stream, data=headers, flags=["END_HEADERS"]))
                if not wire.send(begun + breaking(stream)):
                    return
            # A busy server may end it only while the ping is under way.
            assert wire.is_ended(0.1) or wire.answers_ping() or wire.is_ended()


ATTACKS = [
    Attack("rapid reset", rapid_reset, 2000, 20_000),
    Attack("made you reset", made_you_reset, 200, 2000),
]
