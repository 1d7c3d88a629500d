"""A gRPC connection written frame by frame, as client and server would, and what Calls makes of it."""

from base64 import b64encode
from typing import Any

from hpack import Encoder
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame

from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.descriptors import packaged
from clientela_lab.wire.decode.frame import PREFACE
from clientela_lab.wire.decode.frame_decoder import both_directions

Headers = list[tuple[str, Any]]


def prefixed(data: bytes, compressed: int = 0) -> bytes:
    return bytes([compressed]) + len(data).to_bytes(4, "big") + data


def bin_value(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


class Exchange:
    """Both ends of a connection; `events` is what the calls on it come to. One frame a tenth of a second."""

    def __init__(self) -> None:
        self.calls = Calls(packaged())
        self.events: list[Any] = []
        self.frames: list[bytes] = []
        self._up, self._down = both_directions()
        self._up_encoder, self._down_encoder = Encoder(), Encoder()
        self._up.feed(PREFACE + SettingsFrame().serialize())
        self._down.feed(SettingsFrame().serialize())

    def send(self, frame: Frame, *, up: bool, passed: bool = True, by_proxy: bool = False) -> None:
        raw = frame.serialize()
        [read] = (self._up if up else self._down).feed(raw)
        self.frames.append(raw)
        n = len(self.frames)
        self.events += self.calls.feed(read, n, n / 10, passed=passed, by_proxy=by_proxy)

    def ask(self, path: str, more: Headers | None = None, stream: int = 1, *, end: bool = False) -> None:
        headers = [(":method", "POST"), (":path", path), ("content-type", "application/grpc")]
        self.headers(headers + (more or []), stream, up=True, end=end)

    def answer(self, more: Headers | None = None, stream: int = 1) -> None:
        headers = [(":status", "200"), ("content-type", "application/grpc")]
        self.headers(headers + (more or []), stream, up=False)

    def end(self, status: str = "0", more: Headers | None = None, stream: int = 1) -> None:
        self.headers([("grpc-status", status), *(more or [])], stream, up=False, end=True)

    def headers(self, headers: Headers, stream: int, *, up: bool, end: bool = False) -> None:
        data = (self._up_encoder if up else self._down_encoder).encode(headers)
        flags = ["END_HEADERS", *(["END_STREAM"] if end else [])]
        self.send(HeadersFrame(stream, data, flags=flags), up=up)

    def data(self, data: bytes, stream: int = 1, *, up: bool, end: bool = False, passed: bool = True) -> None:
        self.send(DataFrame(stream, data, flags=["END_STREAM"] if end else []), up=up, passed=passed)

    def reset(self, stream: int = 1, *, up: bool, by_proxy: bool = False) -> None:
        self.send(RstStreamFrame(stream, 8), up=up, by_proxy=by_proxy)

    def goaway(self, last: int) -> None:
        self.send(GoAwayFrame(0, last, 0), up=False)

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event["event"] == kind]
