"""Descriptors for the phone: the contract without its options, which cost bytes and say nothing to a client.

Reads a descriptor set on stdin, writes one on stdout. What goes: google.api and buf.validate options with their
imports, and the streams of imports and exports, which no phone makes. Comments stay, for the generated code.
"""

import sys

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet, FileOptions

_OPTIONS_OF = ("google/api/", "buf/validate/")
_UNUSED_CALLS = {"ImportPurchases", "ExportPurchases"}
_UNUSED_MESSAGES = {
    "ImportPurchasesRequest",
    "ImportItem",
    "ImportPurchasesResponse",
    "RejectedItem",
    "ItemStatus",
    "ExportPurchasesRequest",
    "ExportPurchasesResponse",
}


def main() -> None:
    """Slim what comes in."""
    known = FileDescriptorSet.FromString(sys.stdin.buffer.read())
    files = [slim(file) for file in known.file if not file.name.startswith(_OPTIONS_OF)]
    sys.stdout.buffer.write(FileDescriptorSet(file=files).SerializeToString(deterministic=True))


def slim(file: FileDescriptorProto) -> FileDescriptorProto:
    """Take from a file what a phone does not need."""
    if file.name.startswith("google/protobuf/descriptor"):
        return file
    kept = [name for name in file.dependency if not name.startswith(_OPTIONS_OF)]
    del file.dependency[:]
    file.dependency.extend(kept)
    file.options.CopyFrom(FileOptions())
    if file.package.startswith("clientela."):
        # Removing one moves the others, and their comments are found by their places.
        _cut_tail(file.message_type, _UNUSED_MESSAGES)
        for service in file.service:
            _cut_tail(service.method, _UNUSED_CALLS)
    for message in file.message_type:
        _bare(message)
    for enum in file.enum_type:
        enum.ClearField("options")
        for value in enum.value:
            value.ClearField("options")
    for service in file.service:
        service.ClearField("options")
        for method in service.method:
            method.options.ClearField("idempotency_level")
            method.ClearField("options")
    return file


def _bare(message: DescriptorProto) -> None:
    for field in message.field:
        field.ClearField("options")
    for oneof in message.oneof_decl:
        oneof.ClearField("options")
    for nested in message.nested_type:
        entry = nested.options.map_entry
        _bare(nested)
        nested.options.map_entry = entry
    message.ClearField("options")


def _cut_tail(things: object, names: set[str]) -> None:
    assert hasattr(things, "pop")
    while things and things[-1].name in names:  # type: ignore[index]
        things.pop()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
