"""What a field is told as, once it is read off the wire: plain dicts, as they stand in recordings too."""

from typing import Any, NotRequired, TypeAlias, TypedDict

Range: TypeAlias = tuple[int, int]
Json: TypeAlias = Any


class FieldNode(TypedDict):
    """One field of a protobuf message, as it was on the wire; `at` are offsets within the whole message."""

    number: int
    name: str | None
    type: str | None
    wire: str
    at: Range
    value: NotRequired[Json]
    fields: NotRequired[list["FieldNode"]]
