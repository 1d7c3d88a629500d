"""Update masks (AIP-134, AIP-161): which fields of a patch go where.

No mask means the fields that are filled in, "*" means all, so that what is empty is emptied. Output-only
fields are left out of every mask, as the contract says that input there is ignored.
"""

from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from clientela_server.domain.errors import InvalidArgument

_SET_BY_SERVER = {field_behavior_pb2.OUTPUT_ONLY, field_behavior_pb2.IDENTIFIER}
_NEVER = {"etag"}  # a condition, not a value


def apply_mask(patch: Message, mask: FieldMask | None, into: Message) -> list[str]:
    """Copy what the mask names from a patch, and give the paths; InvalidArgument for an unknown one."""
    paths = _paths(patch, mask)
    masked = FieldMask(paths=paths)
    for path in paths:
        _check(path, patch.DESCRIPTOR)
        _clear(into, path.split("."))
    masked.MergeMessage(patch, into, replace_message_field=True, replace_repeated_field=True)
    return paths


def _paths(patch: Message, mask: FieldMask | None) -> list[str]:
    if mask is not None and mask.paths == ["*"]:
        return [field.name for field in patch.DESCRIPTOR.fields if _writable(field)]
    if mask is not None and mask.paths:
        return [
            path for path in mask.paths if _writable(patch.DESCRIPTOR.fields_by_name.get(path.split(".")[0]))
        ]
    return [field.name for field, _ in patch.ListFields() if _writable(field)]


def _writable(field: Any) -> bool:
    """Tell whether input counts; of an unknown field yes, so that it is refused and not ignored."""
    if field is None:
        return True
    behaviors = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field.name not in _NEVER and not _SET_BY_SERVER.intersection(behaviors)


def _check(path: str, descriptor: Any) -> None:
    message = descriptor
    for name in path.split("."):
        field = message.fields_by_name.get(name) if message else None
        if field is None:
            raise InvalidArgument.of_field(
                "MASK_PATH_UNKNOWN", "update_mask", f"there is no field {path!r}", path=path
            )
        message = None if field.is_repeated else field.message_type


def _clear(message: Message, names: list[str]) -> None:
    """Empty a field before it is filled: what the patch leaves empty shall be empty."""
    *outer, last = names
    for name in outer:
        if not message.HasField(name):
            return
        message = getattr(message, name)
    message.ClearField(last)
