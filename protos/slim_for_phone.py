"""Descriptors for the phone: the contract without what costs bytes and says nothing to a phone.

Reads a descriptor set on stdin, writes one on stdout. What stays: the calls that the phone makes, the
messages that they reach, and the errors' details that it reads. What goes: all else, all options, and
comments. Fields that are left out are not lost: a message that is read and written again carries what it does
not know.
"""

import sys
from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

_CALLS = {
    ".clientela.v1.CustomerService": {"CreateCustomer", "GetCustomer", "ListCustomers", "UpdateCustomer"},
    ".clientela.v1.PurchaseService": {"RecordPurchase", "GetPurchase", "ListPurchases"},
    ".clientela.v1.FeedService": {"Watch", "ListHistory"},
    ".clientela.v1.StandingService": {"GetStanding"},
    ".clientela.v1.SegmentService": {"ListSegments", "ListSegmentMembers"},
}
_DETAILS = {".google.rpc.ErrorInfo", ".google.rpc.RetryInfo", ".google.rpc.LocalizedMessage"}
#: What no screen shows.
_FIELDS_NOT_SHOWN = {
    ".clientela.v1.Customer": {"uid", "addresses", "preferences", "acquisition", "labels", "erasure_pending"},
    ".clientela.v1.Purchase": {"purpose", "sales_path", "recorded_by"},
    ".clientela.v1.PurchaseLine": {"sku", "category"},
    ".clientela.v1.Segment": {"create_time", "update_time", "etag"},
}
#: All that is shown, whatever else comes to be there. A change's name says what is to be asked anew, so what
#: standing.proto and segments.proto tell is loaded only where it is looked at.
_FIELDS_SHOWN = {
    ".clientela.v1.Change": set(
        "revision commit_time actor method request_id name customer purchase".split()
    ),
    ".clientela.v1.Standing": {"customer", "stage", "kinds", "findings", "read_time"},
}


def main() -> None:
    """Slim what comes in."""
    known = FileDescriptorSet.FromString(sys.stdin.buffer.read())
    files = [file for file in known.file if not file.name.startswith(("google/api/", "buf/"))]
    for file in files:
        _keep_calls(file)
    wanted = _reached(files)
    homes = _homes(files)
    slim = FileDescriptorSet(file=[_slim(file, wanted, homes) for file in files])
    sys.stdout.buffer.write(slim.SerializeToString(deterministic=True))


def _keep_calls(file: FileDescriptorProto) -> None:
    for service in file.service:
        calls = _CALLS.get(f".{file.package}.{service.name}", set())
        kept = [method for method in service.method if method.name in calls]
        del service.method[:]
        service.method.extend(kept)
        service.ClearField("options")
        for method in service.method:
            method.ClearField("options")


def _reached(files: list[FileDescriptorProto]) -> set[str]:
    """Tell the types that are needed: those of the calls, and those of their fields."""
    messages = {f".{file.package}.{message.name}": message for file in files for message in file.message_type}
    to_do = list(_DETAILS)
    for file in files:
        for service in file.service:
            to_do += [name for method in service.method for name in (method.input_type, method.output_type)]
    reached: set[str] = set()
    while to_do:
        name = to_do.pop()
        if name not in reached:
            reached.add(name)
            to_do += _types(name, messages[name]) if name in messages else []
    return reached


def _types(name: str, message: DescriptorProto) -> Iterator[str]:
    _keep_fields(name, message)
    for each in (message, *message.nested_type):
        yield from (field.type_name for field in each.field if field.type_name)


def _keep_fields(name: str, message: DescriptorProto) -> None:
    hidden = _FIELDS_NOT_SHOWN.get(name, set())
    shown = _FIELDS_SHOWN.get(name, {field.name for field in message.field})
    kept = [field for field in message.field if field.name in shown - hidden]
    _renumber_oneofs(message, kept)
    del message.field[:]
    message.field.extend(kept)
    entries = {field.type_name for field in kept}
    nested = [entry for entry in message.nested_type if f"{name}.{entry.name}" in entries]
    del message.nested_type[:]
    message.nested_type.extend(nested)


def _renumber_oneofs(message: DescriptorProto, kept: list[FieldDescriptorProto]) -> None:
    used = sorted({field.oneof_index for field in kept if field.HasField("oneof_index")})
    oneofs = [message.oneof_decl[index] for index in used]
    for field in kept:
        if field.HasField("oneof_index"):
            field.oneof_index = used.index(field.oneof_index)
    del message.oneof_decl[:]
    message.oneof_decl.extend(oneofs)


def _slim(file: FileDescriptorProto, wanted: set[str], homes: dict[str, str]) -> FileDescriptorProto:
    if file.package != "google.protobuf":
        _keep(file.message_type, file.package, wanted)
        _keep(file.enum_type, file.package, wanted)
        file.ClearField("options")
    used = {homes.get(name) for name in _named_in(file)}
    dependencies = [name for name in file.dependency if name in used]
    del file.dependency[:]
    file.dependency.extend(dependencies)
    file.ClearField("source_code_info")
    return file


def _homes(files: list[FileDescriptorProto]) -> dict[str, str]:
    """Tell the file of each type."""
    return {
        f".{file.package}.{thing.name}": file.name
        for file in files
        for thing in (*file.message_type, *file.enum_type)
    }


def _named_in(file: FileDescriptorProto) -> Iterator[str]:
    for message in file.message_type:
        for each in (message, *message.nested_type):
            yield from (field.type_name for field in each.field if field.type_name)
    for service in file.service:
        for method in service.method:
            yield from (method.input_type, method.output_type)


def _keep(things: object, package: str, wanted: set[str]) -> None:
    kept: list[DescriptorProto | EnumDescriptorProto] = [
        thing
        for thing in things  # type: ignore[attr-defined]
        if f".{package}.{thing.name}" in wanted
    ]
    for thing in kept:
        _bare(thing)
    del things[:]  # type: ignore[attr-defined]
    things.extend(kept)  # type: ignore[attr-defined]


def _bare(thing: DescriptorProto | EnumDescriptorProto) -> None:
    if isinstance(thing, EnumDescriptorProto):
        thing.ClearField("options")
        for value in thing.value:
            value.ClearField("options")
        return
    for field in thing.field:
        field.ClearField("options")
    if not thing.options.map_entry:
        thing.ClearField("options")
    for nested in thing.nested_type:
        _bare(nested)


if __name__ == "__main__":
    main()
