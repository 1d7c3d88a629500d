"""Well-known messages said in one value beside their fields: a time, a duration, an amount.

Rule: as ProtoJSON writes it, where ProtoJSON has a way of its own; nothing where the fields make no sense.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from google.protobuf.duration_pb2 import Duration

from clientela_client.wire_format.nodes import FieldNode, Json

_Values = dict[str | None, Json]
Note: TypeAlias = Callable[[_Values], str | None]


def note_of(note: Note, fields: Sequence[FieldNode]) -> str | None:
    """Return the value of a well-known message's fields, None if they are malformed."""
    values = {field["name"]: field.get("value") for field in fields}
    if None in values:  # something is not known, or broken
        return None
    try:
        return note(values)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _timestamp(values: _Values) -> str:
    moment = datetime.fromtimestamp(int(values.get("seconds", 0)), UTC)
    return f"{moment.isoformat()[:19]}{_fraction(values.get('nanos', 0))}Z"


def _fraction(nanos: int) -> str:
    """Return a fraction with 0, 3, 6 or 9 digits, as in ProtoJSON."""
    if not 0 <= nanos < 1_000_000_000:
        raise ValueError("no part of a second")
    places = f"{nanos:09d}"
    while places.endswith("000"):
        places = places[:-3]
    return f".{places}" if places else ""


def _duration(values: _Values) -> str:
    span = Duration(seconds=int(values.get("seconds", 0)), nanos=values.get("nanos", 0))
    return str(span.ToJsonString())


def _money(values: _Values) -> str | None:
    """Write at least two places: "240.00 EUR"; how many the currency has is not asked."""
    units, nanos = int(values.get("units", 0)), values.get("nanos", 0)
    if units * nanos < 0 or abs(nanos) > 999_999_999:
        return None
    sign = "-" if units < 0 or nanos < 0 else ""
    places = f"{abs(nanos):09d}".rstrip("0").ljust(2, "0")
    return f"{sign}{abs(units)}.{places} {values.get('currency_code', '')}".rstrip()


def _decimal(values: _Values) -> str:
    return str(values.get("value", ""))


NOTES: dict[str, Note] = {
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
    "google.type.Money": _money,
    "google.type.Decimal": _decimal,
}
