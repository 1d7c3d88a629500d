"""Rejected rows: the first ones on stderr, all in the `--rejects` file, which can be imported again.

Rules: that file has each row exactly as it came, byte for byte, under the same header, before three columns
that say why, in its encoding and with its separator; one that is too narrow is filled up, so that they are in
their columns. Of a refused purchase it has all rows. So imported as it is, it is refused as before; mended,
as the mended file would have been taken.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click

from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row
from clientela_client.cli.imports.files.csv_records import missing_cells, reasons_head
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.harmless import one_line
from clientela_client.private_files import private

_SHOWN = 20
_LINES_NAMED = 10
_MARK = "\ufeff"


class RejectLog:
    """Lists and counts rejects. count: purchases or customers; rows: rows of the file."""

    def __init__(self, file: CsvFile, path: Path | None) -> None:
        self.count = 0
        self.rows = 0
        self._file = file
        self._separator = file.separator
        self._open = contextlib.ExitStack()
        self._target = None
        if path is not None:
            _check_target(file, path)
            handle = private(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            source = file.source
            target = os.fdopen(handle, "w", encoding=source.encoding, errors=source.errors, newline="")
            self._target = self._open.enter_context(target)
            self._target.write(f"{_MARK if source.mark else ''}{file.preface}")
            self._write(file.head, reasons_head(file.separator))
        self._shown = 0

    def __enter__(self) -> RejectLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, reject: Reject) -> None:
        """Add a reject."""
        self.count += reject.records
        self.rows += sum(row.rows for row in reject.rows)
        if not reject.goes_on:
            self._show(reject)
        if self._target:
            for row in reject.rows:
                reason = _quoted(self._file.source.writable(reject.reason))
                cells = (str(row.line), _cell(reject.column, self._separator), reason)
                fill = self._separator * missing_cells(row.problem)
                self._write(row.text, "".join([fill, *(f"{self._separator}{cell}" for cell in cells)]))

    def _show(self, reject: Reject) -> None:
        self._shown += 1
        if self._shown <= _SHOWN:
            click.echo(one_line(f"{_where(reject)}: {reject.reason}"), err=True)

    def _write(self, text: str, reasons: str) -> None:
        assert self._target is not None
        bare = text.rstrip("\r\n")
        self._target.write(f"{bare}{reasons}{text[len(bare) :] or self._file.line_end}")

    def finish(self) -> None:
        """Print how many more rows were rejected than shown."""
        if self._shown > _SHOWN:
            where = "" if self._target else "; --rejects FILE lists all"
            more = pluralized(self._shown - _SHOWN, "more row was", "more rows were")
            click.echo(f"... and {more} refused{where}", err=True)


def _where(reject: Reject) -> str:
    """Return "line 3, date", "lines 4-8" of a row of several, "line 3 (with lines 2, 5)" of several rows."""
    wrong = next(row for row in reject.rows if row.line == reject.line)
    others = [_line(row) for row in reject.rows if row is not wrong]
    if len(others) > _LINES_NAMED:
        others[_LINES_NAMED:] = ["..."]
    column = f", {reject.column}" if reject.column else ""
    rest = f" (with {'line' if len(others) == 1 else 'lines'} {', '.join(others)})" if others else ""
    return f"{'line' if wrong.last_line == wrong.line else 'lines'} {_line(wrong)}{column}{rest}"


def _line(row: Row) -> str:
    return f"{row.line}" if row.last_line == row.line else f"{row.line}-{row.last_line}"


def _cell(text: str, separator: str) -> str:
    return _quoted(text) if any(mark in text for mark in ('"', separator, "\r", "\n")) else text


def _quoted(text: str) -> str:
    return f'"{one_line(text).replace(chr(34), chr(34) * 2)}"'


def _check_target(file: CsvFile, path: Path) -> None:
    if path.exists() and path.samefile(file.path):
        raise click.UsageError(f"--rejects {path} is the file that is imported")
