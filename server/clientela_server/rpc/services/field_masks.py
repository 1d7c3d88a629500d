"""Update masks (AIP-134, AIP-161): apply the named fields of a patch, and change nothing else.

Without a mask, the fields set in the patch are applied, also those of nested messages; "*" applies all
fields, and clears those that are unset. Output-only fields are ignored in every mask, as the contract says. A
path into a oneof member other than the one that is set is refused, since it would drop the other; to replace
it, name either member itself.
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
    """Return the field of a proto or JSON name (display_name, displayName), None if there is none."""
    if not name.isascii():
        return None
    return kind.fields_by_name.get(name) or kind.fields_by_camelcase_name.get(name)


def check_mask(patch: Message, mask: FieldMask | None) -> None:
    """Raise InvalidArgument if a mask names an unknown field."""
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
    """Copy the fields of a checked mask from a patch; InvalidArgument if one would drop a oneof member."""
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
    """Return a path with the proto names of its fields, as far as they are known."""
    names = []
    for name in path.split("."):
        field = find_field(kind, name) if kind else None
        names.append(field.name if field else name)
        kind = None if field is None or field.is_repeated else field.message_type
    return ".".join(names)


def _filled_in(field: Any, patch: Message, into: Message) -> Iterator[str]:
    """Yield the paths set in a field; the field itself if it replaces another member of its oneof."""
    oneof = field.containing_oneof
    if field.is_repeated or field.message_type is None or (oneof and not into.HasField(field.name)):
        yield field.name
        return
    for inner, _ in getattr(patch, field.name).ListFields():
        yield f"{field.name}.{inner.name}"


def _writable(field: Any) -> bool:
    """Return whether a field accepts input; True for an unknown one, so that it is refused, not ignored."""
    if field is None:
        return True
    behaviors = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field.name not in _NEVER and not _SET_BY_SERVER.intersection(behaviors)


def _refuse_other_branch(paths: list[str], into: Message) -> None:
    """Raise InvalidArgument for a path into an unset oneof member, unless the mask names a member whole."""
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
    """Clear a field before it is copied, so that fields unset in the patch are cleared."""
    *outer, last = names
    for name in outer:
        if not message.HasField(name):
            return
        message = getattr(message, name)
    message.ClearField(last)
