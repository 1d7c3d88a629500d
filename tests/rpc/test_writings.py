"""Spellings that normalize to one text are equal in writes and in filters."""

from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, standing_pb2
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import (
    new_customer,
    new_purchase,
    new_segment,
    new_spend,
    read_customer,
    to_create,
    to_import,
)
from tests.rpc.refusals import refusal

Code = grpc.StatusCode
FORMS = ["Caf\u00e9", "Cafe\u0301"]


def found(caller: Caller, text: str) -> list[str]:
    listed = caller.customers.ListCustomers(cpb.ListCustomersRequest(filter=text))
    return [each.name for each in listed.customers]


@pytest.mark.parametrize("typed", FORMS)
def test_a_text_is_found_however_its_accents_were_typed(admin: Caller, typed: str) -> None:
    tag = fresh("t")
    name = new_customer(
        admin,
        display_name=f"{tag} {typed}",
        labels={"tribe": tag, "place": typed},
        preferences={"categories": [typed]},
        patron=typed,
    ).name

    assert read_customer(admin, name).display_name == f"{tag} Caf\u00e9"
    for form in FORMS:
        for text in (
            f'display_name = "{tag} {form}"',
            f'display_name : "{form.upper()}"',
            f'display_name = "*{form}"',
            f'labels.place = "{form}"',
            f'preferences.categories : "{form}"',
            f'patron = "{form}"',
            f'"{form}"',
        ):
            assert found(admin, f"labels.tribe = {tag} AND {text}") == [name], text


@pytest.mark.parametrize("typed", FORMS)
def test_texts_of_purchases_segments_and_spends_are_in_one_form(admin: Caller, typed: str) -> None:
    ann = new_customer(admin).name
    line = {"unit_price": {"currency_code": "EUR", "units": 10}, "category": typed, "description": typed}
    bought = new_purchase(admin, ann, lines=[line], note=typed)
    back = admin.purchases.RefundPurchase(ppb.RefundPurchaseRequest(name=bought.name, reason=typed))
    segment = new_segment(admin, display_name=typed, strategy=typed)
    spend = new_spend(admin, campaign=typed)

    texts = [bought.note, bought.lines[0].category, bought.lines[0].description, back.note]
    assert {*texts, segment.display_name, segment.strategy, spend.campaign} == {"Caf\u00e9"}
    for form in FORMS:
        wanted = standing_pb2.ListStandingsRequest(filter=f'categories : "{form}" AND name = "{ann}"')
        assert [each.customer for each in admin.standing.ListStandings(wanted).standings] == [ann]


@pytest.mark.parametrize(
    "written", ["+48 22 123-45-67", "0048 (22) 123.45.67", "\u202a+48\u00a022\u00a01234567\u202c"]
)
def test_a_phone_is_taken_as_people_write_it(admin: Caller, written: str) -> None:
    name = new_customer(admin, phones=[written]).name

    assert list(read_customer(admin, name).phones) == ["+48221234567"]
    for text in (written, "+48221234567", "+48 22*", "*45-67"):
        assert found(admin, f'name = "{name}" AND phones : "{text}"') == [name], text
    patch = cpb.Customer(name=name, phones=["+370 (5) 212-34-56", written])
    changed = admin.customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=patch))
    assert list(changed.phones) == ["+37052123456", "+48221234567"]


@pytest.mark.parametrize(
    ("written", "rule", "says"),
    [
        ("22 123 45 67", "phone.e164", "with the country's code"),
        ("+48 22 12", "phone.e164", "with the country's code"),
        ("+48 22 123 45 67 ext. 5", "phone.e164", "with the country's code"),
        ("+1234567890123456", "phone.e164", "with the country's code"),
        ("+44 (0)20 7946 0018", "phone.trunk", "without (0)"),
        ("+48 22 123" + 60 * " " + "45 67", "string.max_len", "64"),
    ],
)
def test_what_is_no_phone_is_refused_with_what_to_write(
    admin: Caller, written: str, rule: str, says: str
) -> None:
    refused = refusal(admin.customers.CreateCustomer, to_create(phones=["+48221234567", written]))

    assert (refused.reason, refused.facts["rule"]) == ("FIELD_INVALID", rule)
    assert says in refused.faults["customer.phones[1]"]


@pytest.mark.parametrize(
    "written",
    [
        "\u017c\u00f3\u0142w.{}@b\u00fccher.example",
        "{}@\u4f8b\u5b50.\u516c\u53f8",
        "\u044e\u0437\u0435\u0440{}@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        "ann+{}@xn--bcher-kva.example",
        "{}@localhost",
    ],
)
def test_mail_of_any_alphabet_is_taken_and_found(admin: Caller, written: str) -> None:
    email = written.format(fresh("m"))
    name = new_customer(admin, emails=[email]).name

    assert list(read_customer(admin, name).emails) == [email]
    domain = email.partition("@")[2]
    for text in (email, email.upper(), f"{email[:5]}*", f"*@{domain}"):
        assert found(admin, f'name = "{name}" AND emails : "{text}"') == [name], text


