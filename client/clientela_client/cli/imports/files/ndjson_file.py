"""An NDJSON file, as `-o ndjson` writes it: read twice, with a check that it was not modified.

Rules: an invalid line is reported with its number and does not stop the import; `--rejects` receives the
rejected lines unchanged, to be corrected and imported again.
Read next: ndjson_import.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from clientela_client.cli.imports.files.csv_file import FileChanged
from clientela_client.cli.imports.files.file_form import PACKING_ERRORS, Source, damaged, find_source
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.harmless import one_line
from clientela_client.messages import from_dict

_SUFFIXES = (".ndjson", ".jsonl")
_SHOWN = 20
_IN_FIELD = re.compile(r"Failed to parse (\w+) field: ")
_AT = re.compile(r" at [A-Z]\w*(?:[.]\w+)+[.]*$")
M = TypeVar("M")


class NdjsonLine(NamedTuple):
    """A line. index: among the non-blank lines, from 0; number: in the file, from 1."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls
    number: int
    text: str


class LineReject(NamedTuple):
    """A rejected line, refused by this program or by the server. field: its path, or ""."""

    line: NdjsonLine
    field: str
    reason: str


class LineProblem(ValueError):
    """Raised for an invalid line. field: the field's path, or ""."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def is_ndjson(path: Path) -> bool:
    """Return whether a file is NDJSON by its name: .ndjson or .jsonl, also gzipped (.ndjson.gz)."""
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return name.suffix.lower() in _SUFFIXES


@dataclass(frozen=True)
class NdjsonFile:
    """A file with its digest and number of lines at the time of opening."""

    source: Source
    digest: bytes
    line_count: int

    @classmethod
    def open(cls, path: Path) -> NdjsonFile:
        """Read the file once, for its digest; raise click.UsageError if it can't be read."""
        if not path.is_file():
            raise click.UsageError(f"{path} is no file")
        try:
            source = find_source(path)
            return cls(source, *_measured(source))
        except PACKING_ERRORS:
            raise damaged(path) from None
        except OSError as error:
            raise click.UsageError(f"{path} can't be read: {error.strerror}") from None

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.source.path

    def lines(self) -> Iterator[NdjsonLine]:
        """Yield the non-blank lines; raise FileChanged at the end if the file was modified."""
        index, digest = 0, hashlib.sha256()
        with self.source.text("\n") as file:
            for number, text in enumerate(file, 1):
                digest.update(_bytes(text))
                if text.strip():
                    # A byte that is not UTF-8 is preserved for `--rejects`; the line is refused later.
                    yield NdjsonLine(index, number, text)
                    index += 1
        if digest.digest() != self.digest:
            raise FileChanged(f"{self.path} was changed while it was read")


def _measured(source: Source) -> tuple[bytes, int]:
    digest, count = hashlib.sha256(), 0
    with source.text("\n") as file:
        for text in file:
            digest.update(_bytes(text))
            count += 1
    return digest.digest(), count


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def message_of(line: NdjsonLine, kind: type[M]) -> M:
    """Return the message of a line; raise LineProblem."""
    try:
        line.text.encode()
        values: Any = json.loads(line.text, object_pairs_hook=_once)
    except UnicodeEncodeError:
        raise LineProblem("", "the line is not UTF-8") from None
    except (ValueError, RecursionError) as problem:
        raise LineProblem("", f"the line is no JSON: {problem}") from None
    if not isinstance(values, dict):
        raise LineProblem("", "the line is no JSON object")
    _refuse_both_names(values, kind.DESCRIPTOR, "")  # type: ignore[attr-defined]
    try:
        found: M = from_dict(kind, values)  # type: ignore[type-var]
    except (ValueError, RecursionError) as problem:
        raise _located(str(problem)) from None
    return found


def _refuse_both_names(value: Any, kind: Any, path: str) -> None:
    """Refuse a field under both of its JSON names: protobuf would silently keep the last."""
    for each in value if isinstance(value, list) else [value]:
        names = each if isinstance(each, dict) else {}
        for field in kind.fields:
            here = f"{path}{field.name}"
            if field.name != field.json_name and {field.name, field.json_name} <= names.keys():
                raise LineProblem(here, "is there twice, under both of its names")
            inner = names.get(field.name, names.get(field.json_name))
            if field.message_type is not None and inner:
                _refuse_both_names(inner, field.message_type, f"{here}.")


def _located(problem: str) -> LineProblem:
    """Parse the field out of protobuf's message, "Failed to parse amount field: ..."."""
    names = []
    while found := _IN_FIELD.match(problem):
        names.append(found[1])
        problem = problem[found.end() :]
    return LineProblem(".".join(names), _AT.sub("", problem).rstrip("."))


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with a duplicate key: json would silently keep the last."""
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f'"{next(key for key in keys if keys.count(key) > 1)}" is there twice')
    return values


class LineRejectLog:
    """Lists rejected lines: the first ones on stderr, all in the `--rejects` file, if given."""

    def __init__(self, file: NdjsonFile, path: Path | None) -> None:
        self.count = 0
        self._open = contextlib.ExitStack()
        self._write: Callable[[str], object] | None = None
        if path is not None:
            if path.exists() and path.samefile(file.path):
                raise click.UsageError(f"--rejects {path} is the file that is imported")
            target = path.open("w", encoding="utf-8", errors=file.source.errors, newline="")
            self._write = self._open.enter_context(target).write

    def __enter__(self) -> LineRejectLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, refused: LineReject) -> None:
        """Add a rejected line."""
        self.count += 1
        if self.count <= _SHOWN:
            field = f", {refused.field}" if refused.field else ""
            click.echo(one_line(f"line {refused.line.number}{field}: {refused.reason}"), err=True)
        if self._write:
            self._write(refused.line.text.rstrip("\r\n") + "\n")

    def finish(self) -> None:
        """Print how many more lines were rejected than shown."""
        if self.count > _SHOWN:
            where = "" if self._write else "; --rejects FILE lists all"
            more = pluralized(self.count - _SHOWN, "more line was", "more lines were")
            click.echo(f"... and {more} refused{where}", err=True)
