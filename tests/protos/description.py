"""The contract as data: what protoc makes of protos/clientela, with its comments, in the shape that rules need.

The views are live: a rule's planted bug edits the `proto` behind one, and `Contract(files)` reads it anew.
Read next: rulebook.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from google.api import annotations_pb2, client_pb2, field_behavior_pb2, field_info_pb2, resource_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    MethodOptions,
    ServiceDescriptorProto,
)
from grpc_tools import protoc

from buf.validate import validate_pb2

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "clientela.v1"
READS = ("Get", "BatchGet", "List", "Export", "Watch")


@dataclass(frozen=True, repr=False)
class Element:
    """Anything that has a name and a place in a file."""

    contract: "Contract"
    file: FileDescriptorProto
    path: tuple[int, ...]  # as in SourceCodeInfo

    def __repr__(self) -> str:
        return str(self)  # short: a failed rule shows it

    @property
    def comment(self) -> str:
        """The comment above it."""
        return "".join(
            location.leading_comments
            for location in self.file.source_code_info.location
            if tuple(location.path) == self.path
        ).strip()

    def uncomment(self) -> None:
        """Remove the comment: a bug to plant."""
        for location in self.file.source_code_info.location:
            if tuple(location.path) == self.path:
                location.leading_comments = ""


@dataclass(frozen=True, repr=False)
class Field(Element):
    """A field of a message."""

    message: "Message"
    proto: FieldDescriptorProto

    def __str__(self) -> str:
        return f"{self.message}.{self.proto.name}"

    @property
    def is_in_oneof(self) -> bool:
        """Whether it is in a oneof that was written, not in one that stands for `optional`."""
        if not self.proto.HasField("oneof_index"):
            return False
        return not self.message.proto.oneof_decl[self.proto.oneof_index].name.startswith("_")

    @property
    def is_repeated(self) -> bool:
        return self.proto.label == FieldDescriptorProto.LABEL_REPEATED

    @property
    def type(self) -> str:
        """Say "string", "int32", or the full name of a message or an enum."""
        if self.proto.type_name:
            return self.proto.type_name.removeprefix(".")
        return FieldDescriptorProto.Type.Name(self.proto.type).removeprefix("TYPE_").lower()

    @property
    def behavior(self) -> set[str]:
        values = self.proto.options.Extensions[field_behavior_pb2.field_behavior]
        return {field_behavior_pb2.FieldBehavior.Name(value) for value in values}

    @property
    def format(self) -> str:
        info = self.proto.options.Extensions[field_info_pb2.field_info]
        return str(field_info_pb2.FieldInfo.Format.Name(info.format))

    @property
    def reference(self) -> str:
        """The resource type that it names (or whose parent it names); empty if none."""
        found = self.proto.options.Extensions[resource_pb2.resource_reference]
        return str(found.type or found.child_type)

    @property
    def pattern(self) -> str:
        """The pattern that the validation rules ask of it, or of its items."""
        rules = self.proto.options.Extensions[validate_pb2.field]
        return rules.string.pattern or rules.repeated.items.string.pattern


@dataclass(frozen=True, repr=False)
class Message(Element):
    """A message, its nested ones aside."""

    proto: DescriptorProto

    def __str__(self) -> str:
        return self.proto.name

    @property
    def full_name(self) -> str:
        return f"{self.file.package}.{self.proto.name}"

    @property
    def fields(self) -> list[Field]:
        return [
            Field(self.contract, self.file, (*self.path, 2, index), self, field)
            for index, field in enumerate(self.proto.field)
        ]

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.proto.name == name), None)

    @property
    def resource(self) -> resource_pb2.ResourceDescriptor:
        """Its google.api.resource; with an empty `type` if it is no resource."""
        return self.proto.options.Extensions[resource_pb2.resource]

    @property
    def is_request(self) -> bool:
        return any(method.request.full_name == self.full_name for method in self.contract.methods)


@dataclass(frozen=True, repr=False)
class Method(Element):
    """An RPC."""

    service: "Service"
    proto: MethodDescriptorProto

    def __str__(self) -> str:
        return self.proto.name

    @property
    def is_unary(self) -> bool:
        return not (self.proto.client_streaming or self.proto.server_streaming)

    @property
    def verb(self) -> str:
        """Its first word; "BatchGet" counts as one."""
        if self.proto.name.startswith("BatchGet"):
            return "BatchGet"
        first_noun = next(
            (index for index, letter in enumerate(self.proto.name) if index and letter.isupper()), None
        )
        return self.proto.name[:first_noun]

    @property
    def is_read(self) -> bool:
        return self.verb in READS

    @property
    def request(self) -> Message:
        return self.contract.message(self.proto.input_type)

    @property
    def response(self) -> Message:
        return self.contract.message(self.proto.output_type)

    @property
    def http(self) -> HttpRule:
        return self.proto.options.Extensions[annotations_pb2.http]

    @property
    def http_verb(self) -> str:
        """Say "get", "post", ...; empty where there is no binding."""
        return self.http.WhichOneof("pattern") or ""

    @property
    def http_path(self) -> str:
        return getattr(self.http, self.http_verb) if self.http_verb else ""

    @property
    def signatures(self) -> list[str]:
        return list(self.proto.options.Extensions[client_pb2.method_signature])

    @property
    def has_no_side_effects(self) -> bool:
        return self.proto.options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS


@dataclass(frozen=True, repr=False)
class Service(Element):
    """A service."""

    proto: ServiceDescriptorProto

    def __str__(self) -> str:
        return self.proto.name

    @property
    def methods(self) -> list[Method]:
        return [
            Method(self.contract, self.file, (*self.path, 2, index), self, method)
            for index, method in enumerate(self.proto.method)
        ]


@dataclass(frozen=True, repr=False)
class Named(Element):
    """What rules only ask for its name and comment: a value of an enum, a oneof."""

    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


@dataclass(frozen=True, repr=False)
class Enum(Element):
    """An enum."""

    proto: EnumDescriptorProto

    def __str__(self) -> str:
        return self.proto.name

    @property
    def values(self) -> list[Named]:
        return [
            Named(self.contract, self.file, (*self.path, 2, index), self.proto.name, value.name)
            for index, value in enumerate(self.proto.value)
        ]


class Contract:
    """All files of the package, and what they import."""

    def __init__(self, files: FileDescriptorSet) -> None:
        self.descriptors = files
        self.files = [file for file in files.file if file.package == PACKAGE]

    def copy(self) -> "Contract":
        """A deep copy, to plant a bug in."""
        return Contract(FileDescriptorSet.FromString(self.descriptors.SerializeToString()))

    @property
    def services(self) -> list[Service]:
        return [
            Service(self, file, (6, index), service)
            for file in self.files
            for index, service in enumerate(file.service)
        ]

    @property
    def methods(self) -> list[Method]:
        return [method for service in self.services for method in service.methods]

    @cached_property
    def _messages(self) -> dict[str, Message]:
        found = (
            Message(self, file, (4, index), message)
            for file in self.descriptors.file
            for index, message in enumerate(file.message_type)
        )
        return {message.full_name: message for message in found}

    @property
    def messages(self) -> list[Message]:
        return [message for message in self._messages.values() if message.file.package == PACKAGE]

    @property
    def resources(self) -> list[Message]:
        return [message for message in self.messages if message.resource.type]

    @property
    def fields(self) -> list[Field]:
        return [field for message in self.messages for field in message.fields]

    @property
    def enums(self) -> list[Enum]:
        return [
            Enum(self, file, (5, index), enum)
            for file in self.files
            for index, enum in enumerate(file.enum_type)
        ]

    @property
    def oneofs(self) -> list[Named]:
        """The real oneofs, not those that stand for `optional`."""
        return [
            Named(self, message.file, (*message.path, 8, index), message.proto.name, oneof.name)
            for message in self.messages
            for index, oneof in enumerate(message.proto.oneof_decl)
            if not oneof.name.startswith("_")
        ]

    def message(self, name: str) -> Message:
        """Find a message by its full name, or by the short name of one of ours."""
        name = name.removeprefix(".")
        return self._messages[name if "." in name else f"{PACKAGE}.{name}"]

    def method(self, name: str) -> Method:
        return next(method for method in self.methods if method.proto.name == name)

    def field(self, name: str) -> Field:
        """Find a field by "Message.field"."""
        message, _, field = name.partition(".")
        return next(found for found in self.message(message).fields if found.proto.name == field)

    def reachable(self, messages: list[Message]) -> Iterator[Message]:
        """The messages, and all that their fields hold, at any depth."""
        seen: set[str] = set()
        waiting = list(messages)
        while waiting:
            message = waiting.pop()
            if message.full_name in seen:
                continue
            seen.add(message.full_name)
            yield message
            waiting += [
                self._messages[field.type] for field in message.fields if field.type in self._messages
            ]


@lru_cache
def contract() -> Contract:
    """Compile the contract, with its comments. Don't edit it: copy() it."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "contract.binpb"
        names = sorted(
            str(path.relative_to(ROOT / "protos")) for path in (ROOT / "protos/clientela").rglob("*.proto")
        )
        includes = [f"-I{ROOT / 'protos'}", f"-I{ROOT / 'protos/third_party'}"]
        flags = ["--include_imports", "--include_source_info", f"--descriptor_set_out={out}"]
        code = protoc.main(["protoc", *includes, *_well_known(), *flags, *names])
        assert code == 0, "the protos do not compile"
        return Contract(FileDescriptorSet.FromString(out.read_bytes()))


def _well_known() -> list[str]:
    return [f"-I{Path(protoc.__file__).parent / '_proto'}"]
