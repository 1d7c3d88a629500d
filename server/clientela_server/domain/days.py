"""Days and months as numbers: UTC days from 1970-01-01; months as 12 times the year, plus 0 to 11."""

from datetime import date
from functools import lru_cache

DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()


def day_of(us: int) -> int:
    """Return the day of a time in microseconds."""
    return us // DAY_US


# A standing names the same two days in many of its sentences, and those of many clients are alike.
@lru_cache(maxsize=4096)
def date_of(day: int) -> str:
    """Write a day as 2026-12-14."""
    return date.fromordinal(day + _EPOCH).isoformat()


def month_of(day: int) -> int:
    """Return the month of a day: 12 times the year, plus 0 to 11."""
    found = date.fromordinal(day + _EPOCH)
    return 12 * found.year + found.month - 1


def first_day_of(month: int) -> int:
    """Return the first day of a month."""
    year, of_year = divmod(month, 12)
    return date(year, of_year + 1, 1).toordinal() - _EPOCH
