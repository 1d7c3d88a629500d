"""A filter finds exactly the rows for which it holds: compared with plain Python over random customers."""

from contextlib import suppress
from typing import Any

import grpc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as pb
from clientela.v1 import purchases_pb2 as ppb
from clientela_server.store.filters.filter_values import read_day, read_time
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase
from tests.rpc.refusals import Refused, refusal
from tests.store.people import bare_wish, everybody, filters, text_wish


class Tribe:
    """People of one label, whom a filter can be kept to."""

    def __init__(self, admin: Caller) -> None:
        self.label = fresh("t")
        self._admin = admin
        self.people: list[pb.Customer] = []
        for stated in everybody(self.label):
            if self.people:
                stated.acquisition.referrer = self.people[len(self.people) // 3].name
            self.people.append(admin.customers.CreateCustomer(pb.CreateCustomerRequest(customer=stated)))

    def found(self, text: str) -> set[str]:
        """The names of those whom a filter finds."""
        request = pb.ListCustomersRequest(filter=f"labels.tribe = {self.label} AND ({text})", page_size=1000)
        return {each.name for each in self._admin.customers.ListCustomers(request).customers}


@pytest.fixture(scope="module")
def tribe(admin: Caller) -> Tribe:
    return Tribe(admin)


@settings(max_examples=3 * settings.default.max_examples)
@given(data=st.data())
def test_a_filter_finds_those_for_whom_it_holds(tribe: Tribe, data: Any) -> None:
    wish = data.draw(filters(tribe.people), label="filter")

    assert tribe.found(wish.text) == {each.name for each in tribe.people if wish.holds(each)}, wish.text


@pytest.mark.parametrize("field", ["display_name", "person.family_name", "patron", "acquisition.campaign"])
@pytest.mark.parametrize("value", ["Żak", "ŻAK", "łukasz", "ИВАН", "žUKAS", "%", "_", "\\", '"', "*"])
def test_contains_means_letters_of_any_alphabet_and_case_and_no_wildcards(
    tribe: Tribe, field: str, value: str
) -> None:
    wish = text_wish(field, ":", value)
    holding = {each.name for each in tribe.people if wish.holds(each)}

    assert holding, "the people must be such that somebody is found"
    assert tribe.found(wish.text) == holding


def test_a_bare_word_is_looked_for_in_the_display_name(tribe: Tribe) -> None:
    wish = bare_wish("ANN")

    assert (
        tribe.found("aNN") == tribe.found('"ANN"') == {each.name for each in tribe.people if wish.holds(each)}
    )


def test_an_enum_may_be_written_with_and_without_its_prefix(tribe: Tribe) -> None:
    short, long = (f"acquisition.channel = {name}" for name in ("ORGANIC", "ACQUISITION_CHANNEL_ORGANIC"))

    assert tribe.found(short) == tribe.found(long) != set()


def test_who_was_recommended_by_somebody_is_found(tribe: Tribe) -> None:
    by = {each.name: each.acquisition.referrer for each in tribe.people if each.acquisition.referrer}
    referrer = next(iter(by.values()))

    found = tribe.found(f'acquisition.referrer = "{referrer}"')

    assert found == {name for name, each in by.items() if each == referrer}
    assert tribe.found("acquisition.referrer:*") == by.keys()


def test_addresses_are_found_in_any_case(admin: Caller) -> None:
    email = f"Ann.{fresh()}@Example.com"
    ann = new_customer(admin, emails=[email, f"x{email}"], phones=["+48221234567"])

    def found(text: str) -> list[str]:
        request = pb.ListCustomersRequest(filter=f'name = "{ann.name}" AND {text}')
        return [each.name for each in admin.customers.ListCustomers(request).customers]

    assert (
        found(f'emails:"{email.upper()}"')
        == found("emails:*")
        == found('phones:"+48221234567"')
        == [ann.name]
    )
    assert found(f'emails:"{email[:-1]}"') == found('phones:"+4822123456"') == []


def test_deleted_customers_are_found_by_the_time_of_their_deletion(admin: Caller) -> None:
    label = fresh("t")
    living, gone = (new_customer(admin, labels={"tribe": label}) for _ in "ab")
    deleted = admin.customers.DeleteCustomer(pb.DeleteCustomerRequest(name=gone.name))
    time = deleted.delete_time.ToJsonString()

    def found(text: str) -> list[str]:
        request = pb.ListCustomersRequest(filter=f"labels.tribe = {label} AND {text}", show_deleted=True)
        return [each.name for each in admin.customers.ListCustomers(request).customers]

    assert found("delete_time:*") == found(f'delete_time = "{time}"') == [gone.name]
    assert found("NOT delete_time:*") == found(f'delete_time != "{time}"') == [living.name]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-01-31T12:00:00Z", True),
        ("2026-01-31T12:00:00.000000Z", True),
        ("2026-01-31T13:00:00+01:00", True),
        ("2026-01-31T12:00:00", True),
        ("2026-01-31T12:00:00.000001Z", False),
        ("2026-01-31T12:00:00.000000000Z", True),
        ("2026-01-31t14:00:00+0200", True),
        ("2026-01-31 12:00", True),
        ("2026-01-31", False),
    ],
)
def test_a_time_may_be_written_as_rfc_3339_has_it(admin: Caller, text: str, same: bool) -> None:
    ann = new_customer(admin)
    noon = {"purchase_time": {"seconds": 1769860800}}
    new_purchase(admin, ann.name, **noon)

    request = ppb.ListPurchasesRequest(parent=ann.name, filter=f'purchase_time = "{text}"')

    assert bool(admin.purchases.ListPurchases(request).purchases) == same


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01+02:00",
        "2026-03-01Z",
        "2026-W05-1",
        "2026-060",
        "20260301",
        "2026-03-01T24:00:00Z",
        "2026-03-01T23:59:60Z",
        "2026-03-01T10",
        "2026-03-01x07",
        "2026-03-01T10:22:33,5Z",
        "2026-03-01T10:22:33.0000001Z",
        "2026-03-01T10:22:33+25:00",
        "2026-03-01T10:22:33+14:30",
        "\uff12\uff10\uff12\uff16-03-01",
    ],
)
def test_what_is_no_time_as_it_is_documented_is_refused(text: str) -> None:
    assert read_time(text) is None
    assert read_day(text) is None


