"""Equivalent spellings mean the same, and repeated values are joined or refused, on every transport."""

import json
import uuid
from typing import Any

import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2
from clientela.v1 import purchases_pb2 as ppb
from clientela_server.app import SERVICES
from clientela_server.domain.errors import InvalidArgument
from clientela_server.rpc.services import field_masks
from clientela_server.web.codecs import from_json
from tests.web.bindings import json_name, parameters
from tests.web.transports import Place

UPDATE = "/clientela.v1.CustomerService/UpdateCustomer"


def problem(kind: Any, text: str) -> str:
    with pytest.raises(InvalidArgument) as refused:
        from_json(kind, text)
    [fault] = refused.value.faults
    told = refused.value.facts["problem"]
    assert told == (f"{fault.path}: {fault.description}" if fault.path else fault.description)
    return told


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (
            ppb.RecordPurchaseRequest,
            '{"purchase":{"amount":{"units":19.9}}}',
            "purchase.amount.units: 19.9 is no whole number",
        ),
        (cpb.ListCustomersRequest, '{"pageSize":"ten"}', 'page_size: "ten" is no whole number'),
        (cpb.ListCustomersRequest, '{"pageSize":NaN}', "page_size: NaN is no whole number"),
        (cpb.ListCustomersRequest, f'{{"pageSize":{9 * 10**30}}}', f"page_size: {9 * 10**30} is not from"),
        (cpb.ListCustomersRequest, f'{{"pageSize":{"9" * 5000}}}', f"page_size: {'9' * 40}... is no whole"),
        (economics_pb2.GetUnitEconomicsRequest, '{"grossMargin":NaN}', "gross_margin: NaN is no number"),
        (
            economics_pb2.GetUnitEconomicsRequest,
            '{"grossMargin":"40 %"}',
            'gross_margin: "40 %" is no number',
        ),
        (cpb.ListCustomersRequest, '{"showDeleted":"yes"}', 'show_deleted: "yes" is neither true nor false'),
        (cpb.CreateCustomerRequest, '{"customer":{"displayName":5}}', "customer.display_name: 5 is no text"),
        (cpb.CreateCustomerRequest, '{"customer":{"emails":"x"}}', 'customer.emails: "x" is no list'),
        (cpb.CreateCustomerRequest, '{"customer":[]}', "customer: a list is no object"),
        (
            cpb.CreateCustomerRequest,
            '{"customer":{"acquisition":{"channel":"RADIO"}}}',
            'customer.acquisition.channel: "RADIO" is no name of AcquisitionChannel: ACQUISITION',
        ),
        (
            ppb.RecordPurchaseRequest,
            '{"purchase":{"purchaseTime":"yesterday"}}',
            'purchase.purchase_time: "yesterday" is not a time such as 2026-01-31T12:00:00Z',
        ),
        (cpb.GetCustomerRequest, '{"nom":"x"}', "nom: there is no field nom"),
        (cpb.GetCustomerRequest, '{\n  "name": }', "it is no JSON in line 2, column 11: "),
        (cpb.GetCustomerRequest, "", "it is no JSON in line 1, column 1: "),
    ],
)
def test_what_is_malformed_is_reported_with_what_was_given_and_where(kind: Any, text: str, says: str) -> None:
    assert problem(kind, text).startswith(says)


def test_bytes_that_are_not_utf8_are_reported_with_their_place() -> None:
    with pytest.raises(InvalidArgument, match="MESSAGE_MALFORMED") as refused:
        from_json(cpb.GetCustomerRequest, b'{"name":"caf\xe9"}')
    assert refused.value.facts["problem"] == "it is not UTF-8 from byte 13 on"


