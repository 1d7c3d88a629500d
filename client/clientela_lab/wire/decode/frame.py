"""A decoded HTTP/2 frame, and the names of its numeric codes.

Read next: frame_decoder.py, which makes them.
"""

from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import Final

from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hyperframe.frame import FRAMES

from clientela_lab.wire.decode.headers import Headers

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEAD_BYTES: Final = 9
_KINDS: Final = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
    "ALTSVC",
)


@dataclass(slots=True)
class Frame:
    """One whole frame, or the client's preface ("PREFACE"), or bytes that are no frame ("RAW").

    raw: all its bytes, the 9-byte header first. headers: set on the frame that completes a header block;
    read-only. data: the offsets in `raw` of DATA's content, without padding. ends_stream: END_STREAM or a
    reset. wrong: why its payload could not be decoded.
    """

    kind: str
    flags: tuple[str, ...]
    stream: int
    raw: bytes
    from_client: bool
    _: KW_ONLY
    headers: Headers | None = None
    data: tuple[int, int] = (0, 0)
    ends_stream: bool = False
    settings: dict[str, int] | None = None
    increment: int | None = None
    error_code: str | None = None
    last_stream: int | None = None
    debug: str | None = None
    ping: str | None = None
    wrong: str | None = None

    @property
    def length(self) -> int:
        """The payload's length in bytes; of PREFACE and RAW, the whole length."""
        return len(self.raw) - (0 if self.kind in {"PREFACE", "RAW"} else HEAD_BYTES)


def kind_name(number: int) -> str:
    """Return the name of a frame type, of an unknown one its number: "0x21"."""
    return _KINDS[number] if number < len(_KINDS) else f"0x{number:02x}"


@cache
def flag_names(kind: int, flags: int) -> tuple[str, ...]:
    """Return the names of the flags that are set, sorted; flags unknown for this type are left out."""
    known = FRAMES[kind].defined_flags if kind in FRAMES else []
    return tuple(sorted(flag.name for flag in known if flags & flag.bit))


def error_name(code: int) -> str:
    """Return the name of an error code of RST_STREAM or GOAWAY."""
    return _ERRORS.get(code) or f"0x{code:x}"


def setting_name(number: int) -> str:
    """Return the name of a setting."""
    return _SETTINGS.get(number) or f"0x{number:x}"


_ERRORS = {int(code): code.name for code in ErrorCodes}
_SETTINGS = {int(code): code.name for code in SettingCodes}
