"""The decoder agrees with Wireshark on the same bytes: every frame, header list and field.

Compared: of frames their kind, flags, stream, length and what they carry; of headers each name and value,
byte for byte; of messages compression, length and type; of fields number, name, type, wire type, bytes and
value. Left out, for tshark does not tell it: the type of an empty message, the names of enum types, those of
enum values in packed fields, and status details, which are held against google.protobuf elsewhere. Told in
another way: a header block of several frames (by frame), and the types of map entries (by names of its own).
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from clientela_lab.wire.decode.descriptors import Descriptors, packaged
from tests.lab.wire import corpus
from tests.lab.wire.corpus import Conversation, Piece, conversations
from tests.lab.wire.decode.test_frame_decoder import CONTINUED, CONVERSATION
from tests.lab.wire.proto_text import write_protos
from tests.lab.wire.seen import Seen, seen_by_us
from tests.lab.wire.tshark import seen_by_tshark

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
METHODS = (
    "/clientela.v1.CustomerService/GetCustomer",
    "/clientela.v1.PurchaseService/GetPurchase",
    "/clientela.v1.FeedService/Watch",
    "/grpc.health.v1.Health/Check",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
)


@pytest.fixture(scope="module")
def descriptors() -> Descriptors:
    return packaged()


@pytest.fixture(scope="module")
def protos(descriptors: Descriptors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("protos")
    requests = [descriptors.method(path).request for path in METHODS]
    write_protos([request.file for request in requests if request is not None], folder)
    return folder


@pytest.fixture(scope="module")
def calls() -> Conversation:
    conversation, *_ = conversations(corpus.record())
    return conversation


def differences(ours: Sequence[Seen], theirs: Sequence[Seen]) -> list[tuple[int, str, object, object]]:
    """List what differs: the frame's place, what of it, and what each saw."""
    assert len(ours) == len(theirs)
    return [
        (place, key, our[key], their[key])
        for place, (our, their) in enumerate(zip(ours, theirs, strict=True))
        for key in our
        if our[key] != their[key]
    ]


@pytest.mark.long
def test_calls_of_every_kind_are_read_as_tshark_reads_them(
    calls: Conversation, descriptors: Descriptors, protos: Path, tmp_path: Path
) -> None:
    ours = seen_by_us(calls, descriptors)
    theirs = seen_by_tshark(calls, protos, tmp_path)
    assert differences(ours, theirs) == []
    kinds = {frame["kind"] for frame in ours}
    assert kinds >= set("PREFACE SETTINGS HEADERS DATA WINDOW_UPDATE PING RST_STREAM GOAWAY".split())
    assert sum(len(frame["messages"]) for frame in ours) > 30


def test_packed_messages_and_metadata_of_bytes_are_read_as_tshark_reads_them(
    descriptors: Descriptors, protos: Path, tmp_path: Path
) -> None:
    [conversation] = conversations(corpus.record_packed())
    ours = seen_by_us(conversation, descriptors)
    assert [one["compressed"] for frame in ours for one in frame["messages"]] == [True, True]
    assert differences(ours, seen_by_tshark(conversation, protos, tmp_path)) == []


def test_frames_that_grpc_seldom_sends_are_read_as_tshark_reads_them(
    descriptors: Descriptors, protos: Path, tmp_path: Path
) -> None:
    conversation = Conversation(50051, [Piece(True, CONVERSATION + CONTINUED)])
    ours = seen_by_us(conversation, descriptors)
    assert {frame["kind"] for frame in ours} >= {"CONTINUATION", "PRIORITY", "0x21"}
    assert differences(ours, seen_by_tshark(conversation, protos, tmp_path)) == []


def test_one_changed_byte_is_a_difference_where_it_is(
    calls: Conversation, descriptors: Descriptors, protos: Path, tmp_path: Path
) -> None:
    place = next(at for at, piece in enumerate(calls.pieces) if b"Blue Door" in piece.data)
    pieces = list(calls.pieces[: place + 1])
    ours = seen_by_us(Conversation(calls.port, pieces), descriptors)
    changed = pieces[place].data.replace(b"Blue Door", b"Blur Door", 1)
    pieces[place] = Piece(pieces[place].from_client, changed)
    theirs = seen_by_tshark(Conversation(calls.port, pieces), protos, tmp_path)
    assert {(at, key) for at, key, *_ in differences(ours, theirs)} == {
        (place, "carried"),
        (place, "messages"),
    }