@pytest.mark.parametrize(
    ("kind", "text", "path"),
    [
        (cpb.GetCustomerRequest, '{"name":"a","name":"b"}', "name"),
        (
            ppb.RecordPurchaseRequest,
            '{"purchase":{"amount":{"units":1,"units":2}}}',
            "purchase.amount.units",
        ),
        (
            cpb.CreateCustomerRequest,
            '{"customer":{"labels":{"a":"1","a":"2"}}}',
            'customer.labels["a"]',
        ),
        (
            cpb.CreateCustomerRequest,
            '{"customer":{"displayName":"a","display_name":"a"}}',
            "customer.display_name",
        ),
        (
            cpb.CreateCustomerRequest,
            '{"customer":{"displayName":"a","display_name":null}}',
            "customer.display_name",
        ),
        (
            ppb.RecordPurchaseRequest,
            '{"purchase":{"lines":[{"sku":"a","sku":"b"}]}}',
            "purchase.lines[0].sku",
        ),
    ],
)
def test_a_key_that_is_there_twice_is_refused_by_its_whole_path(kind: Any, text: str, path: str) -> None:
    assert problem(kind, text).startswith(f"{path}: is there twice")


MASKS = ["displayName,emails", "display_name,emails", "displayName,display_name,emails"]


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_is_read_in_either_spelling(mask: str) -> None:
    given = json.dumps({"updateMask": mask})
    assert set(
        cpb.UpdateCustomerRequest.FromString(from_json(cpb.UpdateCustomerRequest, given)).update_mask.paths
    ) == {
        "display_name",
        "emails",
    }


def test_every_field_of_the_contract_can_be_named_in_a_mask_in_either_spelling() -> None:
    for service in SERVICES:
        for method in service.methods:
            for name, field in parameters(method.input_type):
                if "." in name or field.containing_type is not method.input_type:
                    continue
                by_either = (
                    field_masks.find_field(method.input_type, each) for each in (name, json_name(name))
                )
                assert [*by_either] == [field, field]
                for spelling in (name, json_name(name)):
                    data = from_json(cpb.UpdateCustomerRequest, json.dumps({"updateMask": spelling}))
                    assert cpb.UpdateCustomerRequest.FromString(data).update_mask.paths == [name]


def test_a_mask_of_grpc_is_read_in_either_spelling() -> None:
    request = cpb.UpdateCustomerRequest()
    request.update_mask.paths.extend(["displayName", "person.givenName"])
    field_masks.check_mask(request.customer, request.update_mask)
    request.update_mask.paths.append("givenName")
    with pytest.raises(InvalidArgument):
        field_masks.check_mask(request.customer, request.update_mask)


def created(place: Place) -> str:
    heard = place.ask(
        "POST",
        f"/v1/customers?customer_id=c-{uuid.uuid4().hex[:12]}",
        "application/json",
        b'{"displayName": "x"}',
    )
    return str(json.loads(heard.body)["name"])


@pytest.mark.parametrize(
    "query",
    [
        "update_mask=display_name&update_mask=patron",
        "updateMask=displayName&update_mask=patron",
        "update_mask=display_name,patron",
        "updateMask=displayName%2Cpatron",
    ],
)
def test_a_mask_that_is_given_twice_names_what_both_name(place: Place, query: str) -> None:
    path = f"/v1/{created(place)}?{query}"
    body = {"display_name": "Both", "patron": "Both", "emails": ["not.named@example.com"]}
    heard = place.ask("PATCH", path, "application/json", json.dumps(body).encode())
    told = json.loads(heard.body)
    assert (heard.status, told["displayName"], told["patron"], told.get("emails")) == (
        200,
        "Both",
        "Both",
        None,
    )


def test_both_spellings_do_the_same_on_connect(place: Place) -> None:
    for number, (patron, mask) in enumerate(
        [("displayName", "displayName"), ("display_name", "display_name")]
    ):
        customer = {"name": created(place), patron: f"n{number}", "patron": "not named"}
        body = json.dumps({"customer": customer, "update_mask": mask}).encode()
        told = json.loads(place.ask("POST", UPDATE, "application/json", body).body)
        assert (told["displayName"], "patron" in told) == (f"n{number}", False)
