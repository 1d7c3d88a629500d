"""Data on stdout, in the format of `-o`; nothing else is ever written there.

Lists are streamed, so that an export of any length takes constant memory. Without `-o` a terminal gets a
table, a pipe the same columns tab-separated, with plain values and without a header.
On a terminal control characters are escaped in every format; in a file or a pipe texts are unchanged, except
that a CSV cell which a spreadsheet would run as a formula is prefixed with an apostrophe, unless `--raw`.
Read next: tables.py, views.py (what the columns are).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from textwrap import indent
from typing import IO, Any, TypeVar

import click

from clientela_client.cli.output.report_writer import Report, ReportWriter
from clientela_client.cli.output.views import Column, View, message_fields
from clientela_client.harmless import escaped, escaped_json, is_harmful, one_line

T = TypeVar("T")

_RESPONSE: View[Any] = View(
    "answer",
    plural="answers",
    table=(),
    flat=(),
    facts=lambda _: (),
    name=lambda _: "",
    fields=message_fields,
)


class AnswerWriter:
    """Writes responses in one format of options.OUTPUTS; None chooses by whether stdout is a terminal.

    raw: CSV cells without the formula guard. left_out: titles of columns that did not fit the terminal.
    """

    def __init__(
        self, output_format: str | None, *, color: bool, raw: bool = False, stdout: IO[str] | None = None
    ) -> None:
        self._stdout = stdout or sys.stdout
        self._color = color
        self._raw = raw
        self._on_terminal = self._stdout.isatty()
        self._encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        self._is_unicode = self._encoding.lower().replace("_", "-").startswith(("utf-", "utf8"))
        self.for_people = output_format == "table" or (output_format is None and self._on_terminal)
        self.output_format = output_format or ("table" if self.for_people else "tsv")
        self.left_out: list[str] = []

    def write_one(self, item: T, view: View[T]) -> None:
        """Write one resource."""
        write: dict[str, Callable[[T, View[T]], None]] = {
            "table": self._facts_table,
            "tsv": self._facts_tsv,
            "json": lambda item, view: self._line(self._as_json(view.fields(item), indent=2)),
            "ndjson": lambda item, view: self._ndjson([item], view),
            "yaml": lambda item, view: self._text(self._as_yaml(view.fields(item))),
            "csv": lambda item, view: self._csv([item], view),
            "name": lambda item, view: self._line(self._name(view.name(item))),
        }
        write[self.output_format](item, view)
        self._stdout.flush()

    def write_many(self, items: Iterable[T], view: View[T], *, live: bool = False) -> int:
        """Write a list as it arrives and return its length. live: flush after each item."""
        count = _Counter()
        write: dict[str, Callable[[Iterable[T], View[T]], None]] = {
            "table": self._live_table if live else self._table,
            "tsv": self._tsv,
            "json": self._json,
            "ndjson": self._ndjson,
            "yaml": self._yaml,
            "csv": self._csv,
            "name": lambda items, view: self._lines(self._name(view.name(item)) for item in items),
        }
        write[self.output_format](count.counting(self._flushed(items) if live else items), view)
        self._stdout.flush()
        return count.number

    def write_report(self, report: Report[T]) -> None:
        """Write a report: in full as a table, as JSON and as YAML; its rows only in the other formats."""
        if self.output_format == "table":
            report.write(ReportWriter(self._stdout, color=self._color))
        elif self.output_format in {"csv", "tsv", "ndjson", "name"}:
            self.write_many(report.rows, report.view)
            return
        else:
            self.write_one(report.response, _RESPONSE)
        self._stdout.flush()

    def _flushed(self, items: Iterable[T]) -> Iterator[T]:
        # The previous item has been written when the next one is requested.
        for item in items:
            yield item
            self._stdout.flush()

    def _text(self, text: str) -> None:
        self._stdout.write(text)

    def _line(self, text: str) -> None:
        self._text(f"{text}\n")

    def _lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._line(text)

    def _facts_table(self, item: T, view: View[T]) -> None:
        from clientela_client.cli.output.terminal import write_facts

        write_facts(view.facts(item), self._stdout, color=self._color)

    def _facts_tsv(self, item: T, view: View[T]) -> None:
        self._lines(f"{fact.key}\t{one_line(fact.plain)}" for fact in view.facts(item) if fact.plain)

    def _table(self, items: Iterable[T], view: View[T]) -> None:
        from clientela_client.cli.output.tables import write_table

        self.left_out = write_table(items, view.table, self._stdout, color=self._color, picked=view.picked)

    def _live_table(self, items: Iterable[T], view: View[T]) -> None:
        from clientela_client.cli.output.tables import write_live

        self.left_out = write_live(items, view.table, self._stdout, color=self._color)

    def _tsv(self, items: Iterable[T], view: View[T]) -> None:
        self._lines("\t".join(column.for_pipe(item) for column in view.table) for item in items)

    def _csv(self, items: Iterable[T], view: View[T]) -> None:
        writer = csv.writer(_LineFeedWriter(self._stdout), lineterminator="\r\n")
        writer.writerow([column.title for column in view.flat])
        writer.writerows([self._cell(column, item) for column in view.flat] for item in items)

    def _cell(self, column: Column[T], item: T) -> str:
        text = column.plain(item) if self._raw else column.for_csv(item)
        if not self._is_unicode:
            self._refuse_unencodable(text)
        return escaped(text) if self._on_terminal else text

    def _refuse_unencodable(self, text: str) -> None:
        """Refuse a cell that stdout's encoding cannot hold: CSV has no escapes to write it with."""
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError as error:
            letter = text[error.start]
            advice = "set PYTHONIOENCODING=utf-8, or use -o json"
            raise click.UsageError(f'{self._encoding} has no "{letter}": {advice}') from None

    def _name(self, name: str) -> str:
        return one_line(name) if self._on_terminal else name

    def _as_json(self, value: Any, indent: int | None = None) -> str:
        separators = None if indent else (",", ":")
        text = json.dumps(value, indent=indent, ensure_ascii=not self._is_unicode, separators=separators)
        return escaped_json(text) if self._on_terminal else text

    def _as_yaml(self, value: Any) -> str:
        return (_harmless_yaml if self._on_terminal else _yaml)(value, allow_unicode=self._is_unicode)

    def _ndjson(self, items: Iterable[T], view: View[T]) -> None:
        self._lines(self._as_json(view.fields(item)) for item in items)

    def _json(self, items: Iterable[T], view: View[T]) -> None:
        separator = "[\n"
        try:
            for item in items:
                self._text(separator + indent(self._as_json(view.fields(item), indent=2), "  "))
                separator = ",\n"
        finally:
            # Also if the stream is interrupted: what was written is then a valid array.
            self._line("[]" if separator == "[\n" else "\n]")

    def _yaml(self, items: Iterable[T], view: View[T]) -> None:
        empty = True
        for item in items:
            self._text(self._as_yaml([view.fields(item)]))
            empty = False
        if empty:
            self._line("[]")


