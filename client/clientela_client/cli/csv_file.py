"""A CSV file as an import reads it: several times, a row at a time, and never changed meanwhile.

Rules: the first pass takes the digest, from which every row's request id is derived; the rows are read
again for sending, and once more to list what was refused, so that memory does not grow with the file. A row
that can't be read is reported with its line and does not stop the rest.
Read next: purchase_rows.py, customer_rows.py.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import click

from clientela_client.cli.harmless import unguarded

_BLOCK = 1 << 20


class FileChanged(RuntimeError):
    """The file is not as it was when its digest was taken."""


class Row(NamedTuple):
    """One data row. index: its place among the data rows, from 0; line: where it begins, from 1."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls
    line: int
    cells: list[str]
    problem: str


class Reject(NamedTuple):
    """A row that was refused, by this program or by the server. column: as the header calls it, or ""."""

    line: int
    column: str
    reason: str
    cells: Sequence[str]


class RowProblem(ValueError):
    """A row can't be understood. column: our name of it, or "" where it is about the row as a whole."""

    def __init__(self, row: Row, column: str, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.column = column
        self.reason = reason


@dataclass(frozen=True)
class CsvFile:
    """A file with its digest, header and number of lines, as they were when it was opened."""

    path: Path
    digest: bytes
    line_count: int
    header: tuple[str, ...]
    _state: tuple[int, int]

    @classmethod
    def open(cls, path: Path) -> CsvFile:
        """Read the file once, for its digest and header; raises click.UsageError if it can't be."""
        if not path.is_file():
            fact = (
                "an import reads its file more than once: it can't be a pipe"
                if path.exists()
                else "it isn't there"
            )
            raise click.UsageError(f"{path} is no file: {fact}")
        digest, lines, state = hashlib.sha256(), 0, _state(path)
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    lines += block.count(b"\n")
            return cls(path, digest.digest(), lines, _header(path), state)
        except OSError as error:
            raise click.UsageError(f"{path} can't be read: {error.strerror}") from None

    def rows(self) -> Iterator[Row]:
        """Yield the data rows; raises FileChanged at the end if the file was written to meanwhile."""
        width = len(self.header)
        for index, (line, read, problem) in enumerate(_records(self.path)):
            cells = [cell if cell[:1] != "'" else unguarded(cell) for cell in read]
            if problem or len(cells) == width:
                yield Row(index, line, cells, problem)
            else:
                yield Row(index, line, cells, f"the row has {len(cells)} cells, the header has {width}")
        if _state(self.path) != self._state:
            raise FileChanged(f"{self.path} was changed while it was read")


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _text(path: Path) -> IO[str]:
    # A byte that is not UTF-8 becomes a lone surrogate, which no message takes: the row is refused, and the
    # file goes on.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _header(path: Path) -> tuple[str, ...]:
    with _text(path) as file:
        try:
            header = next(csv.reader(file, strict=True), [])
            "".join(header).encode()
        except (csv.Error, UnicodeEncodeError) as error:
            raise click.UsageError(f"the header of {path} is not CSV in UTF-8: {error}") from None
    if not any(header):
        raise click.UsageError(f"{path} has no header: its first line must name the columns")
    return tuple(column.strip() for column in header)


def _records(path: Path) -> Iterator[tuple[int, list[str], str]]:
    """Yield (line, cells, problem) of every row behind the header that is not blank."""
    with _text(path) as file:
        reader = csv.reader(file, strict=True)
        next(reader, None)
        line = reader.line_num + 1
        while True:
            try:
                for cells in reader:
                    if cells:
                        yield line, cells, ""
                    line = reader.line_num + 1
                return
            except csv.Error as error:
                yield line, [], f"the row can't be read as CSV (a quote left open?): {error}"
                line = reader.line_num + 1


def columns(
    header: Sequence[str],
    mapping: Mapping[str, str],
    known: Sequence[str],
    ignored: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """Return where each of our columns is in the file; raises click.UsageError that names what was found.

    mapping: their column -> ours, or "" to leave it out. A column ending in "." is known by its beginning.
    """
    found = f"the file has: {', '.join(header)}"
    if missing := [theirs for theirs in mapping if theirs not in header]:
        raise click.UsageError(f'--map: there is no column "{missing[0]}"; {found}')
    places: dict[str, int] = {}
    for place, theirs in enumerate(header):
        ours = mapping.get(theirs, "" if theirs in ignored else theirs)
        if not ours:
            continue
        if not _is_known(ours, known):
            raise click.UsageError(
                f'unknown column "{ours}"; {found}\n'
                f"Known: {', '.join(known)}\n"
                f'Try: --map "{theirs}=OURS" to say what it is, or --map "{theirs}=" to leave it out'
            )
        if ours in places:
            raise click.UsageError(f'there are two columns "{ours}"; {found}')
        places[ours] = place
    return places


def _is_known(column: str, known: Sequence[str]) -> bool:
    beginnings = tuple(name for name in known if name.endswith("."))
    return column not in beginnings and (column in known or column.startswith(beginnings))


def parse_mapping(entries: Sequence[str]) -> dict[str, str]:
    """Return the `--map` options as a dict; raises click.BadParameter."""
    mapping = {}
    for entry in entries:
        theirs, equals, ours = entry.rpartition("=")
        if not equals or not theirs:
            raise click.BadParameter(f'"{entry}" is not THEIR_COLUMN=OURS', param_hint="--map")
        mapping[theirs.strip()] = ours.strip()
    return mapping


def derived_request_id(digest: bytes, index: int, salt: bytes = b"") -> str:
    """Return the request id of the row at `index`: a UUID4 in form, the same for the same file and place."""
    text = hashlib.sha256(b"%b%b%d" % (digest, salt, index)).hexdigest()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
