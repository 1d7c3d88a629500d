"""Plain .proto files of what descriptors say, for a reader that knows fewer options than protoc.

Messages, enums and services; no option, no comment, no default. Read by tshark's protobuf dissector.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    ServiceDescriptor,
)

_TYPES = {
    value: name.removeprefix("TYPE_").lower()
    for name, value in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}


def write_protos(files: Iterable[FileDescriptor], folder: Path) -> None:
    """Write files, and all whose types they use, as a tree of .proto files."""
    todo, done = list(files), set[str]()
    while todo:
        file = todo.pop()
        if file.name not in done:
            done.add(file.name)
            used = _used(file)
            todo += used
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(_file(file, used)) + "\n")


def _used(file: FileDescriptor) -> list[FileDescriptor]:
    """List the files whose types a file uses; what is imported for its options alone is left out."""
    messages = file.message_types_by_name.values()
    methods = [method for service in file.services_by_name.values() for method in service.methods]
    kinds = [
        *(kind for message in messages for kind in _types(message)),
        *(kind for method in methods for kind in (method.input_type, method.output_type)),
    ]
    return list({kind.file.name: kind.file for kind in kinds if kind.file.name != file.name}.values())


def _types(message: Descriptor) -> Iterator[Descriptor | EnumDescriptor]:
    yield from (kind for field in message.fields if (kind := field.message_type or field.enum_type))
    for nested in message.nested_types:
        yield from _types(nested)


def _file(file: FileDescriptor, imported: Iterable[FileDescriptor]) -> Iterator[str]:
    yield f'syntax = "proto3";\npackage {file.package};'
    for other in imported:
        yield f'import "{other.name}";'
    for enum in file.enum_types_by_name.values():
        yield from _enum(enum)
    for message in file.message_types_by_name.values():
        yield from _message(message)
    for service in file.services_by_name.values():
        yield from _service(service)


def _service(service: ServiceDescriptor) -> Iterator[str]:
    yield f"service {service.name} {{"
    for method in service.methods:
        asks = ("stream " if method.client_streaming else "") + f".{method.input_type.full_name}"
        answers = ("stream " if method.server_streaming else "") + f".{method.output_type.full_name}"
        yield f"rpc {method.name}({asks}) returns ({answers});"
    yield "}"


def _message(message: Descriptor) -> Iterator[str]:
    yield f"message {message.name} {{"
    for enum in message.enum_types:
        yield from _enum(enum)
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            yield from _message(nested)
    for field in message.fields:
        yield f"{_label(field)}{_type(field)} {field.name} = {field.number};"
    yield "}"


def _label(field: FieldDescriptor) -> str:
    is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
    return "repeated " if field.is_repeated and not is_map else ""


def _type(field: FieldDescriptor) -> str:
    if field.enum_type is not None:
        return f".{field.enum_type.full_name}"
    if field.message_type is None:
        return _TYPES[field.type]
    if field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        return f"map<{_type(key)}, {_type(value)}>"
    return f".{field.message_type.full_name}"


def _enum(enum: EnumDescriptor) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    for value in enum.values:
        yield f"{value.name} = {value.number};"
    yield "}"