def test_one_address_is_had_by_one_customer_however_its_domain_is_written(admin: Caller) -> None:
    user = fresh("m")
    holder = new_customer(admin, emails=[f"{user}@b\u00fccher.example"]).name
    same = f"{user.upper()}@XN--bcher-kva.example"

    taken = refusal(admin.customers.CreateCustomer, to_create(emails=[same]))
    twice = refusal(
        admin.customers.CreateCustomer, to_create(emails=[f"a{user}@b\u00fccher.example", "a" + same])
    )

    assert (taken.code, taken.reason, taken.facts["name"]) == (Code.ALREADY_EXISTS, "EMAIL_TAKEN", holder)
    assert twice.reason == "EMAIL_TWICE"
    assert found(admin, f'emails : "{same}"') == [holder]


@pytest.mark.parametrize(
    "email",
    [
        "ann",
        "a b@c.example",
        "a\u00a0b@c.example",
        "a@b..c",
        "a@-b.c",
        "a@b\u3002c",
        "a\u200bb@c.d",
        "a@b_c.d",
        '"a"@b.c',
    ],
)
def test_what_is_no_mail_is_refused(admin: Caller, email: str) -> None:
    refused = refusal(admin.customers.CreateCustomer, to_create(emails=[email]))

    assert (refused.facts["rule"], [*refused.faults]) == ("string.email", ["customer.emails[0]"])


def test_ids_are_taken_as_they_are_written_and_capitals_make_another(admin: Caller) -> None:
    stem = fresh("Id")
    great, small = (new_customer(admin, each).name for each in (stem.upper(), stem.lower()))
    assert (great, small) == (f"customers/{stem.upper()}", f"customers/{stem.lower()}")
    again = refusal(admin.customers.CreateCustomer, to_create(stem.upper()))
    assert (again.reason, again.facts["name"]) == ("CUSTOMER_EXISTS", great)

    bought = new_purchase(admin, great, 7, note="secret")
    assert bought.name.startswith(great + "/")
    assert [len(read_customer(admin, name).totals) for name in (great, small)] == [1, 0]
    for names, count in (([great], 2), ([f"{great}*"], 2), ([small], 1), ([f"{small}*"], 1)):
        watch = admin.feed.Watch(fpb.WatchRequest(after_revision=0, names=names))
        told: list[Any] = []
        while len(told) < (2 if names[0].endswith("*") and count == 2 else 1):
            told += next(watch).changes
        watch.cancel()
        assert {each.customer.name or each.purchase.name.rpartition("/purchases")[0] for each in told} == {
            names[0].rstrip("*")
        }
    admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=small))
    kept = admin.purchases.GetPurchase(ppb.GetPurchaseRequest(name=bought.name))
    assert (read_customer(admin, great).display_name, kept.note) == ("Ann", "secret")
    assert found(admin, f'name = "{great}"') == [great]


def test_an_import_keeps_apart_what_capitals_keep_apart(admin: Caller) -> None:
    stem = fresh("Id")
    items = [
        to_import(f"customers/{each}", 5, name=f"customers/{each}/purchases/{inv}")
        for each in (stem.upper(), stem.lower())
        for inv in ("INV-1", "inv-1")
    ]
    answer = admin.purchases.ImportPurchases(
        iter([ppb.ImportPurchasesRequest(items=items, create_missing_customers=True)])
    )

    assert (answer.imported_count, answer.created_customer_count, len(answer.rejected)) == (4, 2, 0)


def test_a_request_sent_again_with_other_capitals_is_another(admin: Caller) -> None:
    stem, once = fresh("Id"), request_id()
    request = to_create(stem.upper())
    request.request_id = once
    made = admin.customers.CreateCustomer(request)

    assert admin.customers.CreateCustomer(request) == made
    request.customer_id = stem.lower()
    assert refusal(admin.customers.CreateCustomer, request).reason == "REQUEST_ID_REUSED"


def test_segments_and_spends_have_ids_with_capitals_too(admin: Caller) -> None:
    stem = fresh("VIP")

    assert new_segment(admin, stem).name == f"segments/{stem}"
    assert new_spend(admin, stem).name == f"spends/{stem}"
    read = admin.segments.GetSegment(segments_pb2.GetSegmentRequest(name=f"segments/{stem}"))
    assert read.name == f"segments/{stem}"


def test_of_an_item_whose_customer_is_wrong_the_customer_is_blamed(admin: Caller) -> None:
    wrong = to_import("customers/no such", 5, name="customers/no such/purchases/1")
    right = to_import("customers/x", 5, name="customers/x/purchases/no such")

    answer = admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=[wrong, right])]))

    assert [each.status.field for each in answer.rejected] == ["customer", "purchase.name"]
    assert answer.rejected[0].status.message.startswith("customer: ")
