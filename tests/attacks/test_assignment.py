"""Fields that a caller has no business to set: ids, totals, times, who recorded it; OWASP API3 (2023).

"Mass assignment": a client sends the whole resource, with what only the server may say filled in. Each
field that the contract marks OUTPUT_ONLY, IDENTIFIER or IMMUTABLE is set in each request that holds it:
it is ignored or refused, never taken. What stops it: the codec reads only what a caller may state
(rpc/codec), and masks leave out what the server sets (rpc/services/field_masks.py).
"""

from typing import Any

import grpc
import pytest
from google.api import field_behavior_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask

from tests.attacks.surface import PATHS, Place, is_map, places, send, valid
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller
from tests.rpc.making import read_customer
from tests.rpc.rows import World, new_world

SET_BY_SERVER = {
    field_behavior_pb2.OUTPUT_ONLY,
    field_behavior_pb2.IDENTIFIER,
    field_behavior_pb2.IMMUTABLE,
}
KINDS: dict[int, Any] = {
    FieldDescriptor.TYPE_STRING: "customers/forged/purchases/forged",
    FieldDescriptor.TYPE_INT64: 987_654_321,
    FieldDescriptor.TYPE_INT32: 987_654,
    FieldDescriptor.TYPE_BOOL: True,
}
# An update says by its name which customer it is for, and an item of an import whose purchase it is.
NAMED_BY_CALLER = {
    "UpdateCustomer customer.name",
    "UpdateSegment segment.name",
    "ImportPurchases items.purchase.name",
}


def forbidden(rpc: str) -> list[Place]:
    """The fields that only the server sets, and all that is in them, down to plain values."""
    return [
        place
        for place in places(rpc)
        if any(behaviors(field) & SET_BY_SERVER for field in place.fields)
        and place.fields[-1].message_type is None
        and not is_map(place.fields[-1])
        and str(place) not in NAMED_BY_CALLER
    ]


def behaviors(field: FieldDescriptor) -> set[int]:
    return set(field.GetOptions().Extensions[field_behavior_pb2.field_behavior])


PLACES = [place for rpc in PATHS for place in forbidden(rpc)]


@pytest.fixture(scope="module")
def world(admin: Caller) -> World:
    return new_world(admin)


def test_there_are_such_fields() -> None:
    rpcs = {"CreateCustomer", "UpdateCustomer", "ImportCustomers", "RecordPurchase", "ImportPurchases"}
    rpcs |= {"UpdatePolicy", "CreateSegment", "UpdateSegment", "RecordSpend"}
    rpcs |= set(recorded_nouns.recording("customers/ann"))
    assert rpcs == {place.rpc for place in PLACES}
    assert len(PLACES) > 40


CASES = [
    (place, mask)
    for place in PLACES
    for mask in ((None, "named", "*") if place.rpc == "UpdateCustomer" else (None,))
]


@pytest.mark.parametrize(("place", "mask"), CASES, ids=str)
def test_what_only_the_server_sets_is_ignored_or_refused(
    clerk: Caller, admin: Caller, world: World, place: Place, mask: str | None
) -> None:
    forged = KINDS[place.fields[-1].type]
    request = valid(place.rpc, world, admin)
    place.put(request, forged)
    if mask:
        paths = {"named": ["display_name", place.fields[1].name], "*": ["*"]}[mask]
        request.update_mask.CopyFrom(FieldMask(paths=paths))

    caller = admin if place.rpc == "UpdatePolicy" else clerk
    answer = send(caller, place.rpc, request.SerializeToString())

    assert answer.code in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT), answer.told
    shown = f"{answer.messages}{read_customer(admin, world.ann)}"
    assert str(forged) not in shown
