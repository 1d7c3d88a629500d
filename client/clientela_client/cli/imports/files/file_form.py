"""Detects a file's form by its first bytes: compression, encoding, line ends and separator.

Rules: UTF-8 and UTF-16 are detected, with or without a byte order mark; another encoding is given by the
caller, as it can't be detected. The separator is the one that makes most of the
header, and rows as wide; a first line `sep=;`, as Excel reads it, says it. What is no text at all is refused
with what it is and what to do. Read next: csv_file.py.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, cast

import click

from clientela_client.cli.imports.files.csv_records import BLANK, CsvDialect, Record, records

#: Raised by reading a damaged compressed file.
PACKING_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)
_BLOCK = 1 << 20
_LOOKED_AT = 20
_GZIP = b"\x1f\x8b"
_SEPARATORS = ",;\t|"
_SEP_LINE = re.compile(r'"?sep=([^"\r\n])"?[,;\t|]*[\r\n]*', re.IGNORECASE)
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_AS_CSV = "save it as CSV (in Excel: Save As, CSV UTF-8)"
_KINDS = {
    codecs.BOM_UTF32_LE: "it is UTF-32: save it as UTF-8",
    b"PK\x05\x06": "it is an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": f"it is an old Excel workbook (.xls): {_AS_CSV}",
    b"%PDF": "it is a PDF: ask for the same as CSV",
    b"BZh": "it is compressed (bzip2): unpack it",
    b"\xfd7zXZ": "it is compressed (xz): unpack it",
    b"\x28\xb5\x2f\xfd": "it is compressed (zstd): unpack it",
    b"7z\xbc\xaf": "it is a 7z archive: unpack it",
    b"SQLite format 3": "it is an SQLite database: export its table as CSV",
    b"PAR1": "it is a Parquet file: write it as CSV",
    b"{\\rtf": "it is a text document (.rtf): save it as CSV",
}
_BEGINNINGS = {
    "<": f"it is HTML or XML, as some programs write .xls: open it in a spreadsheet and {_AS_CSV}",
    "{": "it is JSON: an import takes one object a line, in a file named .ndjson",
    "[": "it is JSON: an import takes one object a line, in a file named .ndjson",
}


@dataclass(frozen=True)
class Source:
    """Opens a file as bytes or characters. mark: whether it begins with a byte order mark."""

    path: Path
    is_packed: bool
    encoding: str
    mark: bool

    @property
    def errors(self) -> str:
        """The error handler that preserves undecodable bytes, so that they can be written back."""
        # Such a character becomes a lone surrogate, which no message takes: the row is refused, and the file
        # goes on.
        return "surrogatepass" if self.encoding.startswith("utf-16") else "surrogateescape"

    def binary(self) -> IO[bytes]:
        """Open the file's bytes, decompressed."""
        return _opened(self.path, is_packed=self.is_packed)

    def text(self, line_end: str) -> IO[str]:
        """Open the file's characters, without the byte order mark."""
        file = TextIOWrapper(self.binary(), self.encoding, self.errors, newline=line_end)
        if self.mark:
            file.read(1)
        return file

    def decoded(self, begin: bytes) -> str:
        """Return the first bytes as characters, without an incomplete one at the end."""
        text = codecs.getincrementaldecoder(self.encoding)(self.errors).decode(begin)
        return text.removeprefix("\ufeff") if self.mark else text

    def writable(self, text: str) -> str:
        """Return the text with "?" for characters that the encoding lacks."""
        return text.encode(self.encoding, "replace").decode(self.encoding)

    def measured(self, line_end: str) -> tuple[bytes, int]:
        """Return the SHA-256 digest and the number of line ends; refuse an overlong line."""
        digest, lines, size, end = hashlib.sha256(), 0, 0, line_end.encode()
        with self.binary() as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                count = block.count(end)
                if not count and len(block) == _BLOCK:
                    raise click.UsageError(
                        f"line {lines + 1} of {self.path} is longer than 1 MiB: is it CSV?"
                    )
                lines += count
                size += len(block)
        if size % 2 and self.errors == "surrogatepass":
            raise click.UsageError(f"{self.path} is UTF-16 and cut: it ends within a character")
        return digest.digest(), lines


