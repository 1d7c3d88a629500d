"""A contract as one side has it: today's, yesterday's, tomorrow's, or one that was guessed.

Generated code is a contract frozen at one moment. Here it is a value: descriptors, changed before any message
is made of them, so that a client of another age can be shown beside ours in one process.
Read next: scenarios/old_client.py, scenarios/new_client.py, scenarios/four_clients.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from clientela.v1 import (
    customers_pb2,
    economics_pb2,
    feed_pb2,
    purchases_pb2,
    segments_pb2,
    spends_pb2,
    standing_pb2,
)
from clientela_lab.patience import HANG_S

_OURS = (customers_pb2, purchases_pb2, standing_pb2, segments_pb2, spends_pb2, economics_pb2, feed_pb2)


class Contract:
    """Messages and calls by the descriptors in `pool`, without generated code."""

    def __init__(self, pool: descriptor_pool.DescriptorPool) -> None:
        self._pool = pool

    def new(self, message: str, **fields: Any) -> Any:
        """Return a new message by its full name, such as "clientela.v1.Customer"."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(message))(**fields)

    def values_of(self, enum: str) -> dict[int, str]:
        """Return an enum's names by number."""
        return {value.number: value.name for value in self._pool.FindEnumTypeByName(enum).values}

    def call(self, channel: grpc.Channel, path: str, token: str, request: Any = None, **fields: Any) -> Any:
        """Make a unary call of "package.Service/Method", with a request or with its fields."""
        service, _, name = path.partition("/")
        method = self._pool.FindServiceByName(service).methods_by_name[name]
        answer = message_factory.GetMessageClass(method.output_type)
        send: Callable[..., Any] = channel.unary_unary(f"/{path}", response_deserializer=answer.FromString)
        message = self.new(method.input_type.full_name, **fields) if request is None else request
        return send(
            message.SerializeToString(), timeout=HANG_S, metadata=(("authorization", f"Bearer {token}"),)
        )


def changed(change: Callable[[FileDescriptorProto], None]) -> Contract:
    """Return our contract with `change` applied to each of its files and of their imports."""
    pool = descriptor_pool.DescriptorPool()
    for file in _with_dependencies(module.DESCRIPTOR for module in _OURS):
        described = FileDescriptorProto()
        file.CopyToProto(described)
        change(described)
        pool.Add(described)
    return Contract(pool)


def described_by(channel: grpc.Channel) -> Contract:
    """Return the contract that a server describes by reflection without a token (`--dev`)."""
    return Contract(descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel)))


def message_of(file: FileDescriptorProto, name: str) -> DescriptorProto:
    """Return a file's message, to be changed; a detached empty one where there is none."""
    return next((each for each in file.message_type if each.name == name), DescriptorProto())


def enum_of(file: FileDescriptorProto, name: str) -> EnumDescriptorProto:
    """Return a file's enum, as `message_of` does."""
    return next((each for each in file.enum_type if each.name == name), EnumDescriptorProto())


def add_field(message: DescriptorProto, name: str, number: int, kind: str = "") -> None:
    """Add a string field, or a repeated one of messages with the full name `kind`."""
    field = message.field.add(name=name, number=number)
    field.type = FieldDescriptorProto.TYPE_MESSAGE if kind else FieldDescriptorProto.TYPE_STRING
    field.label = FieldDescriptorProto.LABEL_REPEATED if kind else FieldDescriptorProto.LABEL_OPTIONAL
    if kind:
        field.type_name = f".{kind}"


def forget(message: DescriptorProto, *names: str) -> None:
    """Remove fields from a message, and with an `optional` one its synthetic oneof."""
    for field in [each for each in message.field if each.name in names]:
        message.field.remove(field)
        if field.proto3_optional:
            del message.oneof_decl[field.oneof_index]
            for other in message.field:
                if other.HasField("oneof_index") and other.oneof_index > field.oneof_index:
                    other.oneof_index -= 1


def _with_dependencies(files: Iterable[FileDescriptor]) -> list[FileDescriptor]:
    """List files, each behind those that it imports."""
    listed: dict[str, FileDescriptor] = {}
    for file in files:
        for each in (*_with_dependencies(file.dependencies), file):
            listed.setdefault(each.name, each)
    return list(listed.values())
