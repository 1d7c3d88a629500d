"""Times as text: dates and RFC 3339 date-times in, UTC out. A plain date is its midnight in UTC.

Rule: one parser for CSV cells and options; it accepts the documented forms only, as a time that is misread is
worse than one that is refused.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?"
    r"(?:[Zz]|([+-])(\d\d):?([0-5]\d))?",
    re.ASCII,
)
_DAY_WITH_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d) ?(?:[Zz]|[+-]\d\d(?::?\d\d)?)", re.ASCII)
# An earlier year is more likely a typing error than a purchase.
_FIRST_YEAR = 1900
# No place on earth is further from UTC.
_OFFSET_MAX = timedelta(hours=14)


class NotATime(ValueError):
    """Raised for text that is neither a date nor a date-time."""


class NoSuchDay(NotATime):
    """Raised for a date in the right form that no calendar has: 2026-02-30."""


# A ledger has few distinct days: the cache serves most rows of an import.
@lru_cache(maxsize=65_536)
def parse_time(text: str) -> tuple[int, int]:
    """Return (seconds since 1970, nanos) of "1997-01-31" or "1997-01-31T08:26:00+01:00"; raise NotATime.

    A date-time without an offset is UTC. Digits below a microsecond are refused: the ledger has none.
    """
    if _DAY.fullmatch(text):
        moment = datetime.combine(parse_day(text), datetime.min.time(), UTC)
    else:
        moment = _date_time(text)
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds * 1000


def parse_day(text: str) -> date:
    """Return the day of "1997-01-31"; raise NotATime."""
    if not _DAY.fullmatch(text):
        raise _not_a_time(text)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _no_such_day(text, text) from None
    check_year(day, text)
    return day


def _date_time(text: str) -> datetime:
    match = _TIME.fullmatch(text)
    if not match:
        raise _not_a_time(text)
    day, clock, second, fraction, sign, hours, minutes = match.groups()
    fraction = (fraction or "").ljust(6, "0")
    if fraction[6:].strip("0"):
        raise NotATime(f'"{text}" is finer than a microsecond, which is all that is kept')
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}:{second or '00'}.{fraction[:6]}")
    except ValueError:
        raise _no_such_day(day, text) from None
    check_year(moment, text)
    return moment.replace(tzinfo=_offset(sign, hours, minutes, text) if sign else UTC)


def _offset(sign: str, hours: str, minutes: str, text: str) -> timezone:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _OFFSET_MAX:
        raise NotATime(f'"{text}" has an offset that no place on earth has: at most 14:00')
    return timezone(-offset if sign == "-" else offset)


def check_year(day: date, text: str) -> None:
    """Raise NotATime for a year that is implausibly early."""
    if day.year < _FIRST_YEAR:
        raise NotATime(f'"{text}" is before {_FIRST_YEAR}')


def _no_such_day(day: str, text: str) -> NoSuchDay:
    """Return the error of a date whose month or day is beyond the calendar's."""
    from calendar import monthrange

    year, month = int(day[:4]), int(day[5:7])
    if not 1 <= month <= 12:
        return NoSuchDay(f"{_not_a_time(text)}: there is no month {day[5:7]}")
    return NoSuchDay(f'"{text}" is no day: {day[:7]} has the days 01 to {monthrange(year, month)[1]}')


def _not_a_time(text: str) -> NotATime:
    if match := _DAY_WITH_OFFSET.fullmatch(text):
        return NotATime(f'"{text}" is a date with an offset: write {match[1]}, or a time with it')
    return NotATime(f'"{text}" is neither a date (1997-01-31) nor a date-time (1997-01-31T08:26:00Z)')


def pretty_time(text: str) -> str:
    """Return an RFC 3339 time for people: "1997-01-31" for midnight, else "1997-01-31 08:26:00" (UTC).

    An empty text stays empty.
    """
    if not text:
        return ""
    day, _, clock = text.rstrip("Z").partition("T")
    return day if clock == "00:00:00" else f"{day} {clock[:8]}"
