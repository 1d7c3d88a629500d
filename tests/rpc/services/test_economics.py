"""GetUnitEconomics: what winning clients costs and what they bring, by channel.

Each test has a currency of its own, for all is by currency and tests share a server.
"""

from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2, spends_pb2
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.making import day, money, new_purchase
from tests.rpc.refusals import refusal
from tests.rpc.winning import (
    ADVERTISING,
    MARKETING,
    ORGANIC,
    PUBLIC_RELATIONS,
    REFERRAL,
    answer,
    asked,
    by_channel,
    spent,
    when,
    won,
)

Code = grpc.StatusCode


def test_the_worked_example_comes_out(clerk: Caller) -> None:
    """A client cost 50 and brings 300: LTV is 6 times CAC."""
    for on in ("2026-03-01", "2026-03-10", "2026-03-31", "2026-03-31"):
        won(clerk, ADVERTISING, "XEA", (on, 500), ("2026-06-01", 250))
    spent(clerk, ADVERTISING, "XEA", 200, end_date=day("2026-03-31"))

    found = answer(clerk, "XEA")

    channel = by_channel(found)[ADVERTISING]
    assert (channel.spend, channel.acquired_count) == (money(200, currency="XEA"), 4)
    assert channel.cac == money(50, currency="XEA")
    assert channel.ltv_realized == money(300, currency="XEA")
    assert (channel.ratio, channel.verdict) == (6.0, economics_pb2.VERDICT_PROFITABLE)
    assert channel.explanation == (
        "Winning a client cost 50.00 XEA, and it has brought 300.00 XEA so far: 6.00 times as much."
    )
    assert (found.start, found.end, found.gross_margin) == (day("2026-03-01"), day("2026-03-31"), 0.4)


def test_a_table_of_channels_comes_out_with_what_is_not_known_first(clerk: Caller) -> None:
    currency = "XEB"
    for channel, clients, units, cost in (
        (ADVERTISING, 5, 100, 1000),
        (MARKETING, 4, 500, 400),
        (REFERRAL, 2, 300, 0),
        (0, 3, 50, 0),
    ):
        for _ in range(clients):
            won(clerk, channel, currency, ("2026-03-05", units))
        if cost or channel == REFERRAL:
            spent(clerk, channel, currency, cost)
    spent(clerk, PUBLIC_RELATIONS, currency, 250)
    won(clerk, ORGANIC, currency, ("2026-02-28", 1000))

    found = answer(clerk, currency)

    assert [each.channel for each in found.channels] == [
        0,
        ADVERTISING,
        MARKETING,
        PUBLIC_RELATIONS,
        REFERRAL,
    ]
    assert [each.acquired_count for each in found.channels] == [3, 5, 4, 0, 2]
    assert [each.cac.units if each.HasField("cac") else None for each in found.channels] == [
        None,
        200,
        100,
        None,
        0,
    ]
    assert [each.ltv_realized.units for each in found.channels] == [20, 40, 200, 0, 120]
    assert [each.ratio if each.HasField("ratio") else None for each in found.channels] == [
        None,
        0.2,
        2.0,
        None,
        None,
    ]
    assert [economics_pb2.Verdict.Name(each.verdict)[8:] for each in found.channels] == [
        "UNSPECIFIED",
        "UNPROFITABLE",
        "PROFITABLE",
        "UNSPECIFIED",
        "PROFITABLE",
    ]
    assert (found.total.spend.units, found.total.acquired_count) == (1650, 14)
    assert (found.total.cac.units, found.total.cac.nanos) == (117, 857_142_857)
    assert found.total.verdict == economics_pb2.VERDICT_UNPROFITABLE
    assert not found.channels[3].HasField("ltv_realized")
    sentences = [each.explanation for each in found.channels]
    assert sentences[0] == "It is not known how these clients came: 3. Each has brought 20.00 XEB so far."
    assert sentences[1].endswith("nothing is predicted: a loss of 160.00 XEB a client.")
    assert sentences[3] == "250.00 XEB was spent and nobody was won: so there is no cost of winning a client."
    assert sentences[4] == "Winning these clients (2) cost nothing, and each has brought 120.00 XEB so far."


def test_of_spending_over_more_days_the_share_of_the_period_counts(clerk: Caller) -> None:
    spent(clerk, MARKETING, "XEC", 100, start_date=day("2026-02-27"), end_date=day("2026-03-05"))
    won(clerk, MARKETING, "XEC", ("2026-03-05", 100))
    found = by_channel(answer(clerk, "XEC"))[MARKETING]
    assert (found.spend.units, found.spend.nanos) == (71, 428_571_429)
    february = answer(clerk, "XEC", start=day("2026-02-01"), end=day("2026-02-28"))
    assert (february.total.spend.units, february.total.spend.nanos) == (28, 571_428_571)


