"""Random bytes of two ends are decoded without an error, each call ends once, every event is written."""

from typing import Any

from hpack import Encoder
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.purchases_pb2 import ImportPurchasesRequest, Purchase
from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.descriptors import packaged
from clientela_lab.wire.decode.events import Event, frame_event, from_line, to_line
from clientela_lab.wire.decode.frame import PREFACE
from clientela_lab.wire.decode.frame_decoder import both_directions
from tests.lab.wire.exchange import prefixed

DESCRIPTORS = packaged()
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
PURCHASE = Purchase(name="customers/blue-door/purchases/1", amount={"units": 3}).SerializeToString()
PATHS = ["ImportPurchases", "ExportPurchases", "RecordPurchase", "Sing"]
streams = st.sampled_from([0, 1, 3, 5])
blocks = st.builds(
    lambda path, more: [(":path", f"/clientela.v1.PurchaseService/{path}"), *more],
    st.sampled_from(PATHS),
    st.lists(
        st.sampled_from(
            [
                ("content-type", "application/grpc"),
                ("grpc-encoding", "gzip"),
                ("grpc-timeout", "9S"),
                ("grpc-status", "0"),
                ("grpc-status", "?"),
                ("grpc-message", "%zz%"),
                ("grpc-status-details-bin", "CAUSAw"),
                ("grpc-status-details-bin", b"\0\x08\x05"),
                ("x", b"\xff\0"),
            ]
        ),
        max_size=6,
    ),
).map(lambda headers: Encoder().encode(headers))
messages = st.sampled_from(
    [PURCHASE, b"", ImportPurchasesRequest(items=[{"request_id": "a"}]).SerializeToString()]
)
payloads = (
    blocks
    | st.builds(prefixed, messages | st.binary(max_size=20), st.integers(0, 2))
    | st.binary(max_size=30)
)


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


frames = st.builds(
    frame, st.sampled_from([0, 0, 0, 1, 1, 3, 4, 5, 6, 7, 8, 9, 77]), st.integers(0, 255), streams, payloads
)
# What begins or ends a call, whole and well formed: noise alone would seldom get that far.
begins = st.builds(
    lambda path, stream, flags: frame(
        1,
        flags,
        stream,
        Encoder().encode([(":path", path), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")]),
    ),
    st.sampled_from([f"/clientela.v1.PurchaseService/{path}" for path in PATHS]),
    streams,
    st.sampled_from([4, 5]),
)


@given(
    st.lists(
        st.tuples(st.booleans(), begins | frames | frames, st.booleans(), st.booleans()),
        min_size=1,
        max_size=25,
    )
)
def test_whatever_is_said_is_told(said: list[tuple[bool, bytes, bool, bool]]) -> None:
    up, down = both_directions()
    up.feed(PREFACE + SETTINGS)
    down.feed(SETTINGS)
    calls = Calls(DESCRIPTORS)
    events: list[Event] = []
    for n, (upwards, raw, passed, by_proxy) in enumerate(said):
        for frame in (up if upwards else down).feed(raw):
            events.append(frame_event(frame, 1, passed=passed, by_proxy=by_proxy))
            events += calls.feed(frame, n, n, passed=passed, by_proxy=by_proxy)
    events += calls.cut(len(said))
    assert ids(events, "call_begin") == sorted(ids(events, "call_end"))
    for event in events:
        assert from_line(to_line(event))["event"] == event["event"]


def ids(events: list[Any], kind: str) -> list[int]:
    return [event["call"] for event in events if event["event"] == kind]
