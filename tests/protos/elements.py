"""What a contract is made of: services, RPCs, messages, fields, enums, as views on their descriptors.

The views are live: a planted bug edits the `proto` behind one.
Read next: description.py, which finds them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.api import annotations_pb2, client_pb2, field_behavior_pb2, field_info_pb2, resource_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    MethodOptions,
    ServiceDescriptorProto,
)

from buf.validate import validate_pb2

if TYPE_CHECKING:
    from tests.protos.description import Contract

READS = ("Get", "BatchGet", "List", "Export", "Watch", "Predict")


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
        """Return "string", "int32", or the full name of a message or an enum."""
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
    def rule_ids(self) -> set[str]:
        """The ids of the validation rules, written in CEL, for it or for its items."""
        rules = self.proto.options.Extensions[validate_pb2.field]
        return {rule.id for rule in (*rules.cel, *rules.repeated.items.cel)}


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
        """Return "get", "post", ...; empty where there is no binding."""
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
