"""In which order predictions are told."""

from dataclasses import dataclass

from clientela_server.domain import orders

_FIELDS = ("name", "value")
_DEFAULT = "value desc"


@dataclass(frozen=True, slots=True)
class Order:
    """By value and then by name, or by name alone; rising or falling."""

    by_value: bool
    values_fall: bool
    names_fall: bool


def read_order(text: str) -> Order:
    """Read "value desc, name"; what is alike is in the order of names, in the direction of the last field."""
    falls: dict[str, bool] = {}
    for field, falling in orders.read_order(text or _DEFAULT, _FIELDS):
        if "name" not in falls:  # of one name there is one client: what follows changes nothing
            falls.setdefault(field, falling)
    values_fall = falls.get("value", False)
    return Order("value" in falls, values_fall, falls.get("name", values_fall))
