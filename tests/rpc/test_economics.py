"""GetUnitEconomics: what winning clients costs and what they bring, by channel.

Each test has a currency of its own, for all is by currency and tests share a server.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import insight_pb2 as pb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.making import day, money, new_customer, new_purchase, new_spend, to_import
from tests.rpc.refusals import refusal
from tests.rpc.running import running

Code = grpc.StatusCode
ADVERTISING, MARKETING, PUBLIC_RELATIONS, REFERRAL, ORGANIC = range(1, 6)
Channels = dict[int, pb.ChannelEconomics]


def when(text: str) -> Timestamp:
    """Noon of a day."""
    return Timestamp(seconds=int(datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC).timestamp()))


def won(caller: Caller, channel: int, currency: str, *bought: tuple[str, int]) -> str:
    """Register a client who came by a channel, with what it bought on which days."""
    acquisition = cpb.Acquisition(channel=channel) if channel else None
    name = new_customer(caller, acquisition=acquisition).name
    for on, units in bought:
        new_purchase(caller, name, amount=money(units, currency=currency), purchase_time=when(on))
    return name


def spent(caller: Caller, channel: int, currency: str, units: int, **fields: Any) -> None:
    new_spend(caller, channel=channel, amount=money(units, currency=currency), **fields)


def asked(currency: str, **fields: Any) -> pb.GetUnitEconomicsRequest:
    """March 2026, with a margin of 40 percent, and nothing foretold."""
    plain = {"start": day("2026-03-01"), "end": day("2026-03-31"), "gross_margin": 0.4, "horizon_days": 0}
    return pb.GetUnitEconomicsRequest(**{**plain, "currency_code": currency, **fields})


def answer(caller: Caller, currency: str, **fields: Any) -> pb.GetUnitEconomicsResponse:
    found: pb.GetUnitEconomicsResponse = caller.insight.GetUnitEconomics(asked(currency, **fields))
    return found


def by_channel(found: pb.GetUnitEconomicsResponse) -> Channels:
    return {each.channel: each for each in found.channels}


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
    assert (channel.ratio, channel.verdict) == (6.0, pb.VERDICT_PROFITABLE)
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
        if cost:
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
    assert [pb.Verdict.Name(each.verdict)[8:] for each in found.channels] == [
        "UNSPECIFIED",
        "UNPROFITABLE",
        "PROFITABLE",
        "UNSPECIFIED",
        "PROFITABLE",
    ]
    assert (found.total.spend.units, found.total.acquired_count) == (1650, 14)
    assert (found.total.cac.units, found.total.cac.nanos) == (117, 857_142_857)
    assert found.total.verdict == pb.VERDICT_UNPROFITABLE
    assert not found.channels[3].HasField("ltv_realized")
    sentences = [each.explanation for each in found.channels]
    assert sentences[0] == "It is not known how these clients came: 3. Each has brought 20.00 XEB so far."
    assert sentences[1].endswith("nothing is foretold: a loss of 160.00 XEB a client.")
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


def test_winning_is_put_beside_keeping(clerk: Caller) -> None:
    for on in ("2026-03-05", "2026-04-05"):
        won(clerk, MARKETING, "XEG", ("2026-01-10", 10), (on, 10))
    won(clerk, MARKETING, "XEG", ("2026-03-05", 10))
    spent(clerk, MARKETING, "XEG", 75)
    spent(clerk, MARKETING, "XEG", 15, purpose=pb.SPEND_PURPOSE_KEEPING)
    found = answer(clerk, "XEG").keeping
    assert (found.spend.units, found.kept_count, found.cost.units, found.winning_ratio) == (15, 1, 15, 5.0)


def test_where_there_is_nothing_nothing_is_said_to_be_won(clerk: Caller) -> None:
    found = answer(clerk, "XEH")
    assert [each.channel for each in found.channels] == [0]
    for each in (*found.channels, found.total):
        assert (each.acquired_count, each.verdict, each.HasField("cac")) == (0, pb.VERDICT_UNSPECIFIED, False)
    assert found.total.explanation == "Nothing was spent, and nobody was won."
    assert not found.keeping.HasField("cost") and not found.keeping.HasField("winning_ratio")


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
    found = clerk.insight.GetUnitEconomics(asked("XEI"), metadata=(("accept-language", language),))
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
    refused = refusal(clerk.insight.GetUnitEconomics, asked("XEJ", **fields))
    assert (refused.code, refused.reason, list(refused.faults)) == (Code.INVALID_ARGUMENT, reason, [path])


def test_sums_that_no_message_can_hold_are_refused(clerk: Caller) -> None:
    for _ in range(2):
        spent(clerk, MARKETING, "XEK", 2**63 - 1)
    refused = refusal(clerk.insight.GetUnitEconomics, asked("XEK"))
    assert (refused.code, refused.reason) == (Code.OUT_OF_RANGE, "TOTAL_OVERFLOW")


# ---- what is foretold


def bought_again(clerk: Caller, currency: str) -> None:
    """Sixty clients of March, by two channels, many of whom come back in the months after."""
    items = []
    for number in range(60):
        channel = (ADVERTISING, MARKETING)[number % 2]
        name = new_customer(clerk, acquisition=cpb.Acquisition(channel=channel)).name
        for time in range(1 + number % 5):
            on = 1_772_452_800 + 86_400 * (number % 28 + time * (9 + number % 7))
            amount = money(10 + number % 9, currency=currency)
            items.append(to_import(name, amount=amount, purchase_time=Timestamp(seconds=on)))
    clerk.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))


def test_what_is_foretold_comes_on_top_and_may_pay_later(clerk: Caller) -> None:
    bought_again(clerk, "XEL")
    today = answer(clerk, "XEL", as_of=day("2026-06-30"), horizon_days=365)
    assert (today.no_prediction, today.model.customer_count) == ("", 60)
    for each in (*today.channels[1:], today.total):
        assert each.acquired_count > 0
        assert (each.ltv_predicted.units, each.ltv_predicted.nanos) > (
            each.ltv_realized.units,
            each.ltv_realized.nanos,
        )

    between = today.total.ltv_realized.units + 1
    spent(clerk, MARKETING, "XEL", between * 60)
    later = answer(clerk, "XEL", as_of=day("2026-06-30"), horizon_days=365).total
    assert later.cac.units == between
    assert (later.verdict, later.ltv_predicted) == (pb.VERDICT_PAYS_LATER, today.total.ltv_predicted)
    assert later.ratio < 1 <= later.ratio_predicted
    spent(clerk, MARKETING, "XEL", 60 * 1000)
    assert answer(clerk, "XEL", as_of=day("2026-06-30")).total.verdict == pb.VERDICT_UNPROFITABLE


def test_what_is_foretold_is_what_lifetime_values_add_up_to_and_nothing_of_who_is_gone(clerk: Caller) -> None:
    bought_again(clerk, "XEN")
    fields = {"as_of": day("2026-06-30"), "horizon_days": 180, "discount_rate_annual": 0.15}
    found = answer(clerk, "XEN", **fields)
    question = pb.PredictLifetimeValueRequest(
        parent="customers/-", currency_code="XEN", page_size=1, **fields
    )
    foretold = clerk.insight.PredictLifetimeValue(question)
    assert found.model == foretold.model
    assert found.total.acquired_count == foretold.customer_count == 60
    assert more_of(found) == pytest.approx(nanos_of(foretold.total_value), rel=1e-9)

    best = foretold.predictions[0]
    clerk.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=best.customer))
    without = answer(clerk, "XEN", **fields)
    assert (without.total.acquired_count, without.total.ltv_realized) == (60, found.total.ltv_realized)
    assert more_of(found) - more_of(without) == pytest.approx(nanos_of(best.value), rel=1e-6)


def test_who_was_won_in_a_month_is_new_in_its_cohort(clerk: Caller) -> None:
    bought_again(clerk, "XEO")
    won(clerk, REFERRAL, "XEO", ("2026-04-02", 10))
    won(clerk, 0, "XEO", ("2026-04-05", 10), ("2026-04-06", 10))
    as_of = day("2026-06-30")
    months = clerk.insight.GetCohorts(pb.GetCohortsRequest(currency_code="XEO", as_of=as_of)).months
    periods = {"2026-03-01": "2026-03-31", "2026-04-01": "2026-04-30", "2026-05-01": "2026-05-31"}
    found = [
        answer(clerk, "XEO", start=day(start), end=day(end), as_of=as_of).total
        for start, end in periods.items()
    ]
    assert (
        [each.acquired_count for each in found]
        == [each.new_customer_count for each in months[:3]]
        == [60, 2, 0]
    )


def nanos_of(amount: Money) -> int:
    return int(amount.units) * 10**9 + amount.nanos


def more_of(found: pb.GetUnitEconomicsResponse) -> float:
    """What is foretold of all clients together, before the margin, in nanos."""
    more = nanos_of(found.total.ltv_predicted) - nanos_of(found.total.ltv_realized)
    return more * found.total.acquired_count / found.gross_margin


def test_why_nothing_is_foretold_is_said_and_all_else_is_told(clerk: Caller) -> None:
    won(clerk, MARKETING, "XEM", ("2026-03-05", 100))
    spent(clerk, MARKETING, "XEM", 50)
    none, few = answer(clerk, "XEM"), answer(clerk, "XEM", horizon_days=365)
    assert none.no_prediction == "Nothing is predicted: the horizon is 0 days."
    assert "came back" in few.no_prediction
    assert none.channels == few.channels
    for each in (none, few):
        assert (each.HasField("model"), each.total.HasField("ltv_predicted")) == (False, False)
        assert each.total.verdict == pb.VERDICT_UNPROFITABLE


async def test_a_server_without_numpy_tells_all_but_what_is_foretold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        name = (
            await live.admin.customers.CreateCustomer(
                cpb.CreateCustomerRequest(
                    customer=cpb.Customer(
                        display_name="Blue Door Café", acquisition=cpb.Acquisition(channel=MARKETING)
                    )
                )
            )
        ).name
        purchase = ppb.Purchase(amount=money(100), purchase_time=when("2026-03-05"))
        await live.admin.purchases.RecordPurchase(ppb.RecordPurchaseRequest(parent=name, purchase=purchase))
        with_it = await live.admin.insight.GetUnitEconomics(asked("EUR"))
        for module in ("winning", "forecasts", "clients"):
            monkeypatch.setitem(sys.modules, f"clientela_server.reports.{module}", None)
        without = await live.admin.insight.GetUnitEconomics(asked("EUR", horizon_days=365))
    assert without.channels == with_it.channels
    assert by_channel(without)[MARKETING].ltv_realized == money(40)
    assert "numpy" in without.no_prediction
