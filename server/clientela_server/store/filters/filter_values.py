"""From the words of a filter to the values that columns hold; None where a word is no such value.

Rule: the form of a word is looked at before it is converted. So what a number costs is bounded by its form
(`1E999990` is 8 characters, and a million digits as a whole number), and what Python would take besides
(`1_0`, digits of other scripts, weeks of a year) is no number and no day here. Read next: `filter_fields`.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal

from clientela_server.domain.money import NANOS_PER_UNIT

_OF_GLOB = re.compile(r"[*?\[]")
_OF_LIKE = re.compile("[%_!]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(?:[.][0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]((?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,6})?)?)(?:(?<=[.][0-9]{6})0{1,3})?"
    r"([Zz]|[+-](?:0[0-9]|1[0-3]):?[0-5][0-9]|[+-]14:?00)?)?"
)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
# Every number of the form above, in nanos, has fewer digits.
_EXACT = Context(prec=200)


def glob_of(pieces: Sequence[str]) -> str:
    """Write pieces with anything between them as GLOB has it."""
    return "*".join(_OF_GLOB.sub(r"[\g<0>]", piece) for piece in pieces)


def like_of(pieces: Sequence[str]) -> str:
    """Write pieces with anything between them as LIKE has it, with `!` before what is meant literally."""
    return "%".join(_OF_LIKE.sub(r"!\g<0>", piece) for piece in pieces)


def read_time(text: str) -> int | None:
    """Read an RFC 3339 time into microseconds; a plain date is its midnight in UTC.

    None also where it is finer than a microsecond, or has an offset that no place on earth has.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, clock, offset = match.groups()
    try:
        time = datetime.datetime.fromisoformat(f"{day}T{clock or '00:00'}{(offset or 'Z').upper()}")
    except ValueError:
        return None
    return (time - _EPOCH) // datetime.timedelta(microseconds=1)


def read_day(text: str) -> int | None:
    """Read a day, written 2026-01-31, as the number of days since 1970-01-01."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return datetime.date.fromisoformat(text).toordinal() - _EPOCH.toordinal()
    except ValueError:
        return None


def read_integer(text: str) -> int | None:
    """Read a whole number of 64 bits."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if abs(number) < 2**63 else None


def read_decimal(text: str) -> Decimal | None:
    """Read a decimal number, exactly."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def read_nanos(text: str) -> int | None:
    """Read an amount of money, whatever the currency, as nanos; None also where it is finer than they are."""
    number = read_decimal(text)
    if number is None:
        return None
    exact = _EXACT.multiply(number, NANOS_PER_UNIT)
    nanos = int(exact)
    return nanos if nanos == exact and abs(nanos) < 2**63 * NANOS_PER_UNIT else None


def read_flag(text: str) -> bool | None:
    """Read true or false."""
    return {"true": True, "false": False}.get(text.lower())


def read_enum(names: Mapping[str, int], prefix: str) -> Callable[[str], int | None]:
    """Read an enum value by its name, with or without the prefix of its type, in capitals or not."""

    def read(text: str) -> int | None:
        name = text.upper()
        return names.get(name, names.get(prefix + name))

    return read


def one_of(names: Mapping[str, int], prefix: str) -> str:
    """Describe which names of an enum there are."""
    return f"one of {', '.join(name.removeprefix(prefix) for name, number in names.items() if number)}"
