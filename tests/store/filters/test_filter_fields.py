"""A star stands for anything in texts, lists, labels and names; what can find nothing is refused."""

from typing import Any

import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, spends_pb2, standing_pb2
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, new_segment, new_spend
from tests.rpc.refusals import refusal


@pytest.fixture(scope="module")
def tag() -> str:
    return fresh("t")


@pytest.fixture(scope="module")
def anna(admin: Caller, tag: str) -> cpb.Customer:
    first = new_customer(admin, f"{tag}.first")
    return new_customer(
        admin,
        f"{tag}.anna",
        display_name="Anna *star* Kowalska",
        emails=[f"Anna@{tag}.example.com"],
        phones=["+48221234567"],
        preferences={"language_code": "lt-LT", "categories": ["green tea"]},
        acquisition={"referrer": first.name, "campaign": "Spring_1"},
        labels={"tribe": tag, "tier": "gold"},
    )


@pytest.mark.parametrize(
    "text",
    [
        'emails:"*@{tag}.example.com"',
        'emails:"ANNA@*"',
        'emails:"*"',
        'phones:"+48*"',
        'phones:"*4567"',
        "preferences.categories:*tea",
        'preferences.categories:"gr*t*a"',
        "labels.tier = go*",
        'labels.tier : "*ld"',
        "labels:ti*",
        "labels.t* = gold",
        "labels.* : gold",
        'NOT labels.tier != "g*"',
        'name = "customers/{tag}.a*"',
        'name = "*{tag}.anna"',
        "name : customers/*",
        'acquisition.referrer = "customers/{tag}*"',
        "acquisition.referrer : customers/{tag}*",
        "acquisition.campaign = S*_*",
        "display_name = Anna*Kowal*",
        "display_name : kow*",
        "Ann*KOW*",
        "*",
        'display_name = "*\\*star\\**"',
        "display_name = *\\*star\\**",
        'display_name : "\\*star\\*"',
        "preferences.language_code = LT-lt",
        "preferences.language_code = lt*",
        'uid = "{uid}"',
    ],
)
def test_it_finds(admin: Caller, anna: cpb.Customer, tag: str, text: str) -> None:
    asked = text.format(tag=tag, uid=anna.uid.upper())
    request = cpb.ListCustomersRequest(filter=f"labels.tribe = {tag} AND ({asked})")

    assert [each.name for each in admin.customers.ListCustomers(request).customers] == [anna.name]


@pytest.mark.parametrize(
    "text",
    [
        'emails:"*@other.example.com"',
        'preferences.categories:"te*"',
        "labels.tier = ol*",
        "labels:ie*",
        'name = "customers/*x"',
        'display_name = "Anna\\*"',
        "display_name = Anna\\*",
        'display_name = "?nna*"',
        'display_name = "[A]nna*"',
        'display_name = "anna*"',
        'display_name = "Anna%*"',
        'display_name : "\\*anna"',
    ],
)
def test_it_does_not_find(admin: Caller, anna: cpb.Customer, tag: str, text: str) -> None:
    request = cpb.ListCustomersRequest(filter=f"labels.tribe = {tag} AND ({text})")

    assert not admin.customers.ListCustomers(request).customers


def test_what_was_bought_is_found(admin: Caller, anna: cpb.Customer) -> None:
    bought = new_purchase(
        admin,
        anna.name,
        lines=[
            {
                "unit_price": {"currency_code": "EUR", "units": 10},
                "quantity": {"value": "1"},
                "category": "tea pots",
            }
        ],
    )

    def found(text: str) -> list[str]:
        request = ppb.ListPurchasesRequest(parent=anna.name, filter=text)
        return [each.name for each in admin.purchases.ListPurchases(request).purchases]

    for text in (
        "amount.currency_code = eur",
        "amount.currency_code = EUR",
        "amount.currency_code = e*",
        "amount.currency_code : eur",
        "amount.currency_code != usd",
        f'name = "{anna.name}/purchases/*"',
        'name = "*"',
        "source != import",
    ):
        assert found(text) == [bought.name], text
    assert found("amount.currency_code != eur") == found("amount.currency_code = usd") == []
    standings = standing_pb2.ListStandingsRequest(filter=f'categories : "tea*" AND name = "{anna.name}"')
    assert [each.customer for each in admin.standing.ListStandings(standings).standings] == [anna.name]


def test_segments_and_spends_are_found(admin: Caller, tag: str) -> None:
    segment = new_segment(admin, f"{tag}.s", display_name=f"{tag} loyal")
    spend = new_spend(admin, f"{tag}.p", campaign=f"{tag} fair")

    segments: list[Any] = [
        admin.segments.ListSegments(segments_pb2.ListSegmentsRequest(filter=text)).segments
        for text in (f'name = "segments/{tag}*"', f'display_name = "{tag}*"')
    ]
    spends: list[Any] = [
        admin.spends.ListSpends(spends_pb2.ListSpendsRequest(filter=text)).spends
        for text in (f'name = "spends/{tag}*"', f"{tag}*", f'campaign = "{tag}*" AND channel = advertising')
    ]

    assert segments == [[segment]] * 2
    assert spends == [[spend]] * 3


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        ('name = "ann*"', "FILTER_VALUE", "such as customers/42"),
        ("name = ann", "FILTER_VALUE", "such as customers/42"),
        ("acquisition.referrer = ann", "FILTER_VALUE", "such as customers/42"),
        ("acquisition.channel = radio", "FILTER_VALUE", "one of ADVERTISING, MARKETING"),
        ("acquisition.channel = R*", "FILTER_VALUE", "one of ADVERTISING, MARKETING"),
        ("create_time = 2026*", "FILTER_VALUE", "a time such as"),
        ("labels.Tier = gold", "FILTER_VALUE", "a key of the form"),
        ("labels:Tier", "FILTER_VALUE", "a key of the form"),
        ('phones : "22 123 45 67"', "FILTER_VALUE", "the country's code"),
        ("phones:48221234567", "FILTER_VALUE", "the country's code"),
        ("emails:ann", "FILTER_VALUE", "a whole address"),
        ('emails : "@example.com"', "FILTER_VALUE", "a whole address"),
    ],
)
def test_what_can_not_be_by_its_form_is_refused(admin: Caller, text: str, reason: str, says: str) -> None:
    refused = refusal(admin.customers.ListCustomers, cpb.ListCustomersRequest(filter=text))

    assert refused.reason == reason
    assert says in refused.faults["filter"]


def test_what_is_no_currency_is_refused(admin: Caller) -> None:
    request = ppb.ListPurchasesRequest(parent="customers/-", filter="amount.currency_code = euros")

    assert "three letters" in refusal(admin.purchases.ListPurchases, request).faults["filter"]
