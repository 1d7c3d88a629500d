"""Update masks (AIP-134, AIP-161): which fields of a patch go where, and that nothing else is touched.

No mask means the fields that are filled in, also of the messages within; "*" means all, so that what is empty
is emptied. Output-only fields are left out of every mask, as the contract says that input there is ignored.
A path into a message of a oneof that holds another one is refused: it would drop what the other holds. Who
wants that names the message itself, the one that goes or the one that comes.
"""

from collections.abc import Iterator
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from clientela_server.domain.errors import InvalidArgument

_SET_BY_SERVER = {field_behavior_pb2.OUTPUT_ONLY, field_behavior_pb2.IDENTIFIER}
_NEVER = {"etag"}  # a condition, not a value


def find_field(kind: Any, name: str) -> Any:
    """Find a field by its name in the contract or by that in JSON, display_name or displayName; or None."""
    if not name.isascii():
        return None
    return kind.fields_by_name.get(name) or kind.fields_by_camelcase_name.get(name)


def check_mask(patch: Message, mask: FieldMask | None) -> None:
    """Refuse a mask that names what is not there; InvalidArgument."""
    for path in _paths(patch, mask, type(patch)()):
        message: Any = patch.DESCRIPTOR
        for name in path.split("."):
            field = message.fields_by_name.get(name) if message else None
            if field is None:
                raise InvalidArgument.of_field(
                    "MASK_PATH_UNKNOWN", "update_mask", f"there is no field {path!r}", path=path
                )
            message = None if field.is_repeated else field.message_type


def apply_mask(patch: Message, mask: FieldMask | None, into: Message) -> None:
    """Copy what a checked mask names from a patch; refuse what would drop something that it does not name."""
    paths = _paths(patch, mask, into)
    _refuse_other_branch(paths, into)
    for path in paths:
        _clear(into, path.split("."))
    named = FieldMask(paths=paths)
    named.MergeMessage(patch, into, replace_message_field=True, replace_repeated_field=True)


def _paths(patch: Message, mask: FieldMask | None, into: Message) -> list[str]:
    if mask is not None and mask.paths == ["*"]:
        return [field.name for field in patch.DESCRIPTOR.fields if _writable(field)]
    if mask is not None and mask.paths:
        named = [_as_declared(path, patch.DESCRIPTOR) for path in mask.paths]
        return [path for path in named if _writable(patch.DESCRIPTOR.fields_by_name.get(path.split(".")[0]))]
    filled = [field for field, _ in patch.ListFields() if _writable(field)]
    return [path for field in filled for path in _filled_in(field, patch, into)]


def _as_declared(path: str, kind: Any) -> str:
    """Write a path by the names of the contract, as far as it leads through fields."""
    names = []
    for name in path.split("."):
        field = find_field(kind, name) if kind else None
        names.append(field.name if field else name)
        kind = None if field is None or field.is_repeated else field.message_type
    return ".".join(names)


def _filled_in(field: Any, patch: Message, into: Message) -> Iterator[str]:
    """Give the paths of what a field holds; whole where it is put in the place of another of its oneof."""
    oneof = field.containing_oneof
    if field.is_repeated or field.message_type is None or (oneof and not into.HasField(field.name)):
        yield field.name
        return
    for inner, _ in getattr(patch, field.name).ListFields():
        yield f"{field.name}.{inner.name}"


def _writable(field: Any) -> bool:
    """Tell whether input counts; of an unknown field yes, so that it is refused and not ignored."""
    if field is None:
        return True
    behaviors = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field.name not in _NEVER and not _SET_BY_SERVER.intersection(behaviors)


def _refuse_other_branch(paths: list[str], into: Message) -> None:
    """Refuse a path into a message whose oneof holds another, unless the mask names one of the two whole."""
    for path in paths:
        branch, dot, _ = path.partition(".")
        oneof = into.DESCRIPTOR.fields_by_name[branch].containing_oneof
        held = into.WhichOneof(oneof.name) if dot and oneof else None
        if held and held != branch and not {held, branch}.intersection(paths):
            resource = into.DESCRIPTOR.name.lower()
            raise InvalidArgument.of_field(
                "FIELD_OF_OTHER_KIND",
                f"{resource}.{path}",
                f"this {resource} has {held} and not {branch}; "
                f"to put one for the other, name {held} in update_mask too",
                path=path,
                held=held,
                branch=branch,
            )


def _clear(message: Message, names: list[str]) -> None:
    """Empty a field before it is filled: what the patch leaves empty shall be empty."""
    *outer, last = names
    for name in outer:
        if not message.HasField(name):
            return
        message = getattr(message, name)
    message.ClearField(last)