class _LineFeedWriter:
    """Ends rows in LF for a csv.writer that is set to CRLF, so that it quotes carriage returns."""

    def __init__(self, target: IO[str]) -> None:
        self._target = target

    def write(self, row: str) -> None:
        self._target.write(row.removesuffix("\r\n") + "\n")


class _Counter:
    """Counts the items that pass through `counting`."""

    def __init__(self) -> None:
        self.number = 0

    def counting(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            self.number += 1
            yield item


def take_first(items: Iterable[T], limit: int | None) -> Iterator[T]:
    """Yield at most `limit` items, then cancel the call that delivers them."""
    try:
        yield from islice(items, limit)
    finally:
        cancel: Any = getattr(items, "cancel", None)
        if cancel:
            cancel()


def _yaml(value: Any, *, allow_unicode: bool) -> str:
    import yaml

    return yaml.safe_dump(value, allow_unicode=allow_unicode, sort_keys=False, width=100)


def _harmless_yaml(value: Any, *, allow_unicode: bool) -> str:
    """Return YAML for a terminal: a text with control characters is quoted, and they are escaped."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Quotes texts with control characters."""

    def represent(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
        style = '"' if is_harmful(text) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, represent)
    text = yaml.dump(value, Dumper=Dumper, allow_unicode=allow_unicode, sort_keys=False, width=100)
    return escaped(text, keep="\n")
