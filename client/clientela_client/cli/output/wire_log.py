"""`--wire`: a log on stderr of what crosses the wire: metadata, messages as fields and bytes, status.

gRPC prefixes each message with 5 bytes: a compression flag and a 4-byte length. The rest is protobuf, decoded
field by field in wire_walk.py. Of a stream the first messages are shown, the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from clientela_client.cli.output.wire_walk import Piece, walk
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.harmless import one_line
from clientela_client.shown_headers import HIDDEN, is_harmless, shown

if TYPE_CHECKING:
    from clientela_client import WireEvent

_MESSAGES_SHOWN = 3
_LINES_SHOWN = 60
_ROW = 12
_ABOUT_METADATA = ("(and what HTTP/2 and gRPC add: :authority, content-type, te, user-agent, grpc-timeout)",)
_ABOUT_BYTES = (
    "The same as bytes: a prefix of 5, then the fields. A field is a tag (its number * 8 + its type)",
    "and a value: type 0 is a varint, 2 a length and that many bytes. Names do not cross.",
)
_OUT, _IN = "cyan", "magenta"


class WireLog:
    """Prints the events of a call in order; the SDK's observer."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._counts = {"request-message": 0, "response-message": 0}
        self._explained: set[tuple[str, ...]] = set()

    def __call__(self, event: WireEvent) -> None:
        """Print one event."""
        if event.kind == "request-metadata":
            self._request(event)
        elif event.kind == "request-message":
            self._message(event, sign="▶", color=_OUT)
        else:
            self._count_rest("▶", "request-message")
            self._answer(event)

    def _request(self, event: WireEvent) -> None:
        self._counts = dict.fromkeys(self._counts, 0)
        again = "" if event.attempt == 1 else f"  attempt {event.attempt}"
        self._print("")
        self._title(f"▶ POST {event.path}{again}", _OUT, event)
        self._metadata(event.metadata)
        self._explain(_ABOUT_METADATA)

    def _answer(self, event: WireEvent) -> None:
        if event.kind == "response-metadata":
            self._title("◀ response metadata", _IN, event)
            self._metadata(event.metadata)
        elif event.kind == "response-message":
            self._message(event, sign="◀", color=_IN)
        else:
            self._count_rest("◀", "response-message")
            self._status(event)

    def _status(self, event: WireEvent) -> None:
        details = f": {one_line(event.details)}" if event.details else ""
        self._title(f"◀ status {event.code}{details}", "green" if event.code == "OK" else "red", event)
        self._metadata(event.metadata)
        self._print("")

    def _count_rest(self, sign: str, kind: str) -> None:
        rest = self._counts[kind] - _MESSAGES_SHOWN
        self._counts[kind] = 0
        if rest > 0:
            self._dim(f"{sign} ... and {pluralized(rest, 'message')} more")

    def _message(self, event: WireEvent, *, sign: str, color: str) -> None:
        self._counts[event.kind] += 1
        if self._counts[event.kind] > _MESSAGES_SHOWN:
            return
        descriptor = event.message.DESCRIPTOR if event.message is not None else None
        name = descriptor.name if descriptor else "not a message of the contract"
        number = f" {self._counts[event.kind]}" if self._counts[event.kind] > 1 else ""
        self._title(f"{sign} message{number}: {name}, 5 + {len(event.data):,} bytes", color, event)
        self._lines([one_line(line) for line in str(event.message or "").splitlines()])
        self._explain(_ABOUT_BYTES)
        self._lines(_dump(event.data, descriptor))

    def _lines(self, lines: Sequence[str]) -> None:
        for line in lines[:_LINES_SHOWN]:
            self._print(f"    {line}")
        if len(lines) > _LINES_SHOWN:
            self._dim(f"    ... and {pluralized(len(lines) - _LINES_SHOWN, 'line')} more")

    def _explain(self, lines: tuple[str, ...]) -> None:
        """Print an explanation of what is shown, once per run."""
        if lines not in self._explained:
            self._explained.add(lines)
            for line in lines:
                self._dim(f"    {line}")

    def _metadata(self, metadata: Sequence[tuple[str, str | bytes]]) -> None:
        for key, value in metadata:
            self._print(f"    {one_line(key)}: {_shown(key, value)}")
        if not metadata:
            self._dim("    (none)")

    def _title(self, text: str, color: str, event: WireEvent) -> None:
        self._print(
            click.style(text, fg=color, bold=True) + click.style(f"   {event.at_ms:.1f} ms", dim=True)
        )

    def _dim(self, text: str) -> None:
        self._print(click.style(text, dim=True))

    def _print(self, text: str) -> None:
        click.echo(text, err=True, color=self._color)


def _shown(key: str, value: str | bytes) -> str:
    """Return a metadata value, bytes as hex; of what may hold a secret, how long it is."""
    if not is_harmless(key):
        hidden = HIDDEN if isinstance(value, bytes) else shown(key, value)
        return f"{hidden} ({len(value)} {'bytes' if isinstance(value, bytes) else 'characters'}, not shown)"
    if isinstance(value, bytes):
        more = f" ... {len(value) - 24} bytes more" if len(value) > 24 else ""
        return f"{value[:24].hex(' ')}{more}"
    return one_line(value)


def _dump(data: bytes, descriptor: Any) -> list[str]:
    """Return the bytes as they cross, prefix and fields, with what they say beside them."""
    lines = [
        _line(0, b"\x00", "not compressed"),
        _line(1, len(data).to_bytes(4, "big"), pluralized(len(data), "byte follows", "bytes follow")),
    ]
    at = 5
    for piece in walk(data, descriptor):
        lines += _piece_lines(at, piece)
        at += len(piece.tag) + len(piece.value)
    return lines


def _piece_lines(at: int, piece: Piece) -> Iterator[str]:
    indent = "  " * piece.depth
    raw = piece.tag + piece.value
    meaning = f"{indent}{one_line(piece.meaning)}"
    if piece.number:
        meaning = f"{indent}{piece.number} {piece.name}: {one_line(piece.meaning)}  (type {piece.wire_type})"
    yield _line(at, raw[:_ROW], meaning, tag=len(piece.tag))
    for begin in range(_ROW, len(raw), _ROW):
        yield _line(at + begin, raw[begin : begin + _ROW], "")


def _line(at: int, raw: bytes, meaning: str, tag: int = 0) -> str:
    """Return a row of bytes, the tag's in colour, and what they say."""
    fill = "   " * (_ROW - len(raw)) if meaning else ""
    colored = click.style(raw[:tag].hex(" "), fg="yellow") + " " if tag else ""
    return f"{click.style(f'{at:04x}', dim=True)}  {colored}{raw[tag:].hex(' ')}{fill}  {meaning}".rstrip()
