"""Well-known messages said in one value beside their fields: a time, a duration, an amount.

Rule: as ProtoJSON writes it, where ProtoJSON has a way of its own; nothing where the fields make no sense.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from clientela_lab.wire.events import FieldNode, Json


def note_of(message: str, fields: Sequence[FieldNode]) -> str | None:
    """Say what the fields of this type of message come to, if it is one of those that can be said shortly."""
    note = _NOTES.get(message)
    if note is None or any(field["number"] == 0 for field in fields):
        return None
    try:
        return note({field["name"]: field.get("value") for field in fields})
    except (ValueError, TypeError):
        return None


_Values = dict[str | None, Json]


def _timestamp(values: _Values) -> str:
    moment = Timestamp(seconds=int(values.get("seconds", 0)), nanos=values.get("nanos", 0))
    return str(moment.ToJsonString())


def _duration(values: _Values) -> str:
    span = Duration(seconds=int(values.get("seconds", 0)), nanos=values.get("nanos", 0))
    return str(span.ToJsonString())


def _money(values: _Values) -> str:
    """Write at least two places: "240.00 EUR"; the currency knows better, and is not asked."""
    units = Decimal(values.get("units", 0))
    amount = units + Decimal(values.get("nanos", 0)).scaleb(-9)
    exact = amount.normalize()
    places = max(2, -int(exact.as_tuple().exponent))
    return f"{exact:.{places}f} {values.get('currency_code', '')}".rstrip()


def _decimal(values: _Values) -> str:
    return str(values.get("value", ""))


_NOTES: dict[str, Callable[[_Values], str]] = {
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
    "google.type.Money": _money,
    "google.type.Decimal": _decimal,
}
