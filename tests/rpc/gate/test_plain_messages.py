"""What is recognised as plain breaks no rule of the contract: protovalidate finds nothing in it either."""

import random
from collections.abc import Iterator

import pytest
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from protovalidate import Validator

from clientela.v1 import customers_pb2, feed_pb2
from clientela_server.rpc.gate import plain_messages
from clientela_server.rpc.gate.plain_messages import is_plain
from tests.attacks.fuzz import SHORT, changed, kept, seeds
from tests.attacks.surface import PATHS

validator = Validator()
HOT = ["GetCustomer", "GetPurchase", "GetStanding", "ListPurchases", "RecordPurchase", "RefundPurchase"]


def variants(rpc: str, count: int) -> Iterator[Message]:
    """Yield good requests, those that were found to be wrong in every way, and changed ones of both."""
    kind, chance = GetMessageClass(PATHS[rpc].input_type), random.Random(rpc)
    known = [*seeds(rpc), *kept(rpc).values()]
    for data in [*known, *(changed(chance.choice(known), chance)[:SHORT] for _ in range(count))]:
        try:
            yield kind.FromString(data)
        except DecodeError:
            continue


def overlooked(rpc: str, count: int = 150) -> list[Message]:
    """Return the requests that are said to be plain and break a rule."""
    return [each for each in variants(rpc, count) if is_plain(each) and validator.collect_violations(each)]


@pytest.fixture
def from_the_rules() -> Iterator[None]:
    """Read the rules anew, and once more behind the test."""
    plain_messages._fields.cache_clear()
    yield
    plain_messages._fields.cache_clear()


@pytest.mark.parametrize("rpc", PATHS)
def test_what_is_plain_breaks_no_rule(rpc: str) -> None:
    assert not overlooked(rpc)


@pytest.mark.parametrize("rpc", HOT)
def test_what_is_asked_most_is_plain(rpc: str) -> None:
    good = GetMessageClass(PATHS[rpc].input_type).FromString(seeds(rpc)[0])
    assert is_plain(good)


@pytest.mark.usefixtures("from_the_rules")
@pytest.mark.parametrize("without", ["_pattern", "_standard", "_of_clause", "_of_part", "_must_be_set"])
def test_a_kind_of_rules_that_is_left_out_is_missed(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = (lambda *_: False) if without == "_must_be_set" else (lambda *_: lambda _: True)
    monkeypatch.setattr(plain_messages, without, nothing)
    assert any(map(overlooked, HOT))


@pytest.mark.usefixtures("from_the_rules")
def test_a_message_that_is_held_by_another_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_messages, "_kinds_within", lambda _: set())
    assert overlooked("RecordPurchase")


def test_a_rule_of_another_kind_is_left_to_protovalidate() -> None:
    """The keys of labels have a rule, and that is not looked at here."""
    assert is_plain(customers_pb2.Customer())
    assert not is_plain(customers_pb2.Customer(labels={"tier": "gold"}))


def test_items_that_are_equal_or_break_the_rules_of_items_are_not_plain() -> None:
    assert is_plain(feed_pb2.WatchRequest(names=["customers/ann", "customers/ben"]))
    assert not is_plain(customers_pb2.Customer(display_name="Ann", emails=["a@x.org", "a@x.org"]))
    assert not is_plain(feed_pb2.WatchRequest(names=["customers/ann", "ben"]))


@pytest.mark.parametrize(
    ("field", "plain", "others"),
    [
        (
            "emails",
            ["ann@example.com", "a.b+c@x-y.org"],
            ["ann", "a@-x.org", "a@x..org", "ü@example.com"],
        ),
        ("phones", ["+48221234567"], ["48221234567", "+0", "+48 22 123-45-67", "+48(0)221234567"]),
    ],
)
def test_addresses_and_numbers_are_plain_as_most_write_them(
    field: str, plain: list[str], others: list[str]
) -> None:
    for each in plain:
        told = customers_pb2.Customer(display_name="Ann", **{field: [each]})
        assert is_plain(told) and not validator.collect_violations(told)
    for each in others:
        assert not is_plain(customers_pb2.Customer(display_name="Ann", **{field: [each]}))


def test_a_line_s_end_behind_a_name_is_not_overlooked() -> None:
    assert is_plain(customers_pb2.GetCustomerRequest(name="customers/ann"))
    assert not is_plain(customers_pb2.GetCustomerRequest(name="customers/ann\n"))
