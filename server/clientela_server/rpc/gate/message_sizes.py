"""How many elements a message may hold, looked at before its rules are run.

The rules of the contract are run on every element, and only then is it said that there are too many: a
mebibyte holds half a million of them, which take seconds, and all other calls wait. The bounds are the
contract's own (`max_items`, `max_pairs`); lists that have none there have `ELEMENTS_MAX`. Read next:
`validation`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from clientela_server.domain.errors import InvalidArgument

# So many elements has a list that the contract doesn't bound: addresses' lines, the paths of a mask.
ELEMENTS_MAX = 1000
# What is smaller holds so few elements that it need not be looked at; most calls are.
_SMALL_BYTES = 1024


class Bound(NamedTuple):
    """What a repeated field may hold, by which rule, and whether its elements are checked one by one."""

    most: int
    rule: str
    are_checked_alone: bool


def check_sizes(message: Message) -> None:
    """Refuse a message with a list or map of more elements than there may be: InvalidArgument."""
    if message.ByteSize() > _SMALL_BYTES:
        _check(message, "")


@cache
def bound_of(field: FieldDescriptor) -> Bound:
    """Tell how many elements a repeated field may hold."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    alone = rules.repeated.items.ignore == validate_pb2.IGNORE_ALWAYS
    if rules.map.max_pairs:
        return Bound(rules.map.max_pairs, "map.max_pairs", alone)
    return Bound(rules.repeated.max_items or ELEMENTS_MAX, "repeated.max_items", alone)


def too_many(path: str, bound: Bound) -> InvalidArgument:
    """The refusal of a list or map with too many elements."""
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
    if isinstance(values, Mapping):  # whose values are texts in all of the contract
        return
    for place, each in enumerate(values):
        _check(each, f"{path}[{place}].")
