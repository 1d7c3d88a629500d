"""Questions that rules about RPCs ask."""

import re
from collections.abc import Callable

from tests.protos.description import Contract
from tests.protos.elements import Message, Method

# There is one of each, of the service or of a customer (AIP-156): it has no name of its own.
SINGLETONS = {"Standing", "Policy"}
# Reports on all clients, made when they are asked for: no resources, and no names.
REPORTS = {"Rfm", "Cohorts", "UnitEconomics"}
EMPTY = "google.protobuf.Empty"


def verbs(*names: str) -> Callable[[Contract], list[Method]]:
    """Select the RPCs whose verb is one of these, and that are about one of many."""
    return lambda contract: [
        method
        for method in contract.methods
        if method.verb in names and noun_of(method) not in SINGLETONS | REPORTS
    ]


def deletes_for_good(method: Method) -> bool:
    """Return whether nothing is left that could be answered with (AIP-135)."""
    return method.verb == "Delete" and method.response.full_name == EMPTY


def noun_of(method: Method) -> str:
    return method.proto.name.removeprefix(method.verb)


def is_its_resource(method: Method) -> bool:
    return method.response.proto.name == noun_of(method) and bool(method.response.resource.type)


def has_required(method: Method, name: str, kind: str) -> bool:
    found = method.request.field(name)
    return found is not None and found.type == kind and "REQUIRED" in found.behavior


def has_optional(method: Method, name: str, kind: str) -> bool:
    found = method.request.field(name)
    return found is not None and found.type == kind and "OPTIONAL" in found.behavior


def collection(resource: Message) -> str:
    """Return the path of a resource's name: "customers/*/purchases/*"."""
    return re.sub(r"{[a-z]+}", "*", resource.resource.pattern[0])