def test_filters_refuse_what_may_mean_another_time(admin: Caller) -> None:
    for request in (
        ppb.ListPurchasesRequest(parent="customers/-", filter='purchase_time > "2026-03-01+02:00"'),
        ppb.ListPurchasesRequest(parent="customers/-", filter="create_time > 2026-W05-1"),
    ):
        assert refusal(admin.purchases.ListPurchases, request).reason == "FILTER_VALUE"


# ---- nothing that is asked breaks the server

FIELDS = [
    "display_name",
    "labels.tier",
    "emails",
    "create_time",
    "amount",
    "revision",
    "name",
    "purpose",
    "acquisition.channel",
]
VALUES = [
    "1",
    "-1",
    "1e9",
    "9" * 40,
    "NaN",
    '"x"',
    "*",
    '"*"',
    "**",
    "2026-01-01",
    '"\\""',
    "true",
    "RESALE",
    "'\0'",
    "%",
    "🏔",
]
restrictions = st.builds(
    lambda field, operator, value: f"{field} {operator} {value}",
    st.sampled_from(FIELDS),
    st.sampled_from(["=", "!=", "<", ">=", ":"]),
    st.sampled_from(VALUES),
)
glue = st.sampled_from([" ", " AND ", " OR ", " NOT ", " -", "(", ")", " ( ", '"'])
made_up = st.lists(st.one_of(restrictions, glue, st.sampled_from(VALUES)), max_size=40).map("".join)


@settings(max_examples=3 * settings.default.max_examples)
@given(text=made_up | st.text(st.characters(codec="utf-8"), max_size=200))
@example(text="a " * 999)
@example(text="a OR " * 399 + "a")
@example(text="labels.a=b " * 180)
@example(text="(" * 20 + "a" + ")" * 20)
@example(text="amount = 1e999999")
@example(text="display_name = " + "*" * 1900)
def test_any_text_is_a_filter_or_is_refused_as_one(admin: Caller, text: str) -> None:
    for method, request in (
        (admin.customers.ListCustomers, pb.ListCustomersRequest(filter=text[:2000], page_size=1)),
        (
            admin.purchases.ListPurchases,
            ppb.ListPurchasesRequest(parent="customers/-", filter=text[:2000], page_size=1),
        ),
    ):
        refused = None
        try:
            method(request)
        except grpc.RpcError as error:
            refused = Refused.of(error)
        assert refused is None or (refused.code, [*refused.faults]) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            ["filter"],
        )


def test_nothing_is_found_by_a_character_that_nobody_has(tribe: Tribe) -> None:
    """NUL ends a text in C, and so in parts of SQLite."""
    for text in ('patron:"\0"', 'display_name:"\0"', 'patron = "\0*"', 'patron = "*\0"', "labels:'\0'"):
        found: set[str] = set()
        with suppress(grpc.RpcError):
            found = tribe.found(text)
        assert found == set()
