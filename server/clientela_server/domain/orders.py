"""The order of a list as callers write it: "amount desc, name" (AIP-132)."""

from collections.abc import Collection

from clientela_server.domain.errors import InvalidArgument

_DIRECTIONS = {"": False, "asc": False, "desc": True}


def read_order(text: str, fields: Collection[str]) -> list[tuple[str, bool]]:
    """Read each field and whether it falls; InvalidArgument tells what there is.

    Case is not looked at, and a field may be named as in JSON: createTime is create_time.
    """
    known = {_folded(field): field for field in fields}
    return [_read_part(part, known) for part in text.split(",")]


def _read_part(part: str, known: dict[str, str]) -> tuple[str, bool]:
    name, _, direction = part.strip().partition(" ")
    falls = _DIRECTIONS.get(direction.strip().lower())
    if _folded(name) in known and falls is not None:
        return known[_folded(name)], falls
    given, listed = part.strip(), ", ".join(sorted(known.values()))
    raise InvalidArgument.of_field(
        "ORDER_FIELD_UNKNOWN",
        "order_by",
        f"there are {listed}, and desc behind one",
        name=name,
        order=given,
        known=listed,
    )


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
