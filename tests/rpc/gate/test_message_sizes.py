"""What a caller words is bounded before it is looked at: filters, lists, maps and masks of any size."""

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, spends_pb2, standing_pb2
from clientela_server.app import SERVICES
from clientela_server.domain.errors import InvalidArgument
from clientela_server.rpc.gate import validation
from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.message_sizes import bound_of
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import to_import
from tests.rpc.refusals import refusal

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NUMBERS = ["1E999990", "-1E999990", "1E-999990", "1_0", "\uff11\uff10", "\u0663", "9" * 1900, "1e9999"]
FILTERS = [
    ("purchases", "ListPurchases", ppb.ListPurchasesRequest(parent="customers/-"), "amount"),
    ("purchases", "ListPurchases", ppb.ListPurchasesRequest(parent="customers/-"), "revision"),
    ("purchases", "ExportPurchases", ppb.ExportPurchasesRequest(parent="customers/-"), "amount"),
    ("standing", "ListStandings", standing_pb2.ListStandingsRequest(), "median_gap_days"),
    ("standing", "ListStandings", standing_pb2.ListStandingsRequest(), "purchases"),
    ("standing", "ListStandings", standing_pb2.ListStandingsRequest(), "rfm_monetary.EUR"),
    ("standing", "ListStandings", standing_pb2.ListStandingsRequest(), "last_purchase_time"),
    ("spends", "ListSpends", spends_pb2.ListSpendsRequest(), "start_date"),
    ("segments", "ListSegments", segments_pb2.ListSegmentsRequest(), "create_time"),
    ("customers", "ListCustomers", cpb.ListCustomersRequest(), "create_time"),
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("service", "method", "request_", "field"), FILTERS)
def test_a_filter_with_a_monstrous_number_is_refused_and_stops_nobody(
    analyst: Caller, service: str, method: str, request_: Message, field: str, number: str
) -> None:
    asked = type(request_)()
    asked.CopyFrom(request_)
    asked.filter = f"{field} < {number}"  # type: ignore[attr-defined]

    refused = refusal(getattr(getattr(analyst, service), method), asked)

    assert (refused.code, refused.reason) == (INVALID, "FILTER_VALUE")
    assert number.startswith(refused.facts["value"].rstrip(".…"))
    assert "filter" in refused.faults


def repeated_fields(kind: Descriptor, seen: tuple[Descriptor, ...] = ()) -> list[tuple[FieldDescriptor, ...]]:
    """Every repeated field of a message, as the path that leads to it."""
    found: list[tuple[FieldDescriptor, ...]] = []
    for field in kind.fields:
        if field.is_repeated:
            found.append((field,))
        if field.message_type is not None and field.message_type not in seen:
            found += [(field, *rest) for rest in repeated_fields(field.message_type, (*seen, kind))]
    return found


LISTS = [
    (Rpc.of(method).request, path)
    for service in SERVICES
    for method in service.methods
    for path in repeated_fields(method.input_type)
]


def filled(kind: type[Message], path: tuple[FieldDescriptor, ...], count: int) -> Message:
    """A message whose field at the path holds so many elements."""
    message = made = kind()
    for field in path[:-1]:
        inner = getattr(made, field.name)
        made = inner.add() if field.is_repeated else inner
        made.SetInParent()
    target = getattr(made, path[-1].name)
    if hasattr(target, "update"):
        target.update({f"key-{place}": "x" for place in range(count)})
    elif hasattr(target, "add"):
        for _ in range(count):
            target.add()
    else:
        target.extend(["x" if path[-1].cpp_type == FieldDescriptor.CPPTYPE_STRING else 1] * count)
    return message


@pytest.mark.parametrize(
    ("kind", "path"),
    LISTS,
    ids=[f"{kind.DESCRIPTOR.name}:{'.'.join(field.name for field in path)}" for kind, path in LISTS],
)
def test_more_elements_than_there_may_be_are_refused_before_any_is_looked_at(
    kind: type[Message], path: tuple[FieldDescriptor, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never:
        def collect_violations(self, _: Message) -> list[object]:
            raise AssertionError("the rules were run on it")

    bound = bound_of(path[-1])
    message = filled(kind, path, max(2000, bound.most + 1))
    if path[0].name == "items" and len(path) > 1:
        message = message.items[0]  # type: ignore[attr-defined]  # items of an import are checked one by one
    monkeypatch.setattr(validation, "_validator", Never())

    with pytest.raises(InvalidArgument) as refused:
        validation.check(message)

    [fault] = refused.value.faults
    assert fault.path.endswith(path[-1].name)
    assert str(bound.most) in fault.description


@pytest.mark.parametrize("names", [1001, 300_000])
def test_a_batch_of_too_many_is_refused_by_name(admin: Caller, names: int) -> None:
    refused = refusal(admin.customers.BatchGetCustomers, cpb.BatchGetCustomersRequest(names=["x"] * names))
    assert (refused.code, refused.reason) == (INVALID, "FIELD_INVALID")
    assert refused.facts["rule"] == "repeated.max_items"
    assert [*refused.faults] == ["names"]


def test_an_item_of_an_import_with_too_many_lines_is_refused_alone(clerk: Caller) -> None:
    customer = f"customers/{fresh()}"
    good, wide = to_import(customer), to_import(customer)
    for _ in range(100_000):
        wide.purchase.lines.add()
    asked = ppb.ImportPurchasesRequest(items=[wide, good], create_missing_customers=True)

    answer = clerk.purchases.ImportPurchases(iter([asked]))

    assert answer.imported_count == 1
    assert [(each.index, each.status.field) for each in answer.rejected] == [(0, "purchase.lines")]
