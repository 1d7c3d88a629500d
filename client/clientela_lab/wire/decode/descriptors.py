"""Where names come from: the descriptors by which bytes become fields.

Three sources: what this package ships, a FileDescriptorSet (`buf build -o FILE`, or protoc with
`--include_imports --descriptor_set_out=FILE`), or the server itself, by reflection. What one does not know is
looked for in the next; a method that none knows is still shown, its fields by number.
Read next: fields.py.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import grpc
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.descriptor_database import DescriptorDatabase
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import Default, DescriptorPool
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from clientela import v1
from clientela_lab.wire.decode.events import CallKind
from clientela_lab.wire.decode.reflected import NotReflected, files_of

# Named here because importing them is what makes the default pool know them.
_SHIPPED = (error_details_pb2, status_pb2, health_pb2, reflection_pb2)
_KINDS: dict[tuple[bool, bool], CallKind] = {
    (False, False): "unary",
    (True, False): "client_stream",
    (False, True): "server_stream",
    (True, True): "bidi",
}


class NoDescriptors(ValueError):
    """The source gave no descriptors; the message says why."""


class Unreached(NoDescriptors):
    """There was no connection to ask by; details: what gRPC says of it."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True, slots=True)
class Method:
    """What is known of an RPC by its path, "/package.Service/Method"; of an unknown one, only that."""

    path: str
    kind: CallKind = "?"
    request: Descriptor | None = None
    reply: Descriptor | None = None


class Descriptors:
    """Looks names up in pools of descriptors, the first that knows one."""

    def __init__(self, *pools: DescriptorPool) -> None:
        self._pools = pools
        self._methods: dict[str, Method] = {}

    def method(self, path: str) -> Method:
        """Tell what is known of the RPC of this path."""
        found = self._methods.get(path)
        if found is None:
            found = self._find_method(path)
            if found.kind != "?":  # what anybody may ask for is not kept
                self._methods[path] = found
        return found

    def message(self, name: str) -> Descriptor | None:
        """Find a message's descriptor by its full name, "clientela.v1.Purchase"."""
        for pool in self._pools:
            try:
                return pool.FindMessageTypeByName(name)
            except (KeyError, TypeError):  # TypeError: the pool lacks a file that this one imports
                continue
        return None

    def _find_method(self, path: str) -> Method:
        service, _, name = path.removeprefix("/").partition("/")
        for pool in self._pools:
            try:
                method: MethodDescriptor | None = pool.FindServiceByName(service).methods_by_name.get(name)
            except (KeyError, TypeError):
                continue
            if method is not None:
                kind = _KINDS[method.client_streaming, method.server_streaming]
                return Method(path, kind, method.input_type, method.output_type)
        return Method(path)


def packaged() -> Descriptors:
    """Return what this package ships: clientela.v1, health, reflection, and google.rpc's error details."""
    return Descriptors(*_packaged())


def from_file(path: Path) -> Descriptors:
    """Read a FileDescriptorSet, with what is packaged behind it; raises NoDescriptors."""
    try:
        files = FileDescriptorSet.FromString(path.read_bytes()).file
    except DecodeError as error:
        raise NoDescriptors(f"{path} is no FileDescriptorSet") from error
    if not files:
        raise NoDescriptors(f"{path} describes nothing")
    return _before_packaged(files)


def from_server(channel: grpc.Channel, *, token: str = "", within_s: float = 10.0) -> Descriptors:
    """Ask a server to describe what it serves, with what is packaged behind it; raises NoDescriptors."""
    try:
        return _before_packaged(files_of(channel, token, within_s))
    except NotReflected as error:
        sentence = f"the server describes nothing: {error}"
        if error.unreached is not None:
            raise Unreached(sentence, error.unreached) from error
        raise NoDescriptors(sentence) from error
    except (DecodeError, TypeError) as error:  # files that are none, or that contradict each other
        raise NoDescriptors(f"the server's description makes no sense: {error}") from error


def _before_packaged(files: Iterable[FileDescriptorProto]) -> Descriptors:
    return Descriptors(_pool(files), *_packaged())


def _packaged() -> tuple[DescriptorPool, ...]:
    for module in pkgutil.iter_modules(v1.__path__):
        if module.name.endswith("_pb2"):
            importlib.import_module(f"{v1.__name__}.{module.name}")
    return Default(), _pool([_reflection_v1()])


def _pool(files: Iterable[FileDescriptorProto]) -> DescriptorPool:
    database = DescriptorDatabase()  # it brings in what a file imports, in whatever order they come
    for file in files:
        database.Add(file)
    return DescriptorPool(database)


def _reflection_v1() -> FileDescriptorProto:
    """Describe reflection v1: the messages of v1alpha, which grpcio ships, under another name."""
    file = FileDescriptorProto.FromString(reflection_pb2.DESCRIPTOR.serialized_pb)
    file.name, file.package = "grpc/reflection/v1/reflection.proto", "grpc.reflection.v1"
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace("v1alpha", "v1")
    for method in file.service[0].method:
        method.input_type = method.input_type.replace("v1alpha", "v1")
        method.output_type = method.output_type.replace("v1alpha", "v1")
    return file
