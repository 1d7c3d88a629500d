"""Bugs to plant in a copy of the contract, each as a function that makes the edit."""

from collections.abc import Callable
from typing import Any

from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from tests.protos.description import Contract

Edit = Callable[[Contract], None]


def field(name: str, /, **values: Any) -> Edit:
    """Set attributes of the descriptor of "Message.field"."""

    def edit(contract: Contract) -> None:
        proto = contract.field(name).proto
        for attribute, value in values.items():
            setattr(proto, attribute, value)

    return edit


def retyped(name: str, kind: str) -> Edit:
    """Give a field a scalar type ("int64") or, with a dot in it, that of a message."""

    def edit(contract: Contract) -> None:
        proto = contract.field(name).proto
        proto.type_name = f".{kind}" if "." in kind else ""
        proto.type = FieldDescriptorProto.Type.Value(
            "TYPE_MESSAGE" if "." in kind else f"TYPE_{kind.upper()}"
        )

    return edit


def without(name: str) -> Edit:
    """Remove a field."""

    def edit(contract: Contract) -> None:
        found = contract.field(name)
        found.message.proto.field.remove(found.proto)

    return edit


def cleared(name: str, extension: Any) -> Edit:
    """Remove an option from a field, a method ("GetCustomer") or a message ("Customer")."""

    def edit(contract: Contract) -> None:
        options_of(contract, name).ClearExtension(extension)

    return edit


def method(name: str, /, **values: Any) -> Edit:
    """Set attributes of an RPC's descriptor."""

    def edit(contract: Contract) -> None:
        for attribute, value in values.items():
            setattr(contract.method(name).proto, attribute, value)

    return edit


def http(name: str, /, **values: str) -> Edit:
    """Set the verb, the path or the body of an RPC's binding: http("GetCustomer", get="/v1/x")."""

    def edit(contract: Contract) -> None:
        rule = contract.method(name).proto.options.Extensions[annotations_pb2.http]
        for attribute, value in values.items():
            setattr(rule, attribute, value)

    return edit


def options_of(contract: Contract, name: str) -> Any:
    """Find the options of a field, a method or a message by its name."""
    if "." in name:
        return contract.field(name).proto.options
    found = [message for message in contract.messages if message.proto.name == name]
    return found[0].proto.options if found else contract.method(name).proto.options
