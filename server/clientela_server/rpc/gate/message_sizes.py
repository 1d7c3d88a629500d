"""Check the sizes of lists and maps before a message is validated.

protovalidate runs the rules on every element before it reports that there are too many: 1 MiB holds half a
million, which take seconds and block all other calls. The bounds are the contract's (`max_items`,
`max_pairs`); lists without one have `ELEMENTS_MAX`. Read next: `validation`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from clientela_server.domain.errors import InvalidArgument

# The bound of lists without one in the contract: addresses' lines, the paths of a mask.
ELEMENTS_MAX = 1000
# Smaller messages hold too few elements to matter; most requests are smaller.
_SMALL_BYTES = 1024


class Bound(NamedTuple):
    """The most elements of a repeated field, by which rule; whether elements are validated elsewhere."""

    most: int
    rule: str
    are_checked_alone: bool


def check_sizes(message: Message) -> None:
    """Raise InvalidArgument if a list or map has too many elements."""
    if message.ByteSize() > _SMALL_BYTES:
        _check(message, "")


@cache
def bound_of(field: FieldDescriptor) -> Bound:
    """Return the bound of a repeated field."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    alone = rules.repeated.items.ignore == validate_pb2.IGNORE_ALWAYS
    if rules.map.max_pairs:
        return Bound(rules.map.max_pairs, "map.max_pairs", alone)
    return Bound(rules.repeated.max_items or ELEMENTS_MAX, "repeated.max_items", alone)


def too_many(path: str, bound: Bound) -> InvalidArgument:
    """Return the error of a list or map with too many elements."""
    what = "entries" if bound.rule == "map.max_pairs" else "items"
    description = f"must contain no more than {bound.most} {what}"
    return InvalidArgument.of_field(
        "FIELD_INVALID", path, description, field=path, rule=bound.rule, description=description
    )


def _check(message: Message, path: str) -> None:
    for field, value in message.ListFields():
        here = f"{path}{field.name}"
        if field.is_repeated:
            bound = bound_of(field)
            if len(value) > bound.most:
                raise too_many(here, bound)
            if field.message_type is not None and not bound.are_checked_alone:
                _check_elements(value, here)
        elif field.message_type is not None:
            _check(value, f"{here}.")


def _check_elements(values: Any, path: str) -> None:
    if isinstance(values, Mapping):  # the contract has maps of strings only
        return
    for place, each in enumerate(values):
        _check(each, f"{path}[{place}].")
