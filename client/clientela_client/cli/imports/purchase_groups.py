"""Groups rows of a CSV file by purchase: one row each, or all rows with one purchase_id.

Rules
1. A purchase is whole: its rows come together however far apart they are in the file, and where one of them
   can't be read, none is taken.
2. A first pass finds the ids that recur later. So only rows of such purchases are buffered, from the first to
   the last of each; a file without purchase_id needs no first pass.
Read next: purchase_rows.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import click

from clientela_client.cli.imports.files.csv_file import CsvFile, Row
from clientela_client.cli.imports.files.csv_records import CsvDialect
from clientela_client.cli.imports.files.row_ids import SeenNumbers
from clientela_client.cli.words.enum_choices import pluralized

LINES_MAX = 2000
_RETURNS_MAX = 200_000
_TOO_MANY = f"the purchase has more than {LINES_MAX} lines"
_DAMAGED = "another row of this purchase can't be read"


#: The rows of one purchase; why it can't be taken, or ""; whether it is more of the last one. A plain tuple,
#: as there is one of every row.
Group = tuple[list[Row], str, bool]


@dataclass
class _Survey:
    """The result of the first pass: counts of recurring ids, and ids in unreadable rows."""

    runs: dict[str, int] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)


class PurchaseGroups:
    """A file's purchases, re-iterable, in the order of their last rows.

    per_customer: whether ids are unique per customer only; else one id with two customers is an error.
    """

    def __init__(
        self, file: CsvFile, places: Mapping[str, int], row_dialect: CsvDialect, *, per_customer: bool
    ) -> None:
        self._file = file
        self._dialect = row_dialect
        self._id = places.get("purchase_id")
        self._customer = places["customer_id"] if per_customer else None
        self._survey: _Survey | None = None

    def __iter__(self) -> Iterator[Group]:
        if self._id is None:
            return (([row], row.problem, False) for row in self._rows())
        if self._survey is None:
            self._survey = self._look()
        return self._together(self._survey)

    def _rows(self) -> Iterator[Row]:
        return self._file.rows(self._dialect)

    def _key(self, cells: Sequence[str], before: str = "") -> str:
        """Return the key that the rows of one purchase share, "" for a single-row purchase.

        before: that of the row before, which a row without a customer goes on.
        """
        found = _cell(cells, self._id)
        if not found or self._customer is None:
            return found
        customer = _cell(cells, self._customer)
        return before if not customer and before.endswith(f"/{found}") else f"{customer}/{found}"

    def _look(self) -> _Survey:
        """Read all ids once."""
        survey, before = _Survey(), ""
        seen = SeenNumbers(self._file.line_count)
        returns = 0
        for row in self._rows():
            if row.problem:
                survey.damaged.update(self._keys_in(row))
            elif (key := self._key(row.cells, before)) != before:
                before = key
                if key and seen.add(hash(key)):
                    survey.runs[key] = survey.runs.get(key, 1) + 1
                    returns += 1
        if returns > _RETURNS_MAX:
            raise click.UsageError(
                f"rows of one purchase stand apart {pluralized(returns, 'time')} in {self._file.path}\n"
                "Try: the same file sorted by purchase_id"
            )
        return survey

    def _keys_in(self, row: Row) -> Iterator[str]:
        """Yield the ids that an unreadable row may have: at their place, or as far off as it is too wide."""
        for line in row.text.splitlines():
            cells = line.split(self._file.separator)
            off = len(cells) - len(self._file.header)
            yield self._key(cells)
            yield self._key(cells[off:] if off > 0 else [*[""] * -off, *cells])

    def _together(self, survey: _Survey) -> Iterator[Group]:
        open_: dict[str, list[Row]] = {}
        left = dict(survey.runs)
        too_many: set[str] = set()
        before = ""
        for row in self._rows():
            key = "" if row.problem else self._key(row.cells, before)
            if key != before and not row.problem:
                yield from self._end_run(before, open_, left, survey)
                before = key
            if not key:
                yield [row], row.problem, False
            elif key in too_many:
                yield [row], _TOO_MANY, True
            else:
                rows = open_.setdefault(key, [])
                rows.append(row)
                if len(rows) > LINES_MAX:
                    too_many.add(key)
                    yield open_.pop(key), _TOO_MANY, False
        left.clear()
        for key in list(open_):
            yield from self._end_run(key, open_, left, survey)

    def _end_run(
        self, key: str, open_: dict[str, list[Row]], left: dict[str, int], survey: _Survey
    ) -> Iterator[Group]:
        """Yield the purchase whose rows were read last, if none follow."""
        if key in left:
            left[key] -= 1
        if not left.get(key) and (rows := open_.pop(key, None)):
            yield rows, _DAMAGED if key in survey.damaged else "", False


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""
