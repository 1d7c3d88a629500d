"""The events of a recording: one a line, each a JSON object with a kind, a number and a time.

Rule: an event is a plain dict of one of the types below; docs/recordings.md describes each key of each.
Texts, numbers and lists only; bytes are base64. Read next: recording.py, which writes and reads them.
"""

from base64 import b64encode
from typing import Literal, NotRequired, TypeAlias, TypedDict, cast, get_args, get_type_hints

import orjson

from clientela_client.wire_format.nodes import FieldNode, Json, Range
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.headers import without_secrets

Side: TypeAlias = Literal["client", "server", "tap"]
EndedBy: TypeAlias = Literal["client", "server", "tap", "cut"]
CallKind: TypeAlias = Literal["unary", "client_stream", "server_stream", "bidi", "?"]
Pairs: TypeAlias = list[tuple[str, str]]

# "from" is a keyword of Python, so the class syntax cannot declare it.
_From = TypedDict("_From", {"from": Side})


class Numbered(TypedDict):
    """The keys of every recorded event: its number, from 1, and its time in seconds since the start."""

    n: NotRequired[int]
    t: NotRequired[float]


class RecordingEvent(Numbered):
    """The first event of every recording; `began` is an RFC 3339 time."""

    event: Literal["recording"]
    version: int
    began: str
    upstream: str
    listen: str
    title: str


class OpenEvent(Numbered):
    """A client has connected to the proxy."""

    event: Literal["open"]
    conn: int
    peer: str
    tls: bool


class CloseEvent(Numbered):
    """A connection was closed; `by`: the side that closed first."""

    event: Literal["close"]
    conn: int
    by: Side
    why: str


class FrameEvent(Numbered, _From):
    """One HTTP/2 frame, byte for byte."""

    event: Literal["frame"]
    conn: int
    stream: int
    kind: str
    flags: tuple[str, ...] | list[str]
    length: int
    raw: str
    passed: bool
    headers: NotRequired[Pairs]
    settings: NotRequired[dict[str, int]]
    increment: NotRequired[int]
    error_code: NotRequired[str]
    last_stream: NotRequired[int]
    debug: NotRequired[str]
    ping: NotRequired[str]
    wrong: NotRequired[str]


class CallBeginEvent(Numbered):
    """A call's request headers were sent."""

    event: Literal["call_begin"]
    call: int
    conn: int
    stream: int
    method: str
    kind: CallKind
    timeout_s: NotRequired[float]
    metadata: Pairs
    frame: int


class Part(TypedDict):
    """The place of a part of a message: its frame's number, and the offsets within the frame's raw bytes."""

    frame: int
    at: Range


class MessageEvent(Numbered, _From):
    """One gRPC message."""

    event: Literal["message"]
    call: int
    stream: int
    method: str
    type: str | None
    index: int
    compressed: bool
    length: int
    fields: list[FieldNode]
    parts: list[Part]
    passed: bool
    wrong: NotRequired[str]
    unpacked: NotRequired[str]


class BodyEvent(Numbered, _From):
    """The body of an answer that is not gRPC."""

    event: Literal["body"]
    call: int
    stream: int
    method: str
    type: str
    length: int
    text: NotRequired[str]
    parts: list[Part]
    passed: bool


class CallEndEvent(Numbered):
    """A call ended; status is None where it was cut off."""

    event: Literal["call_end"]
    call: int
    conn: int
    stream: int
    status: str | None
    text: str
    details: list[dict[str, Json]]
    metadata: Pairs
    trailers: Pairs
    ms: float
    by: EndedBy
    passed: bool


class FaultEvent(Numbered):
    """A rule of the proxy acted."""

    event: Literal["fault"]
    what: str
    text: str
    call: NotRequired[int]
    conn: NotRequired[int]


class ServerEvent(Numbered):
    """The server's process was killed, frozen, thawed, stopped or started."""

    event: Literal["server"]
    what: Literal["started", "ready", "frozen", "thawed", "killed", "stopped"]
    text: str


class ScenarioEvent(Numbered):
    """The scenario that is run, its question and prediction; `without`: the protection that is left out."""

    event: Literal["scenario"]
    name: str
    question: str
    prediction: str
    protection: str
    without: str | None


class SayEvent(Numbered):
    """A line of the scenario's narrative."""

    event: Literal["say"]
    text: str
    who: NotRequired[str]


class EntryEvent(Numbered):
    """One entry of the server's journal, read over the wire afterwards."""

    event: Literal["entry"]
    revision: int
    commit_time: str
    actor: str
    method: str
    request_id: str
    name: str
    before: Json
    after: Json
    stage_change: Json
    call: int | None


class BeliefEvent(Numbered):
    """What a client believes to be true."""

    event: Literal["belief"]
    client: str
    about: str
    outcome: Literal["done", "not done", "in doubt", "read"]
    value: Json


class TruthEvent(Numbered):
    """What the server's ledger holds."""

    event: Literal["truth"]
    about: str
    value: Json


class CheckEvent(Numbered):
    """A prediction, and whether it was met."""

    event: Literal["check"]
    what: str
    wanted: Json
    got: Json
    right: bool


class VerdictEvent(Numbered):
    """The result of a scenario's run."""

    event: Literal["verdict"]
    text: str
    kept: bool


CallEvent: TypeAlias = CallBeginEvent | MessageEvent | BodyEvent | CallEndEvent
Event: TypeAlias = (
    RecordingEvent
    | OpenEvent
    | CloseEvent
    | FrameEvent
    | CallEvent
    | FaultEvent
    | ServerEvent
    | ScenarioEvent
    | SayEvent
    | EntryEvent
    | BeliefEvent
    | TruthEvent
    | CheckEvent
    | VerdictEvent
)
KINDS: dict[str, type] = {get_args(get_type_hints(kind)["event"])[0]: kind for kind in get_args(Event)}
_OF_A_FRAME = ("headers", "settings", "increment", "error_code", "last_stream", "debug", "ping", "wrong")


def frame_event(frame: Frame, conn: int, *, passed: bool = True, by_proxy: bool = False) -> FrameEvent:
    """Return the event of a frame; by_proxy: whether the proxy itself sent it."""
    event: FrameEvent = {
        "event": "frame",
        "conn": conn,
        "from": "tap" if by_proxy else "client" if frame.from_client else "server",
        "stream": frame.stream,
        "kind": frame.kind,
        "flags": frame.flags,
        "length": frame.length,
        "raw": b64encode(frame.raw).decode(),
        "passed": passed,
    }
    if frame.kind == "DATA" and frame.wrong is None:
        return event  # most frames are
    for key in _OF_A_FRAME:
        if (value := getattr(frame, key)) is not None:
            event[key] = without_secrets(value) if key == "headers" else value  # type: ignore[literal-required]
    return event


def to_line(event: Event) -> bytes:
    """Serialize an event as one line of JSON, newline included."""
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes) -> Event:
    """Parse one line. Raises ValueError where it is not an event of this module's types."""
    event = orjson.loads(line)
    if not isinstance(event, dict) or event.get("event") not in KINDS:
        raise ValueError("not an event of a recording")
    return cast("Event", event)
