"""No name of a resource shows nothing: it is refused by its field, and nothing is written."""

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, to_create, to_import, to_record, to_spend
from tests.rpc.refusals import refusal

TAGS = "\U000e0041\U000e006e"
INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("name", ["\u200b", TAGS, "\u3164", "\u2800", "\ufe0f", " \u200d\u0301"])
@pytest.mark.parametrize(
    "path",
    [
        "display_name",
        "person.given_name",
        "person.family_name",
        "organization.legal_name",
        "organization.tax_id",
        "acquisition.campaign",
        "patron",
        "preferences.categories[0]",
        "addresses[0].organization",
        "addresses[0].recipients[0]",
    ],
)
def test_a_customers_name_shows_something(admin: Caller, path: str, name: str) -> None:
    request = to_create()
    holder = request.customer
    *outer, last = path.replace("[0]", "").split(".")
    for field in outer:
        inner = getattr(holder, field)
        holder = inner.add(region_code="PL") if field == "addresses" else inner
    if path.endswith("[0]"):
        getattr(holder, last).append(name)
    else:
        setattr(holder, last, name)

    refused = refusal(admin.customers.CreateCustomer, request)

    assert (refused.code, refused.reason) == (INVALID, "NAME_INVISIBLE")
    assert refused.facts == {"field": f"customer.{path}"}
    assert [*refused.faults] == [f"customer.{path}"]


def test_other_names_show_something_too(admin: Caller) -> None:
    customer = new_customer(admin).name
    segment = segments_pb2.CreateSegmentRequest(
        segment=segments_pb2.Segment(display_name=TAGS, filter="stage = NEW")
    )
    purchase = to_record(customer)
    purchase.purchase.lines.add(category=TAGS)
    for method, request, path in (
        (admin.segments.CreateSegment, segment, "segment.display_name"),
        (admin.spends.RecordSpend, to_spend(campaign=TAGS), "spend.campaign"),
        (admin.purchases.RecordPurchase, purchase, "purchase.lines[0].category"),
    ):
        refused = refusal(method, request)
        assert (refused.code, refused.reason, refused.facts["field"]) == (INVALID, "NAME_INVISIBLE", path)


@pytest.mark.parametrize(
    "name",
    [
        "\u0646\u06af\u06cc\u0646\u200c\u062a\u0627\u062c",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u2764\ufe0f",
    ],
)
def test_what_joins_letters_and_pictures_is_kept_to_the_letter(admin: Caller, name: str) -> None:
    assert new_customer(admin, display_name=name).display_name == name


def test_a_name_is_not_made_invisible(admin: Caller) -> None:
    customer = new_customer(admin)
    customer.display_name = TAGS
    refused = refusal(admin.customers.UpdateCustomer, cpb.UpdateCustomerRequest(customer=customer))
    assert refused.reason == "NAME_INVISIBLE"
    assert admin.customers.GetCustomer(cpb.GetCustomerRequest(name=customer.name)).display_name != TAGS


def test_an_invisible_name_of_an_import_is_refused_alone(admin: Caller) -> None:
    customer = new_customer(admin).name
    good, bad = to_import(customer), to_import(customer)
    bad.purchase.lines.add(category=TAGS)
    answer = admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=[bad, good])]))
    assert answer.imported_count == 1
    assert [each.status.reason for each in answer.rejected] == ["NAME_INVISIBLE"]
