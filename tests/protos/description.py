"""The contract as data: what protoc makes of protos/clientela, with its comments.

Read next: rulebook.py.
"""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

from tests.protos.elements import Enum, Field, Message, Method, Named, Service

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "clientela.v1"


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
