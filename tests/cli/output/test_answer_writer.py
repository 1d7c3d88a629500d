"""Answers in each form: for people at a terminal, for pipes, and for programs."""

import csv
import io
import json
import os
import pty
from collections.abc import Iterator
from typing import IO, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.customers.customer_view import CUSTOMER
from clientela_client.cli.output.answer_writer import AnswerWriter, take_first
from clientela_client.cli.output.change_view import CHANGE
from clientela_client.cli.output.views import View, one_line
from clientela_client.cli.purchases.purchase_view import PURCHASE
from clientela_client.messages import (
    Acquisition,
    AcquisitionChannel,
    Change,
    Customer,
    CustomerTotals,
    Decimal,
    MembershipChange,
    Money,
    Person,
    Preferences,
    Purchase,
    PurchaseLine,
    StageChange,
    Timestamp,
    to_dict,
)


def money(units: int, nanos: int, currency: str = "USD") -> Money:
    return Money(currency_code=currency, units=units, nanos=nanos)


NEW_YEAR = Timestamp(seconds=852_076_800)
ANNA = Customer(
    name="customers/anna",
    uid="u-1",
    display_name="Anna Nowak",
    person=Person(given_name="Anna"),
    emails=["a@example.org", "b@example.org"],
    preferences=Preferences(marketing_consent=False),
    acquisition=Acquisition(channel=AcquisitionChannel.ACQUISITION_CHANNEL_PUBLIC_RELATIONS),
    labels={"tier": "gold", "area": "north"},
    totals=[
        CustomerTotals(
            currency_code="USD",
            purchase_count=1234,
            amount=money(6552, 700_000_000),
            first_purchase_time=NEW_YEAR,
            last_purchase_time=Timestamp(seconds=852_076_800 + 3600),
        ),
        CustomerTotals(currency_code="JPY", purchase_count=1, amount=money(500, 0, "JPY")),
    ],
    create_time=NEW_YEAR,
    etag='"7"',
)
BOB = Customer(name="customers/bob", display_name="Bob", delete_time=NEW_YEAR)
PAID = Purchase(
    name="customers/anna/purchases/1",
    lines=[
        PurchaseLine(
            sku="ab-1", description="Beans", quantity=Decimal(value="2"), unit_price=money(9, 950_000_000)
        ),
        PurchaseLine(sku="x", category="misc"),
    ],
    amount=money(19, 900_000_000),
    purchase_time=NEW_YEAR,
    refunded_amount=money(5, 0),
    revision=7,
)
REFUND = Purchase(
    name="customers/anna/purchases/2",
    amount=money(5, 0),
    refund_of="customers/anna/purchases/1",
    note="torn",
    revision=8,
)


def one(form: str | None, item: Any, view: View[Any]) -> str:
    target = io.StringIO()
    AnswerWriter(form, color=False, stdout=target).write_one(item, view)
    return target.getvalue()


def many(form: str | None, items: list[Any], view: View[Any], *, live: bool = False) -> str:
    target = io.StringIO()
    count = AnswerWriter(form, color=False, stdout=target).write_many(iter(items), view, live=live)
    assert count == len(items)
    return target.getvalue()


def test_a_pipe_gets_tabs_plain_values_and_no_header() -> None:
    assert many(None, [ANNA, BOB], CUSTOMER) == (
        "anna\tAnna Nowak\ta@example.org;b@example.org\t1234;1\t6552.70;500\tUSD;JPY\t"
        "1997-01-01T01:00:00Z;\t\n"
        "bob\tBob\t\t\t\t\t\tdeleted\n"
    )


def test_a_pipe_gets_one_resource_as_keys_and_values() -> None:
    facts = dict(line.split("\t", 1) for line in one(None, ANNA, CUSTOMER).splitlines())
    assert facts["name"] == "customers/anna"
    assert facts["person.given_name"] == "Anna"
    assert facts["totals.USD.amount"] == "6552.70"
    assert facts["totals.JPY.purchase_count"] == "1"
    assert facts["preferences.marketing_consent"] == "no"
    assert facts["labels"] == "area=north;tier=gold"


