"""One RPC as methods of the Python SDK: their signature, their docstring, the request that they send.

Read next: nouns_for_python.py, which puts them into classes.
"""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from docstrings_for_python import docstring, imperative, lower_first, paragraphs
from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    MethodOptions,
)

from buf.validate import validate_pb2

#: Where a method's name does not follow from the RPC's.
NAMES = {"ListHistory": "history"}
#: What every method that has them says of these parameters.
EVERYWHERE = {
    "request_id": "a UUID4 that makes the write idempotent; default: a new one for each call.",
    "page_token": "`next_page_token` of the page before; all but `page_size` must be as in that call.",
    "validate_only": "check the request and write nothing.",
}
TIMEOUT = "the deadline of the call with its retries, in seconds; default: the client's."
#: The types of fields, and what stands for one that is unset; all others are integers.
SCALARS = {
    FieldDescriptorProto.TYPE_DOUBLE: ("float", "0.0"),
    FieldDescriptorProto.TYPE_FLOAT: ("float", "0.0"),
    FieldDescriptorProto.TYPE_BOOL: ("bool", "False"),
    FieldDescriptorProto.TYPE_STRING: ("str", '""'),
    FieldDescriptorProto.TYPE_BYTES: ("bytes", 'b""'),
}
INTEGER = ("int", "0")
FIELD_MASK = ".google.protobuf.FieldMask"
_CODE = re.compile(r"[A-Z]{2,}(_[A-Z]+)*\b")
#: A rule of the parent's that takes "-" for all.
_WILDCARD = re.compile(r"'\^([a-z]+/)\(-\|")


class Contract:
    """The files of a descriptor set, and where the types in them are."""

    def __init__(self, known: FileDescriptorSet) -> None:
        self.files = [file for file in known.file if file.package == "clientela.v1"]
        self._homes = {
            f".{file.package}.{each.name}": file
            for file in known.file
            for each in (*file.message_type, *file.enum_type)
        }
        self.enums = {f".{file.package}.{each.name}": each for file in known.file for each in file.enum_type}

    def module_of(self, type_name: str) -> str:
        """Return the Python module of a type."""
        return self._homes[type_name].name.removesuffix(".proto").replace("/", ".") + "_pb2"

    def types_of(self, file: FileDescriptorProto) -> list[str]:
        """Return the names of a file's messages and enums, but of requests."""
        types = (each.name for each in (*file.message_type, *file.enum_type))
        return [name for name in types if not name.endswith("Request")]

    def message(self, type_name: str) -> tuple[FileDescriptorProto, int, DescriptorProto]:
        """Return a message with its file and its place there."""
        file = self._homes[type_name]
        name = type_name.rpartition(".")[2]
        at = next(at for at, each in enumerate(file.message_type) if each.name == name)
        return file, at, file.message_type[at]


def comment_at(file: FileDescriptorProto, *path: int) -> str:
    """Return the comment above what is at a path of SourceCodeInfo."""
    found = (each for each in file.source_code_info.location if tuple(each.path) == path)
    return "".join(each.leading_comments for each in found).strip()


