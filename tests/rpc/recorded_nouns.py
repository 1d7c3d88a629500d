"""Nouns that are recorded and listed, as `make noun` writes them, in the tests that are of all services.

The tables of the tests name a request of each RPC, who may call it, and so on. For a noun whose service has a
`Record` and a `List` and nothing else, all of it follows from the descriptors.
"""

from importlib import import_module
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from clientela_server.app import SERVICES

_VALUES: dict[int, Any] = {
    FieldDescriptor.CPPTYPE_STRING: "x",
    FieldDescriptor.CPPTYPE_BOOL: True,
    FieldDescriptor.CPPTYPE_INT32: 1,
    FieldDescriptor.CPPTYPE_INT64: 1,
}
_MESSAGES = {"Timestamp": {"seconds": 1000}, "Date": {"year": 2026, "month": 3, "day": 1}}
_OF_SERVER = {"name", "recorded_by", "create_time", "revision"}


def noun_of(service: ServiceDescriptor) -> str:
    """Return what a service is about: "Visit" of VisitService."""
    return service.name.removesuffix("Service")


def is_recorded(service: ServiceDescriptor) -> bool:
    """Return whether a service has a `Record` and a `List` and nothing else."""
    noun = noun_of(service)
    rpcs = {method.name for method in service.methods}
    return len(rpcs) == 2 and f"Record{noun}" in rpcs and any(each.startswith("List") for each in rpcs)


RECORDED = [service for service in SERVICES if is_recorded(service)]


def stem(service: ServiceDescriptor) -> str:
    """Return what a service's modules are called: "visits"."""
    return service.file.name.rpartition("/")[2].removesuffix(".proto")


def requests() -> dict[str, dict[str, Any]]:
    """Return a good request of each RPC, "{ann}" being a customer's name."""
    found: dict[str, dict[str, Any]] = {}
    for service in RECORDED:
        for method in service.methods:
            found[method.name] = {"parent": "{ann}"}
            if method.name.startswith("Record"):
                found[method.name][noun_of(service).lower()] = sample(method.output_type)
    return found


def sample(resource: Descriptor) -> dict[str, Any]:
    """Return a value for each field that a caller sets."""
    return {
        field.name: _MESSAGES[field.message_type.name] if field.message_type else _VALUES[field.cpp_type]
        for field in resource.fields
        if field.name not in _OF_SERVER
    }


def recording(parent: str) -> dict[str, Any]:
    """Return for each RPC that records its request for a customer."""
    return {
        method.name: GetMessageClass(method.input_type)(**{**requests()[method.name], "parent": parent})
        for service in RECORDED
        for method in service.methods
        if method.name.startswith("Record")
    }


def roles() -> str:
    """Return who may call each RPC, as rows of the table of roles."""
    return "".join(
        f"{method.full_name} who? {'no' if method.name.startswith('Record') else 'yes'} yes yes\n"
        for service in RECORDED
        for method in service.methods
    )


def bound(channel: Any) -> dict[str, Any]:
    """Return a stub of each service on a channel, by the stem of its modules."""
    stubs = {}
    for service in RECORDED:
        module = import_module(f"clientela.v1.{stem(service)}_pb2_grpc")
        stubs[stem(service)] = getattr(module, f"{service.name}Stub")(channel)
    return stubs