def test_people_get_a_table_with_pretty_values() -> None:
    assert many("table", [ANNA, BOB], CUSTOMER).splitlines() == [
        "ID    NAME        E-MAIL         PURCHASES                  AMOUNT  LAST PURCHASE        STATE",
        "anna  Anna Nowak  a@example.org   1234 + 1  6,552.70 USD + 500 JPY  1997-01-01 01:00:00",
        "bob   Bob                                                                                deleted",
    ]


def test_people_get_one_resource_as_two_columns() -> None:
    assert one("table", ANNA, CUSTOMER).splitlines() == [
        "Name               customers/anna",
        "Display name       Anna Nowak",
        "Given name         Anna",
        "Emails             a@example.org, b@example.org",
        "Marketing consent  no",
        "Channel            public_relations",
        "Labels             area=north, tier=gold",
        "Bought             1,234 purchases, 6,552.70 USD, 1997-01-01 to 1997-01-01 01:00:00",
        "Bought             1 purchase, 500 JPY",
        "Create time        1997-01-01",
        'Etag               "7"',
        "Uid                u-1",
    ]


def test_a_purchase_is_a_receipt() -> None:
    assert one("table", PAID, PURCHASE).splitlines() == [
        "Name             customers/anna/purchases/1",
        "Amount           19.90 USD",
        "Refunded amount  5.00 USD",
        "Purchase time    1997-01-01",
        "Line             2 × 9.95 USD  Beans (ab-1)",
        "Line             1 ×  x [misc]",
        "Revision         7",
    ]


def test_a_column_of_amounts_adds_up_to_what_was_kept() -> None:
    rows = list(csv.DictReader(many("csv", [PAID, REFUND], PURCHASE).splitlines()))
    assert [row["amount"] for row in rows] == ["19.90", "-5.00"]
    assert [line.split("\t")[3] for line in many(None, [PAID, REFUND], PURCHASE).splitlines()] == [
        "19.90",
        "-5.00",
    ]


@pytest.mark.parametrize(("item", "view"), [(ANNA, CUSTOMER), (PAID, PURCHASE)])
def test_programs_get_the_message_itself(item: Any, view: View[Any]) -> None:
    assert json.loads(one("json", item, view)) == to_dict(item)
    assert json.loads(one("ndjson", item, view)) == to_dict(item)
    assert yaml.safe_load(one("yaml", item, view)) == to_dict(item)


def test_lists_for_programs_are_arrays_or_lines() -> None:
    wanted = [to_dict(ANNA), to_dict(BOB)]
    assert json.loads(many("json", [ANNA, BOB], CUSTOMER)) == wanted
    assert yaml.safe_load(many("yaml", [ANNA, BOB], CUSTOMER)) == wanted
    assert [json.loads(line) for line in many("ndjson", [ANNA, BOB], CUSTOMER).splitlines()] == wanted
    assert many("name", [ANNA, BOB], CUSTOMER) == "customers/anna\ncustomers/bob\n"
    assert len(list(csv.DictReader(many("csv", [ANNA, BOB], CUSTOMER).splitlines()))) == 2


@pytest.mark.parametrize(
    ("form", "text"),
    [("json", "[]\n"), ("yaml", "[]\n"), ("ndjson", ""), ("table", ""), (None, ""), ("name", "")],
)
def test_an_empty_list_is_empty_in_every_form(form: str | None, text: str) -> None:
    assert many(form, [], CUSTOMER) == text


def test_a_json_list_that_is_interrupted_is_still_an_array() -> None:
    def broken() -> Iterator[Customer]:
        yield BOB
        raise KeyboardInterrupt

    target = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        AnswerWriter("json", color=False, stdout=target).write_many(broken(), CUSTOMER)
    assert json.loads(target.getvalue()) == [to_dict(BOB)]


