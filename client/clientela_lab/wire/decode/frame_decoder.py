"""HTTP/2 framing of one direction's bytes (RFC 9113), without I/O.

Rule: the `raw` of all frames and of rest(), joined, are the bytes that were fed. Malformed bytes never raise:
a frame whose payload cannot be decoded says so in `wrong`; where framing is lost, all that follows is "RAW".
Read next: frame.py (the result), headers.py (HPACK), calls.py (gRPC).
"""

from collections.abc import Callable

from hyperframe.exceptions import HyperframeError
from hyperframe.frame import (
    FRAME_MAX_ALLOWED_LEN,
    FRAME_MAX_LEN,
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hyperframe.frame import Frame as Parsed

from clientela_lab.wire.decode.frame import (
    HEAD_BYTES,
    PREFACE,
    Frame,
    error_name,
    flag_names,
    kind_name,
    setting_name,
)
from clientela_lab.wire.decode.headers import BLOCK_BYTES_MAX, BrokenBlock, HeaderBlocks
from clientela_lab.wire.decode.strangers import NAMED_BY_MAX, not_http2

_CONTINUATION = 9
_SETTINGS = 4
_Begun = HeadersFrame | PushPromiseFrame


class FrameReader:
    """Splits what one side sends into frames, however it is chunked.

    It accepts the protocol's maxima until it follows the other side's settings: see both_directions().
    announced: settings sent by this side and not yet acknowledged by the other, by number.
    """

    def __init__(self, from_client: bool) -> None:
        self._from_client = from_client
        self._other: FrameReader | None = None
        self._unread = bytearray()
        self._blocks = HeaderBlocks()
        self._begun: _Begun | None = None
        self._block = bytearray()
        self.announced: list[dict[int, int]] = []
        self._length_max = FRAME_MAX_ALLOWED_LEN
        self._began = bytearray()
        self._named: str | None = None
        # By hyperframe's class; of all others (PRIORITY, unknown ones) only the header is shown.
        self._interpreters: dict[type[Parsed], Callable[..., None]] = {
            DataFrame: self._data,
            HeadersFrame: self._headers,
            PushPromiseFrame: self._headers,
            ContinuationFrame: self._continuation,
            SettingsFrame: self._settings,
            GoAwayFrame: self._goaway,
            RstStreamFrame: self._reset,
            WindowUpdateFrame: self._window_update,
            PingFrame: self._ping,
        }
        self._next: Callable[[], Frame | None] = self._preface if from_client else self._first_frame

    def follow_settings_of(self, other: "FrameReader") -> None:
        """Apply the settings that the other direction announces once this one acknowledges them."""
        self._other = other
        self._length_max = FRAME_MAX_LEN

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes; return the frames that they complete, in order."""
        self._unread += data
        frames = []
        while self._unread and (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def rest(self) -> Frame | None:
        """Return an incomplete frame as "RAW" at the connection's end, None where there is none."""
        return self._raw("the connection ended within a frame") if self._unread else None

    def _preface(self) -> Frame | None:
        if not PREFACE.startswith(self._unread[: len(PREFACE)]):
            return self._foreign_protocol("no HTTP/2: the client's preface is missing")
        if len(self._unread) < len(PREFACE):
            return None
        self._next = self._first_frame
        return Frame("PREFACE", (), 0, self._take(len(PREFACE)), self._from_client)

    def _first_frame(self) -> Frame | None:
        """Require SETTINGS first (RFC 9113, 3.4): other protocols are detected by its absence."""
        if len(self._unread) <= 3:
            return None
        if self._unread[3] != _SETTINGS or not_http2(bytes(self._unread[:NAMED_BY_MAX])):
            return self._foreign_protocol("no HTTP/2: the first frame is not SETTINGS")
        self._next = self._frame
        return self._frame()

    def _frame(self) -> Frame | None:
        unread = self._unread
        if len(unread) < HEAD_BYTES:
            return None
        length = int.from_bytes(unread[:3], "big")
        if length > self._length_max:
            return self._stop_framing(f"a frame of {length} bytes, where {self._length_max} are allowed")
        if len(unread) < HEAD_BYTES + length:
            return None
        return self._parse(self._take(HEAD_BYTES + length))

    def _parse(self, raw: bytes) -> Frame:
        stream = int.from_bytes(raw[5:9], "big") & 0x7FFF_FFFF
        frame = Frame(kind_name(raw[3]), (), stream, raw, self._from_client)
        if self._begun is not None and (raw[3] != _CONTINUATION or stream != self._begun.stream_id):
            self._begun, frame.wrong = None, "a header block was not continued"
            self._blocks.invalidate("one was never completed")
        try:
            parsed, _ = Parsed.parse_frame_header(memoryview(raw)[:HEAD_BYTES])
            frame.flags = flag_names(raw[3], raw[4])
            parsed.parse_body(memoryview(raw)[HEAD_BYTES:])
            if interpret := self._interpreters.get(type(parsed)):
                interpret(parsed, frame)
        except (HyperframeError, BrokenBlock) as error:
            frame.wrong = str(error) or type(error).__name__
        return frame

    def _data(self, parsed: DataFrame, frame: Frame) -> None:
        begin = HEAD_BYTES + ("PADDED" in frame.flags)
        frame.data = (begin, begin + len(parsed.data))
        frame.ends_stream = "END_STREAM" in frame.flags

    def _headers(self, parsed: _Begun, frame: Frame) -> None:
        self._begun, self._block = parsed, bytearray()
        self._more_of_block(parsed, frame)

    def _continuation(self, parsed: ContinuationFrame, frame: Frame) -> None:
        if self._begun is None:
            raise BrokenBlock("it continues nothing")
        self._more_of_block(parsed, frame)

    def _more_of_block(self, parsed: _Begun | ContinuationFrame, frame: Frame) -> None:
        self._block += parsed.data
        if len(self._block) > BLOCK_BYTES_MAX:
            self._begun = None
            self._blocks.invalidate(f"one was longer than {BLOCK_BYTES_MAX} bytes")
        if "END_HEADERS" in frame.flags and self._begun is not None:
            begun, self._begun = self._begun, None
            frame.ends_stream = "END_STREAM" in begun.flags
            frame.headers = self._blocks.read(bytes(self._block))

    def _settings(self, parsed: SettingsFrame, frame: Frame) -> None:
        if "ACK" in frame.flags:
            self._apply_settings()
            return
        frame.settings = {setting_name(number): value for number, value in parsed.settings.items()}
        self.announced.append(parsed.settings)

    def _apply_settings(self) -> None:
        """Apply the other side's oldest announced settings, now acknowledged (RFC 9113, 6.5.3)."""
        settings = self._other.announced.pop(0) if self._other and self._other.announced else {}
        self._length_max = settings.get(SettingsFrame.MAX_FRAME_SIZE, self._length_max)
        if (size := settings.get(SettingsFrame.HEADER_TABLE_SIZE)) is not None:
            self._blocks.limit_table(size)

    def _goaway(self, parsed: GoAwayFrame, frame: Frame) -> None:
        frame.last_stream = parsed.last_stream_id & 0x7FFF_FFFF
        frame.error_code = error_name(parsed.error_code)
        frame.debug = parsed.additional_data.decode("utf-8", "backslashreplace")

    def _reset(self, parsed: RstStreamFrame, frame: Frame) -> None:
        frame.error_code = error_name(parsed.error_code)
        frame.ends_stream = True

    def _window_update(self, parsed: WindowUpdateFrame, frame: Frame) -> None:
        frame.increment = parsed.window_increment

    def _ping(self, parsed: PingFrame, frame: Frame) -> None:
        frame.ping = parsed.opaque_data.hex()

    def _stop_framing(self, why: str) -> Frame:
        self._next = lambda: self._raw(why)
        return self._raw(why)

    def _foreign_protocol(self, why: str) -> Frame:
        """Return bytes that are not HTTP/2 as "RAW", naming the protocol once enough bytes are there."""
        self._next = lambda: self._foreign_protocol(why)
        if self._named is None:
            self._began += self._unread[: NAMED_BY_MAX - len(self._began)]
            self._named = not_http2(bytes(self._began))
        return self._raw(self._named or why)

    def _raw(self, why: str) -> Frame:
        return Frame("RAW", (), 0, self._take(len(self._unread)), self._from_client, wrong=why)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken


def both_directions() -> tuple[FrameReader, FrameReader]:
    """Return a connection's two readers, the client's first, each following the other side's settings."""
    of_client, of_server = FrameReader(from_client=True), FrameReader(from_client=False)
    of_client.follow_settings_of(of_server)
    of_server.follow_settings_of(of_client)
    return of_client, of_server
