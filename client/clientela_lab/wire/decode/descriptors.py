"""Protobuf descriptors, by which a message's bytes become named fields.

Three sources: what this package ships, a FileDescriptorSet (`buf build -o FILE`, or protoc with
`--include_imports --descriptor_set_out=FILE`), or the server itself, by reflection. A name unknown to one is
looked up in the next; an unknown method is still shown, its fields by number.
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

# Imported for their side effect: it registers them in the default pool.
_SHIPPED = (error_details_pb2, status_pb2, health_pb2, reflection_pb2)
_KINDS: dict[tuple[bool, bool], CallKind] = {
    (False, False): "unary",
    (True, False): "client_stream",
    (False, True): "server_stream",
    (True, True): "bidi",
}


class NoDescriptors(ValueError):
    """The source has no descriptors; the message says why."""


class Unreached(NoDescriptors):
    """The server was not reached for reflection; details: the text of gRPC's status."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC by its path, "/package.Service/Method"; of an unknown one only the path."""

    path: str
    kind: CallKind = "?"
    request: Descriptor | None = None
    reply: Descriptor | None = None


class Descriptors:
    """Looks names up in several pools; the first that has one wins."""

    def __init__(self, *pools: DescriptorPool) -> None:
        self._pools = pools
        self._methods: dict[str, Method] = {}

    def method(self, path: str) -> Method:
        """Return the RPC at a path."""
        found = self._methods.get(path)
        if found is None:
            found = self._find_method(path)
            if found.kind != "?":  # unknown paths are not cached: a client may send any number
                self._methods[path] = found
        return found

    def message(self, name: str) -> Descriptor | None:
        """Return a message's descriptor by its full name, "clientela.v1.Purchase", or None."""
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
    """Return the packaged descriptors: clientela.v1, health, reflection, and google.rpc's error details."""
    return Descriptors(*_packaged())


def from_file(path: Path) -> Descriptors:
    """Read a FileDescriptorSet; the packaged descriptors are the fallback. Raises NoDescriptors."""
    try:
        files = FileDescriptorSet.FromString(path.read_bytes()).file
    except DecodeError as error:
        raise NoDescriptors(f"{path} is no FileDescriptorSet") from error
    if not files:
        raise NoDescriptors(f"{path} describes nothing")
    return _before_packaged(files)


def from_server(channel: grpc.Channel, *, token: str = "", within_s: float = 10.0) -> Descriptors:
    """Fetch descriptors by reflection, the packaged ones behind them. Raises NoDescriptors, Unreached."""
    try:
        return _before_packaged(files_of(channel, token, within_s))
    except NotReflected as error:
        sentence = f"the server describes nothing: {error}"
        if error.unreached is not None:
            raise Unreached(sentence, error.unreached) from error
        raise NoDescriptors(sentence) from error
    except (DecodeError, TypeError) as error:  # malformed files, or files that contradict each other
        raise NoDescriptors(f"the server's description makes no sense: {error}") from error


def _before_packaged(files: Iterable[FileDescriptorProto]) -> Descriptors:
    return Descriptors(_pool(files), *_packaged())


def _packaged() -> tuple[DescriptorPool, ...]:
    for module in pkgutil.iter_modules(v1.__path__):
        if module.name.endswith("_pb2"):
            importlib.import_module(f"{v1.__name__}.{module.name}")
    return Default(), _pool([_reflection_v1()])


def _pool(files: Iterable[FileDescriptorProto]) -> DescriptorPool:
    database = DescriptorDatabase()  # it resolves imports in any order of the files
    for file in files:
        database.Add(file)
    return DescriptorPool(database)


def _reflection_v1() -> FileDescriptorProto:
    """Return reflection v1's file: the v1alpha messages that grpcio ships, in another package."""
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
