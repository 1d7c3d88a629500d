"""The decoded fields of a message, as plain dicts: the form that recordings have too."""

from typing import Any, NotRequired, TypeAlias, TypedDict

Range: TypeAlias = tuple[int, int]
Json: TypeAlias = Any


class FieldNode(TypedDict):
    """One field of a protobuf message as encoded; at: its byte offsets within the whole message."""

    number: int
    name: str | None
    type: str | None
    wire: str
    at: Range
    value: NotRequired[Json]
    fields: NotRequired[list["FieldNode"]]
