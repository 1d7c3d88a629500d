"""`--date-format`: the formats of a file's dates, if they are not RFC 3339.

A format is one of strptime, "%d.%m.%Y %H:%M"; `excel` is a spreadsheet's serial day number, 45306 or 45306.5;
`iso` is the default. A cell is parsed by the first format that matches.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache, partial

import click

from clientela_client.cli.words.times import NotATime, check_year, parse_time

DateReader = Callable[[str], tuple[int, int]]
_SAMPLE = datetime(2013, 11, 25, 16, 5, 9)  # noqa: DTZ001  only its text is used
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Excel's day 0; before 1900-03-01 its serial numbers include a day that did not exist, 1900-02-29.
_EXCEL_EPOCH, _EXCEL_FIRST, _EXCEL_LAST = datetime(1899, 12, 30, tzinfo=UTC), 61, 2_958_465
_EXCEL = re.compile(r"\d{1,7}(?:[.,]\d{1,15})?", re.ASCII)
_TRIED = "--date-format '%d.%m.%Y' says how they are written"


def date_reader(formats: Sequence[str]) -> DateReader:
    """Return a parser of cells to (seconds since 1970, nanos); it raises NotATime."""
    if not formats:
        return _read_iso
    readers = [_NAMED.get(each) or partial(_read_as, each) for each in formats]

    @lru_cache(maxsize=65_536)
    def read(text: str) -> tuple[int, int]:
        for reader in readers:
            try:
                return reader(text)
            except NotATime:
                continue
        raise NotATime(f'"{text}" is not written as --date-format {" or ".join(formats)}')

    return read


def check_format(_ctx: click.Context, _param: click.Parameter, formats: tuple[str, ...]) -> tuple[str, ...]:
    """Raise click.BadParameter for a format that does not determine a day."""
    for each in formats:
        if each not in _NAMED and not _determines_a_day(each):
            fact = f'"{each}" tells no day: e.g. %d.%m.%Y or %m/%d/%Y %H:%M, excel for its numbers, or iso'
            raise click.BadParameter(fact, param_hint="--date-format")
    return formats


def _determines_a_day(pattern: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of days without a year, since Python 3.13
        try:
            return datetime.strptime(_SAMPLE.strftime(pattern), pattern).date() == _SAMPLE.date()  # noqa: DTZ007
        except ValueError:
            return False


def _read_iso(text: str) -> tuple[int, int]:
    try:
        return parse_time(text)
    except NotATime as problem:
        if text[:1].isdigit() and "neither" in str(problem):
            raise NotATime(f"{problem}; {_TRIED}") from None
        raise


def _read_as(pattern: str, text: str) -> tuple[int, int]:
    if not text.isascii():
        raise NotATime(text)
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  the offset is UTC where there is none
    except ValueError:
        raise NotATime(text) from None
    return _since(moment if moment.tzinfo else moment.replace(tzinfo=UTC), text)


def _read_excel(text: str) -> tuple[int, int]:
    days = Fraction(text.replace(",", ".")) if _EXCEL.fullmatch(text) else Fraction(0)
    if not _EXCEL_FIRST <= days < _EXCEL_LAST:
        raise NotATime(text)
    # Fractions of a day are rounded to seconds, as spreadsheets cut their digits.
    return _since(_EXCEL_EPOCH + timedelta(seconds=round(days * 86_400)), text)


def _since(moment: datetime, text: str) -> tuple[int, int]:
    check_year(moment, text)
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds * 1000


_NAMED: dict[str, DateReader] = {"excel": _read_excel, "iso": parse_time}