@dataclass(frozen=True)
class Rpc:
    """An RPC, as a method of the SDK; one that lists pages is two."""

    contract: Contract
    file: FileDescriptorProto
    service_at: int
    at: int

    @property
    def proto(self) -> MethodDescriptorProto:
        """Its descriptor."""
        return self.file.service[self.service_at].method[self.at]

    @property
    def name(self) -> str:
        """The method's name: CreateCustomer is `create`, ListSegmentMembers is `list_members`."""
        noun = self.file.service[self.service_at].name.removesuffix("Service")
        bare = re.sub(rf"^((?:Batch)?[A-Z][a-z]+){noun}s?(?=[A-Z]|$)", r"\1", self.proto.name)
        name = NAMES.get(self.proto.name, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", bare).lower())
        return f"{name}_" if keyword.iskeyword(name) else name

    @cached_property
    def fields(self) -> "list[Field]":
        """The fields of the request."""
        file, message, proto = self.contract.message(self.proto.input_type)
        return [
            Field(self.contract, field, comment_at(file, 4, message, 2, at))
            for at, field in enumerate(proto.field)
        ]

    @property
    def answer(self) -> str:
        """The type of the response."""
        return self.proto.output_type.rpartition(".")[2]

    @property
    def writes(self) -> bool:
        """Whether it changes anything on the server."""
        return self.proto.options.idempotency_level != MethodOptions.NO_SIDE_EFFECTS

    def types(self) -> Iterator[str]:
        """Yield the types that its signatures name."""
        yield self.proto.output_type
        yield from (field.proto.type_name for field in self.fields if field.proto.type_name)
        if item := self._item():
            yield item.type_name

    def methods(self) -> Iterator[str]:
        """Yield the source of its methods."""
        if self.proto.client_streaming or self.proto.server_streaming:
            raise SystemExit(f"{self.proto.name} streams: write its method by hand, and name it in BY_HAND")
        item = self._item()
        if item is None:
            yield self._unary(self.name)
            return
        yield self._unary(f"{self.name}_page")
        yield self._pages(item)

    def _item(self) -> FieldDescriptorProto | None:
        """Return the field that holds the resources of a page; None if it lists no pages."""
        _, _, answer = self.contract.message(self.proto.output_type)
        if not self.proto.name.startswith("List") or "next_page_token" not in (
            field.name for field in answer.field
        ):
            return None
        return next(field for field in answer.field if field.label == field.LABEL_REPEATED)

    def _unary(self, name: str) -> str:
        return (
            f"    async def {name}({self._parameters(self.fields)}) -> {self.answer}:\n"
            + self._docstring(
                imperative(self._comment[0]),
                self._comment[1:],
                {field.proto.name: field.about for field in self.fields} | {"timeout_s": TIMEOUT},
            )
            + self._request(self.fields)
            + f"        return await self._calls.unary(request, {self.answer}, timeout_s)\n"
        )

    def _pages(self, item: FieldDescriptorProto) -> str:
        fields = [field for field in self.fields if field.proto.name != "page_token"]
        first = f"Iterate over all {item.name}; a page is requested when the iteration reaches it."
        short = item.type_name.rpartition(".")[2]
        arguments = {
            ", ".join(field.proto.name for field in fields): f"as of `{self.name}_page`.",
            "timeout_s": "the deadline of each page.",
        }
        return (
            f"    def {self.name}({self._parameters(fields)}) -> AioItems[{short}]:\n"
            + docstring(first, [], {"Args": arguments, "Raises": {"Refused": f"as `{self.name}_page`."}})
            + self._request(fields)
            + f"        return AioPages(self._calls, request, {self.answer},"
            + f" lambda page: page.{item.name}, timeout_s)\n"
        )

    @cached_property
    def _comment(self) -> list[str]:
        return paragraphs(comment_at(self.file, 6, self.service_at, 2, self.at))

    def _parameters(self, fields: "list[Field]") -> str:
        required = [field for field in fields if field.is_required]
        last = required[-1] if required else None
        positional = [field.parameter(may_be_all=field is last) for field in required]
        keywords = [field.parameter() for field in fields if not field.is_required]
        return ", ".join(["self", *positional, "*", *keywords, "timeout_s: float | None = None"])

    def _request(self, fields: "list[Field]") -> str:
        values = ", ".join(f"{field.proto.name}={field.value}" for field in fields)
        request = self.proto.input_type.rpartition(".")[2]
        return f"        request = pb.{request}({values})\n"

    def _docstring(self, first: str, others: list[str], arguments: dict[str, str]) -> str:
        about = [each for each in others if not _CODE.match(each)]
        codes = [each for each in others if _CODE.match(each)]
        raised = {"Refused": " ".join(codes)} if codes else {}
        if self.writes:
            raised["InDoubt"] = "it may be done or not."
        return docstring(first, about, {"Args": arguments, "Raises": raised})


@dataclass(frozen=True)
class Field:
    """A field of a request, as a parameter."""

    contract: Contract
    proto: FieldDescriptorProto
    comment: str

    @property
    def is_required(self) -> bool:
        """Whether the contract asks for it."""
        behavior = self.proto.options.Extensions[field_behavior_pb2.field_behavior]
        return field_behavior_pb2.REQUIRED in behavior

    @property
    def value(self) -> str:
        """The expression that the request is given."""
        name = self.proto.name
        if self.proto.type_name == FIELD_MASK:
            return f"None if {name} is None else FieldMask(paths={name})"
        return name

    @property
    def about(self) -> str:
        """What the docstring says of it."""
        return EVERYWHERE.get(self.proto.name) or lower_first(self.comment)

    def parameter(self, *, may_be_all: bool = False) -> str:
        """Return the parameter. may_be_all: it has a default if it takes "-" for all."""
        name, (kind, default) = self.proto.name, self._type()
        if self.is_required:
            everything = self._wildcard() if may_be_all else ""
            return f"{name}: {kind} = {everything}" if everything else f"{name}: {kind}"
        if self.proto.proto3_optional or default is None:
            return f"{name}: {kind} | None = None"
        return f"{name}: {kind} = {default}"

    def _type(self) -> tuple[str, str | None]:
        """Return the annotation, and the value that stands for an unset field; None if that is None."""
        if self.proto.type_name == FIELD_MASK:
            return "Iterable[str]", None  # its paths
        short = self.proto.type_name.rpartition(".")[2]
        kind, default = SCALARS.get(self.proto.type, INTEGER)
        if self.proto.type == FieldDescriptorProto.TYPE_MESSAGE:
            kind, default = short, ""
        elif self.proto.type == FieldDescriptorProto.TYPE_ENUM:
            kind = f"{short}.ValueType"
            default = f"pb.{self.contract.enums[self.proto.type_name].value[0].name}"
        if self.proto.label == FieldDescriptorProto.LABEL_REPEATED:
            return f"Iterable[{kind}]", "()"
        return kind, default or None

    def _wildcard(self) -> str:
        rules = self.proto.options.Extensions[validate_pb2.field]
        found = (_WILDCARD.search(cel.expression) for cel in rules.cel)
        return next((f'"{match[1]}-"' for match in found if match), "")
