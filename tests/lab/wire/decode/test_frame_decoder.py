"""HTTP/2 frames are decoded from any pieces of any bytes: nothing is lost, and invalid bytes are reported."""

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.wire.decode import frame as shown
from clientela_lab.wire.decode.frame import PREFACE
from clientela_lab.wire.decode.frame_decoder import FrameReader, both_directions

REQUEST = [(":method", "POST"), (":path", "/a.B/C"), ("x-long", "v" * 100), ("x-bin", "AAEC")]


def frame(kind: type[Frame], stream: int = 0, flags: tuple[str, ...] = (), **what: object) -> bytes:
    made = kind(stream, flags=flags)
    for name, value in what.items():
        setattr(made, name, value)
    return made.serialize()


def block(headers: list[tuple[str, str]] = REQUEST, encoder: Encoder | None = None) -> bytes:
    return (encoder or Encoder()).encode(headers)


# By hand: hyperframe writes one byte of a setting's number only.
HELLO = PREFACE + bytes.fromhex("000012 04 00 00000000 0001 00001000 0005 00010000 fe03 00000001")
END = ("END_STREAM",)
CONVERSATION = (
    HELLO
    + frame(HeadersFrame, 1, ("END_HEADERS", "PADDED", "PRIORITY"), data=block(), pad_length=7, depends_on=3)
    + frame(DataFrame, 1, ("PADDED", *END), data=b"abc", pad_length=4)
    + frame(DataFrame, 3, END, data=b"")
    + frame(WindowUpdateFrame, 1, window_increment=77)
    + frame(PingFrame, flags=("ACK",), opaque_data=b"12345678")
    + frame(PriorityFrame, 5, depends_on=1)
    + frame(RstStreamFrame, 1, error_code=8)
    + bytes.fromhex("000002 21 00 00000009 ffff")
    + frame(GoAwayFrame, last_stream_id=7, error_code=0, additional_data=b"bye")
)
CONTINUED = (
    frame(HeadersFrame, 11, END, data=block()[:5])
    + frame(ContinuationFrame, 11, data=block()[5:50])
    + frame(ContinuationFrame, 11, ("END_HEADERS",), data=block()[50:])
)


def read(data: bytes, *, from_client: bool = True) -> list[shown.Frame]:
    return FrameReader(from_client).feed(data)


def greeted(data: bytes) -> list[shown.Frame]:
    """Read what a client sends after its preface and settings."""
    return read(HELLO + data)[2:]


def test_each_kind_is_read_with_what_it_carries() -> None:
    frames = read(CONVERSATION)
    kinds = "PREFACE SETTINGS HEADERS DATA DATA WINDOW_UPDATE PING PRIORITY RST_STREAM 0x21 GOAWAY"
    assert [one.kind for one in frames] == kinds.split()
    assert not [one.wrong for one in frames if one.wrong]
    _, settings, headers, data, empty, window, ping, _, reset, unknown, goaway = frames
    assert settings.settings == {"HEADER_TABLE_SIZE": 4096, "MAX_FRAME_SIZE": 65536, "0xfe03": 1}
    assert headers.headers == REQUEST
    assert headers.flags == ("END_HEADERS", "PADDED", "PRIORITY")
    assert data.raw[slice(*data.data)] == b"abc"
    assert data.ends_stream and empty.ends_stream and not headers.ends_stream
    assert window.increment == 77
    assert (ping.ping, ping.flags) == (b"12345678".hex(), ("ACK",))
    assert reset.error_code == "CANCEL"
    assert (unknown.stream, unknown.length) == (9, 2)
    assert (goaway.last_stream, goaway.error_code, goaway.debug) == (7, "NO_ERROR", "bye")


@given(st.lists(st.integers(1, 40), max_size=60))
def test_pieces_make_no_difference(sizes: list[int]) -> None:
    reader, left, found = FrameReader(from_client=True), CONVERSATION, []
    for size in [*sizes, len(CONVERSATION)]:
        found += reader.feed(left[:size])
        left = left[size:]
    assert found == read(CONVERSATION)
    assert reader.rest() is None


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_are_lost_whatever_they_are(noise: bytes, greet: bool) -> None:
    for from_client, hello in ((True, HELLO), (False, HELLO[len(PREFACE) :])):
        reader = FrameReader(from_client)
        data = hello + noise if greet else noise
        frames = reader.feed(data)
        rest = reader.rest()
        assert b"".join(one.raw for one in (*frames, *([rest] if rest else []))) == data


@given(st.integers(0, 12), st.binary(max_size=60), st.integers(0, 255), st.integers(0, 3))
def test_a_frame_of_noise_is_a_frame(kind: int, payload: bytes, flags: int, stream: int) -> None:
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    [first, second] = greeted(head + payload + frame(PingFrame, opaque_data=b"12345678"))
    assert first.raw == head + payload
    assert second.kind == "PING"