def test_what_is_watched_is_written_at_once() -> None:
    read, write = os.pipe()
    seen = []

    def changes() -> Iterator[Change]:
        for revision in (1, 2):
            yield Change(revision=revision, method="CustomerService.CreateCustomer", name="customers/anna")
            seen.append(os.read(read, 65536).decode())

    with os.fdopen(write, "w", encoding="utf-8") as pipe, os.fdopen(read, "rb"):
        AnswerWriter("ndjson", color=False, stdout=pipe).write_many(changes(), CHANGE, live=True)
    assert [json.loads(line)["revision"] for line in seen] == ["1", "2"]


def test_a_watched_table_has_fixed_columns() -> None:
    change = Change(
        revision=7,
        commit_time=NEW_YEAR,
        actor="admin",
        method="PurchaseService.RefundPurchase",
        name="customers/anna/purchases/2",
        purchase=REFUND,
    )
    header, row = many("table", [change], CHANGE, live=True).splitlines()
    assert row.split() == ["7", "1997-01-01", "admin", "RefundPurchase", "anna/2", "-5.00", "USD"]
    assert header.index("TO") == row.index("anna/2")


@pytest.mark.parametrize(
    ("change", "did", "now"),
    [
        (
            Change(name="customers/anna", method="server", stage_change=StageChange(to_stage="STAGE_LOST")),
            "stage changed",
            "between stages -> LOST",
        ),
        (
            Change(
                name="customers/anna/purchases/2",
                method="PurchaseService.RefundPurchase",
                purchase=REFUND,
                stage_change=StageChange(from_stage="STAGE_NEW", to_stage="STAGE_REGULAR"),
            ),
            "RefundPurchase",
            "-5.00 USD, NEW -> REGULAR",
        ),
        (
            Change(
                name="segments/lost",
                method="server",
                membership_change=MembershipChange(
                    joined_customers=[f"customers/{name}" for name in ("a", "b", "c", "d", "e")],
                    left_customers=["customers/z"],
                ),
            ),
            "members changed",
            "came: a, b, c and 2 more; left: z",
        ),
    ],
)
def test_what_the_server_did_by_itself_can_be_read(change: Change, did: str, now: str) -> None:
    header, row = many("table", [change], CHANGE).splitlines()
    assert row[header.index("DID") :].startswith(did)
    assert row[header.index("NOW") :] == now


@given(st.text())
def test_no_text_from_the_server_breaks_a_row_or_drives_a_terminal(text: str) -> None:
    harmless = one_line(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066" for c in harmless)
    customer = Customer(name="customers/x", display_name=text.encode("utf-8", "replace").decode())
    assert many(None, [customer], CUSTOMER).count("\t") == len(CUSTOMER.table) - 1
    assert many(None, [customer], CUSTOMER).count("\n") == 1


def test_markup_in_a_name_stays_text() -> None:
    customer = Customer(name="customers/x", display_name="[red]Ann[/red] \x1b[31m")
    assert "[red]Ann[/red]" in many("table", [customer], CUSTOMER)
    assert "\x1b" not in one("table", customer, CUSTOMER) + one("tsv", customer, CUSTOMER)


def lines_of(shown: IO[bytes], count: int) -> str:
    text = b""
    while text.count(b"\n") < count:
        text += shown.read(65536)
    return text.decode()


def test_a_terminal_gets_a_table_and_colours_only_if_wanted() -> None:
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb", buffering=0) as shown, os.fdopen(follower, "w") as terminal:
        AnswerWriter(None, color=True, stdout=terminal).write_many([BOB], CUSTOMER)
        colored = lines_of(shown, 2)
        AnswerWriter(None, color=False, stdout=terminal).write_many([BOB], CUSTOMER)
        plain = lines_of(shown, 2)
    assert "\x1b[1m" in colored and "ID" in colored
    assert "\x1b" not in plain and plain.startswith("ID")


def test_a_limit_ends_the_call() -> None:
    class Items(Iterator[int]):
        cancelled = False

        def __next__(self) -> int:
            return 1

        def cancel(self) -> None:
            self.cancelled = True

    items = Items()
    assert list(take_first(items, 3)) == [1, 1, 1]
    assert items.cancelled
