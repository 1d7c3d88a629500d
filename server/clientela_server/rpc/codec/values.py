"""Convert times, days, money and resource names."""

from datetime import date
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money as MoneyMessage

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.money import NANOS_PER_UNIT, Money

M = TypeVar("M", bound=Message)
_US_MAX = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z, the last time that a Timestamp holds
_US_MIN = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z, the first
_EPOCH = date(1970, 1, 1).toordinal()


def to_time(us: int) -> Timestamp:
    """Return a timestamp of microseconds since 1970-01-01T00:00Z."""
    return Timestamp(seconds=us // 1_000_000, nanos=us % 1_000_000 * 1000)


def set_time(message: Timestamp, us: int) -> None:
    """Set a timestamp in place to microseconds since 1970-01-01T00:00Z."""
    message.seconds, rest = divmod(us, 1_000_000)
    message.nanos = rest * 1000


def from_time(message: Timestamp, path: str = "time") -> int:
    """Return microseconds since 1970-01-01T00:00Z; InvalidArgument beyond the years 1 to 9999."""
    us = message.seconds * 1_000_000 + message.nanos // 1000
    if not (_US_MIN <= us <= _US_MAX and 0 <= message.nanos < NANOS_PER_UNIT):
        raise InvalidArgument.of_field(
            "TIME_INVALID", path, "must be from year 1 to 9999, with nanos from 0 to 999,999,999"
        )
    return us


def to_date(day: int) -> Date:
    """Return a date of a day since 1970-01-01."""
    found = date.fromordinal(day + _EPOCH)
    return Date(year=found.year, month=found.month, day=found.day)


def from_date(message: Date, path: str) -> int:
    """Return a date as a day since 1970-01-01; InvalidArgument if there is no such day.

    google.type.Date can also be a year, month or anniversary, with zeros; these are refused.
    """
    try:
        return date(message.year, message.month, message.day).toordinal() - _EPOCH
    except ValueError:
        raise InvalidArgument.of_field(
            "DATE_INVALID",
            path,
            "must be a day of the calendar, with year, month and day",
            date=f"{message.year:04}-{message.month:02}-{message.day:02}",
        ) from None


def to_money(money: Money) -> MoneyMessage:
    """Return the message of an amount."""
    return MoneyMessage(currency_code=money.currency, units=money.units, nanos=money.rest)


def set_money(message: MoneyMessage, money: Money) -> None:
    """Set the message of an amount in place."""
    message.currency_code = money.currency
    message.units, message.nanos = divmod(money.nanos, NANOS_PER_UNIT)


def from_money(message: MoneyMessage) -> Money:
    """Return an amount."""
    return Money(message.currency_code, message.units * NANOS_PER_UNIT + message.nanos)


def named(message: M, name: str) -> M:
    """Return a copy of a resource's message, with another name."""
    copy = type(message)()
    copy.CopyFrom(message)
    copy.name = name  # type: ignore[attr-defined]
    return copy


def revision_of(etag: str) -> int:
    """Return the revision in a stored etag; 0 for one that a caller made up."""
    digits = etag.strip('"')
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else 0


def customer_id(name: str) -> str:
    """Return the id in "customers/{customer}", a name that was validated."""
    return name.split("/")[1]


def segment_id(name: str) -> str:
    """Return the id in "segments/{segment}"."""
    return name.split("/")[1]


def spend_id(name: str) -> str:
    """Return the id in "spends/{spend}"."""
    return name.split("/")[1]


def purchase_ids(name: str) -> tuple[str, str]:
    """Return both ids in "customers/{customer}/purchases/{purchase}"."""
    _, customer, _, purchase = name.split("/")
    return customer, purchase
