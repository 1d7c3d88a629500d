"""In which order predictions are told."""

from dataclasses import dataclass

from clientela_server.domain.errors import InvalidArgument

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
    for part in (text or _DEFAULT).split(","):
        field, falling = _read_part(part)
        if "name" not in falls:  # of one name there is one client: what follows changes nothing
            falls.setdefault(field, falling)
    values_fall = falls.get("value", False)
    return Order("value" in falls, values_fall, falls.get("name", values_fall))


def _read_part(part: str) -> tuple[str, bool]:
    words = part.split()
    if words and words[0] in _FIELDS and words[1:] in ([], ["asc"], ["desc"]):
        return words[0], words[1:] == ["desc"]
    raise InvalidArgument.of_field(
        "ORDER_FIELD_UNKNOWN",
        "order_by",
        f"can't order by {part.strip()!r}; there are {', '.join(_FIELDS)}",
        name=words[0] if words else "",
    )