def find_source(path: Path, encoding: str | None = None) -> Source:
    """Detect a file's form; raise click.UsageError if it is no text."""
    is_packed = _begin(path, is_packed=False).startswith(_GZIP)
    try:
        begin = _begin(path, is_packed=is_packed)
    except PACKING_ERRORS:
        raise damaged(path) from None
    _refuse_kinds(path, begin)
    mark = next((each for each in _MARKS if begin.startswith(each)), b"")
    found = _MARKS.get(mark) or encoding or _wide_encoding(begin) or "utf-8"
    return Source(path, is_packed, found, bool(mark))


def damaged(path: Path) -> click.UsageError:
    """Return the error for a compressed file that can't be decompressed."""
    return click.UsageError(f"{path} is compressed (gzip) and damaged: it can't be unpacked to its end")


def _opened(path: Path, *, is_packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_packed else path.open("rb")


def _begin(path: Path, *, is_packed: bool) -> bytes:
    with _opened(path, is_packed=is_packed) as file:
        return file.read(_BLOCK)


def _no_csv(path: Path, fact: str) -> click.UsageError:
    return click.UsageError(f"{path} is no CSV: {fact}")


def _refuse_kinds(path: Path, begin: bytes) -> None:
    for beginning, fact in _KINDS.items():
        if begin.startswith(beginning):
            raise _no_csv(path, fact)
    if begin.startswith(b"PK\x03\x04"):
        raise _no_csv(path, _archive(path))


def _archive(path: Path) -> str:
    """Return what a ZIP archive is: a workbook is recognised by its parts."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        names = []
    if any(name.startswith("xl/") for name in names) or path.suffix.lower() in (".xlsx", ".xlsm"):
        return f"it is an Excel workbook (.xlsx): {_AS_CSV}"
    if "content.xml" in names or path.suffix.lower() == ".ods":
        return "it is an OpenDocument spreadsheet (.ods): save it as CSV (Save As, Text CSV)"
    return (
        f"it is a ZIP archive{f' of {names[0]}' if names else ''}: unpack it (an Excel workbook: {_AS_CSV})"
    )


def _wide_encoding(begin: bytes) -> str:
    """Return the UTF-16 byte order of a file without a mark, by the NUL bytes of its first line, or ""."""
    line = begin.replace(b"\r", b"\n").partition(b"\n")[0]
    odd, even = line[1::2].count(0), line[::2].count(0)
    for encoding, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here and not there:
            text = begin[: len(begin) // 2 * 2].decode(encoding, "replace")
            if "\n" in text or "\r" in text or len(line) == 2 * here:
                return encoding
    return ""


def line_end_of(source: Source) -> str:
    r"""Return what ends the lines: "\r" of old, where the first line ends so, else "\n".

    Raises click.UsageError where a file begins as no CSV does.
    """
    text = source.decoded(_begin(source.path, is_packed=source.is_packed))
    first, end, _ = text.partition("\n")
    first = first.rstrip("\r") if end else first  # of "\r\n"
    if fact := _BEGINNINGS.get(text.lstrip()[:1]):
        raise _no_csv(source.path, fact)
    if "\0" in first.partition("\r")[0]:
        raise _no_csv(source.path, "there are NUL bytes in its header")
    return "\r" if "\r" in first else "\n"


class Header:
    """A file's header: preface, the `sep=` line before it or ""; text and cells; the separator."""

    def __init__(self, source: Source, line_end: str) -> None:
        with source.text(line_end) as file:
            lines = [file.readline() for _ in range(_LOOKED_AT)]
        said = _SEP_LINE.fullmatch(lines[0])
        self.preface = lines[0] if said else ""
        rest = lines[1:] if said else lines
        self.separator = said[1] if said else max(_SEPARATORS, key=lambda each: _fit(rest, each))
        line, self.text, self.cells, problem = first_of(records(rest, CsvDialect(separator=self.separator)))
        if not line or not any(self.cells):
            raise click.UsageError(f"{source.path} has no header: its first line must name the columns")
        if problem:
            raise _no_csv(source.path, f"its header can't be read: {problem}")


def first_of(found: Iterator[Record]) -> Record:
    """Consume records up to the first non-blank one and return it; an empty one if there is none."""
    for record in found:
        if record[3] != BLANK:
            return record
    return (0, "", [], "")


def _fit(lines: list[str], separator: str) -> tuple[bool, int, int]:
    """Return a score of a separator: whether any row has the header's width, that width, and how many do."""
    found = records(lines, CsvDialect(separator=separator))
    header = first_of(found)
    width = len(header[2])
    alike = sum(len(cells) == width for _, _, cells, _ in found)
    return alike > 0 and width > 1, width, alike