def test_what_does_not_end_within_a_frame_is_left_over() -> None:
    reader = FrameReader(from_client=True)
    reader.feed(HELLO + b"\0\0\x09DATA")
    rest = reader.rest()
    assert rest is not None
    assert (rest.kind, rest.raw) == ("RAW", b"\0\0\x09DATA")
    assert rest.wrong == "the connection ended within a frame"


def test_a_header_block_may_go_on_in_continuations() -> None:
    begun, going_on, complete = greeted(CONTINUED)
    assert (begun.headers, going_on.headers, complete.headers) == (None, None, REQUEST)
    assert complete.ends_stream
    assert not begun.ends_stream


def test_an_interrupted_header_block_is_wrong_and_no_later_one_is_guessed() -> None:
    parts = frame(HeadersFrame, 1, data=block()[:5]) + frame(PingFrame, opaque_data=b"12345678")
    _, ping, later = greeted(parts + frame(HeadersFrame, 3, ("END_HEADERS",), data=block()))
    assert ping.wrong == "a header block was not continued"
    assert later.headers is None
    assert later.wrong == "an earlier header block was broken: one was never completed"


def test_a_broken_header_block_is_wrong_and_the_rest_of_the_connection_is_still_read() -> None:
    broken = frame(HeadersFrame, 1, ("END_HEADERS",), data=b"\xff\xff\xff")
    first, second, data = greeted(
        broken + frame(HeadersFrame, 3, ("END_HEADERS",), data=block()) + frame(DataFrame, 3, data=b"x")
    )
    assert first.wrong and second.wrong
    assert data.raw[slice(*data.data)] == b"x"


def test_the_same_block_means_the_same_until_the_table_changes() -> None:
    encoder = Encoder()
    added, repeated, again = (block(encoder=encoder) for _ in range(3))
    assert repeated == again
    other = block([("x-other", "1")], encoder)
    shifted = block(encoder=encoder)
    assert shifted != repeated
    blocks = [added, repeated, again, other, shifted]
    frames = greeted(b"".join(frame(HeadersFrame, 1, ("END_HEADERS",), data=one) for one in blocks))
    assert [one.headers for one in frames] == [REQUEST, REQUEST, REQUEST, [("x-other", "1")], REQUEST]


def test_headers_that_are_no_text_are_shown_escaped() -> None:
    encoder = Encoder()
    data = encoder.encode([(b"x-raw", b"caf\xe9")])
    [one] = greeted(frame(HeadersFrame, 1, ("END_HEADERS",), data=data))
    assert one.headers == [("x-raw", "caf\\xe9")]


def test_metadata_that_crosses_as_bytes_is_shown_as_base64() -> None:
    data = Encoder().encode([(b"seal-bin", b"\0\0\xff"), (b"old-bin", b"AP8="), (b"odd", b"\0")])
    [one] = greeted(frame(HeadersFrame, 1, ("END_HEADERS",), data=data))
    assert one.headers == [("seal-bin", "AP8="), ("old-bin", "AP8="), ("odd", "\0")]


def test_settings_count_from_their_acknowledgement_on() -> None:
    client, server = both_directions()
    client.feed(HELLO)
    server.feed(frame(SettingsFrame, settings={1: 0, 5: 20_000}))
    large = frame(DataFrame, 1, data=bytes(20_000))
    [_, allowed] = client.feed(frame(SettingsFrame, flags=("ACK",)) + large)
    assert allowed.kind == "DATA"
    [not_shrunk] = client.feed(frame(HeadersFrame, 3, ("END_HEADERS",), data=block()))
    assert not_shrunk.wrong == "Encoder did not shrink table size to within the max"


def test_a_frame_longer_than_allowed_ends_the_reading_and_passes_as_it_is() -> None:
    client, _ = both_directions()
    large = frame(DataFrame, 1, data=bytes(20_000))
    [*_, raw] = client.feed(HELLO + large)
    assert (raw.kind, raw.raw) == ("RAW", large)
    assert raw.wrong == "a frame of 20000 bytes, where 16384 are allowed"
    assert [one.raw for one in client.feed(b"more")] == [b"more"]


def test_another_protocol_is_reported_at_once() -> None:
    [request] = read(b"GET / HTTP/1.1\r\n")
    assert (request.kind, request.wrong) == ("RAW", "HTTP/1.1 GET /: not HTTP/2")
    [answer] = read(b"HTTP/1.1 400 Bad Request\r\n", from_client=False)
    assert (answer.kind, answer.wrong) == ("RAW", "HTTP/1.1 400 Bad Request: not HTTP/2")
    assert answer.length == len(answer.raw)
