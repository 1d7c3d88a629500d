"""What of the contract an attacker can reach: every RPC, every field of its request; from the protos.

Nothing here is a list that somebody has to keep: a new RPC or field is attacked from its first day on.
`VALID` alone is written by hand, a request of each RPC that is done; a test fails for an RPC that has
none. Read next: test_strings.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.status_pb2 import Status

from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller, request_id
from tests.rpc.making import at, new_customer, new_purchase, new_segment, new_spend
from tests.rpc.refusals import DETAILS
from tests.rpc.rows import METHODS, SERVICES, World, filled

PATHS: dict[str, MethodDescriptor] = {
    method.name: method
    for service in SERVICES
    for method in Default().FindServiceByName(f"clientela.v1.{service}").methods
}
EUROS = {"currency_code": "EUR", "units": 1}
A_DAY = {"year": 2026, "month": 3, "day": 1}
VALID: dict[str, dict[str, Any]] = {
    "CreateCustomer": {"customer": {"display_name": "Blue Door Café"}},
    "GetCustomer": {"name": "{ann}"},
    "BatchGetCustomers": {"names": ["{ann}"]},
    "ListCustomers": {},
    "UpdateCustomer": {"customer": {"name": "{ann}", "display_name": "Blue Door Café"}},
    "DeleteCustomer": {"name": "{new}"},
    "UndeleteCustomer": {"name": "{gone}"},
    "EraseCustomer": {"name": "{new}"},
    "ImportCustomers": {"items": [{"request_id": "{id}", "customer": {"display_name": "Blue Door Café"}}]},
    "RecordPurchase": {"parent": "{ann}", "purchase": {"amount": EUROS}},
    "GetPurchase": {"name": "{bought}"},
    "ListPurchases": {"parent": "{ann}"},
    "RefundPurchase": {"name": "{new_purchase}", "reason": "broken"},
    "ImportPurchases": {
        "items": [{"customer": "{ann}", "request_id": "{id}", "purchase": {"amount": EUROS}}]
    },
    "ExportPurchases": {"parent": "{ann}"},
    "Watch": {"names": ["{ann}"]},
    "ListHistory": {"name": "{ann}"},
    "GetStanding": {"name": "{ann}"},
    "ListStandings": {},
    "GetPolicy": {},
    "UpdatePolicy": {"policy": {"new_days": 90}},
    "CreateSegment": {"segment": {"display_name": "To win back", "filter": "purchases > 1000000"}},
    "GetSegment": {"name": "{segment}"},
    "ListSegments": {},
    "UpdateSegment": {"segment": {"name": "{segment}", "display_name": "To win back"}},
    "DeleteSegment": {"name": "{new_segment}"},
    "ListSegmentMembers": {"parent": "{segment}"},
    "RecordSpend": {"spend": {"channel": 1, "start_date": A_DAY, "end_date": A_DAY, "amount": EUROS}},
    "GetSpend": {"name": "{spend}"},
    "ListSpends": {},
    "DeleteSpend": {"name": "{new_spend}"},
    "GetUnitEconomics": {"start": A_DAY, "end": A_DAY, "currency_code": "EUR", "gross_margin": 0.4},
    "GetRfm": {"currency_code": "EUR"},
    "GetCohorts": {"currency_code": "EUR"},
    "PredictLifetimeValue": {"parent": "{back}", "horizon_days": 30, "currency_code": "EUR"},
}
VALID |= recorded_nouns.requests()


@dataclass(frozen=True)
class Answer:
    """How a call ended: its code, its messages, and all else that it told."""

    code: grpc.StatusCode
    messages: tuple[Any, ...] = ()
    told: str = ""

    @property
    def definite(self) -> bool:
        """Whether it was done or refused: neither a fault of ours nor in doubt."""
        return self.code.name in DEFINITE


DEFINITE = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED",
}


def valid(name: str, world: World, admin: Caller) -> Any:
    """A request that can be done, of things that there are; "{new}" and the like are made for it."""
    return METHODS[name][1](**_filled(VALID[name], world, admin))


def _filled(value: Any, world: World, admin: Caller) -> Any:
    match value:
        case "{id}":
            return request_id()
        case "{new}":
            return new_customer(admin).name
        case "{new_segment}":
            return new_segment(admin).name
        case "{new_spend}":
            return new_spend(admin).name
        case "{back}":
            return _returned(admin)
        case "{new_purchase}":
            return new_purchase(admin, world.ann).name
        case dict():
            return {key: _filled(each, world, admin) for key, each in value.items()}
        case list():
            return [_filled(each, world, admin) for each in value]
    return filled(value, world)


def _returned(admin: Caller) -> str:
    """Make somebody who bought on two days, without whom nothing can be predicted."""
    name: str = new_customer(admin).name
    for seconds in (10**9, 10**9 + 86_400 * 30):
        new_purchase(admin, name, purchase_time=at(seconds))
    return name


def send(caller: Caller, name: str, payload: bytes, **options: Any) -> Answer:
    """Send bytes as a request, and read the answer, whatever it is."""
    method = PATHS[name]
    kinds = {True: "stream", False: "unary"}
    kind = f"{kinds[method.client_streaming]}_{kinds[method.server_streaming]}"
    call = caller.method(f"/{method.containing_service.full_name}/{name}", kind)
    request = iter([payload]) if method.client_streaming else payload
    try:
        answer = call(request, **options)
        messages = _read(answer, name) if method.server_streaming else [answer]
    except grpc.RpcError as error:
        return Answer(error.code(), (), _told(error))
    kind_of = GetMessageClass(method.output_type)
    return Answer(grpc.StatusCode.OK, tuple(kind_of.FromString(each) for each in messages))


def _read(stream: Any, name: str) -> list[bytes]:
    """All messages of a stream; of a watch the first."""
    if name != "Watch":
        return list(stream)
    first = [next(stream)]
    stream.cancel()
    return first


def _told(error: Any) -> str:
    """Everything that a caller is told of an error, as one text."""
    trailers = dict(error.trailing_metadata() or ())
    details = trailers.pop(DETAILS, b"")
    return f"{error.details()} {trailers} {Status.FromString(details)}"


# ---- fields


@dataclass(frozen=True)
class Place:
    """A field of a request, by the fields that lead to it."""

    rpc: str
    fields: tuple[FieldDescriptor, ...]

    def __str__(self) -> str:
        return f"{self.rpc} {'.'.join(field.name for field in self.fields)}"

    def put(self, request: Message, value: Any) -> None:
        """Set the field, and make what leads to it where it is not there."""
        *outer, last = self.fields
        message: Any = request
        for field in outer:
            inner = getattr(message, field.name)
            message = (inner[0] if len(inner) else inner.add()) if field.is_repeated else inner
        if is_map(last):
            getattr(message, last.name)["mark"] = value
        elif last.message_type is not None:
            raise TypeError(f"{self} holds a message")
        elif last.is_repeated:
            getattr(message, last.name)[:] = [value]
        else:
            setattr(message, last.name, value)

    def found(self, message: Any, skip: int) -> Any:
        """Read the field from an answer, without the first fields, which are of the request alone."""
        for field in self.fields[skip:]:
            value = getattr(message, field.name)
            if is_map(field):
                return value.get("mark")
            message = value[0] if field.is_repeated and len(value) else value
        return message


def is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def places(rpc: str) -> Iterator[Place]:
    """Every field of a request, those within messages too."""
    for fields in _fields(PATHS[rpc].input_type, ()):
        yield Place(rpc, fields)


def _fields(kind: Descriptor, outer: tuple[FieldDescriptor, ...]) -> Iterator[tuple[FieldDescriptor, ...]]:
    for field in kind.fields:
        yield (*outer, field)
        if field.message_type and not is_map(field) and len(outer) < 5:
            yield from _fields(field.message_type, (*outer, field))


def texts(rpc: str) -> list[Place]:
    """The fields that hold text."""
    return [
        place
        for place in places(rpc)
        if place.fields[-1].type == FieldDescriptor.TYPE_STRING or is_map(place.fields[-1])
    ]