def test_only_what_was_bought_until_as_of_counts(clerk: Caller) -> None:
    won(clerk, MARKETING, "XED", ("2026-03-05", 100), ("2026-04-05", 100))
    won(clerk, MARKETING, "XED", ("2026-03-20", 100))
    bought = [("2026-03-10", 1, 40), ("2026-03-31", 2, 40), ("2026-04-05", 2, 60)]
    for as_of, count, units in bought:
        found = by_channel(answer(clerk, "XED", as_of=day(as_of)))[MARKETING]
        assert (found.acquired_count, found.ltv_realized.units) == (count, units)


def test_what_was_given_back_was_not_brought(clerk: Caller) -> None:
    name = won(clerk, MARKETING, "XEE", ("2026-03-05", 100))
    bought = new_purchase(clerk, name, amount=money(50, currency="XEE"), purchase_time=when("2026-03-09"))
    clerk.purchases.RefundPurchase(ppb.RefundPurchaseRequest(name=bought.name, reason="broken"))
    assert answer(clerk, "XEE").total.ltv_realized == money(40, currency="XEE")


def test_who_is_deleted_or_erased_was_won_all_the_same(admin: Caller) -> None:
    names = [won(admin, REFERRAL, "XEF", ("2026-03-05", 100)) for _ in range(3)]
    before = answer(admin, "XEF")
    admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=names[0]))
    admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=names[1]))
    assert answer(admin, "XEF") == before
    assert by_channel(before)[REFERRAL].acquired_count == 3


def test_acquisition_is_put_beside_retention(clerk: Caller) -> None:
    for on in ("2026-03-05", "2026-04-05"):
        won(clerk, MARKETING, "XEG", ("2026-01-10", 10), (on, 10))
    won(clerk, MARKETING, "XEG", ("2026-03-05", 10))
    spent(clerk, MARKETING, "XEG", 75)
    spent(clerk, MARKETING, "XEG", 15, purpose=spends_pb2.SPEND_PURPOSE_RETENTION)
    found = answer(clerk, "XEG").retention
    assert (found.spend.units, found.retained_count, found.cost.units, found.acquisition_ratio) == (
        15,
        1,
        15,
        5.0,
    )


def test_where_there_is_nothing_nothing_is_said_to_be_won(clerk: Caller) -> None:
    found = answer(clerk, "XEH")
    assert [each.channel for each in found.channels] == [0]
    for each in (*found.channels, found.total):
        assert (each.acquired_count, each.verdict, each.HasField("cac")) == (
            0,
            economics_pb2.VERDICT_UNSPECIFIED,
            False,
        )
    assert found.total.explanation == "Nothing was spent, and nobody was won."
    assert not found.retention.HasField("cost") and not found.retention.HasField("acquisition_ratio")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pl", "Pozyskanie klienta kosztowało 50.00 XEI"),
        ("ru", "Привлечение клиента стоило 50.00 XEI"),
        ("lt", "Pritraukti klientą kainavo 50.00 XEI"),
        ("en", "Winning a client cost 50.00 XEI"),
    ],
)
def test_the_reason_is_said_in_the_callers_language(clerk: Caller, language: str, words: str) -> None:
    won(clerk, MARKETING, "XEI", ("2026-03-05", 100))
    spent(clerk, MARKETING, "XEI", 50)
    found = clerk.economics.GetUnitEconomics(asked("XEI"), metadata=(("accept-language", language),))
    assert found.total.explanation.startswith(words)
    assert found.no_prediction


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"start": Date(year=2026, month=2, day=31)}, "start", "DATE_INVALID"),
        ({"end": Date(year=2026, month=3)}, "end", "DATE_INVALID"),
        ({"as_of": Date(year=2026)}, "as_of", "DATE_INVALID"),
        ({"as_of": day("2999-01-01")}, "as_of", "DATE_OUT_OF_RANGE"),
        ({"end": day("2026-02-28")}, "end", "PERIOD_REVERSED"),
        ({"start": None}, "start", "FIELD_INVALID"),
        ({"gross_margin": 0}, "gross_margin", "FIELD_INVALID"),
        ({"gross_margin": 1.01}, "gross_margin", "FIELD_INVALID"),
        ({"gross_margin": float("nan")}, "gross_margin", "FIELD_INVALID"),
        ({"currency_code": "euro"}, "currency_code", "FIELD_INVALID"),
        ({"horizon_days": 3651}, "horizon_days", "FIELD_INVALID"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    clerk: Caller, fields: dict[str, Any], path: str, reason: str
) -> None:
    refused = refusal(clerk.economics.GetUnitEconomics, asked("XEJ", **fields))
    assert (refused.code, refused.reason, list(refused.faults)) == (Code.INVALID_ARGUMENT, reason, [path])


def test_sums_that_no_message_can_hold_are_refused(clerk: Caller) -> None:
    for _ in range(2):
        spent(clerk, MARKETING, "XEK", 2**63 - 1)
    refused = refusal(clerk.economics.GetUnitEconomics, asked("XEK"))
    assert (refused.code, refused.reason) == (Code.OUT_OF_RANGE, "TOTAL_OVERFLOW")
