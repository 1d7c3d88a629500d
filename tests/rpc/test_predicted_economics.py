"""GetUnitEconomics: the predicted value of acquired clients, and the reason where there is none."""

import random
import sys
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2 as pb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.making import day, money, new_customer, to_import
from tests.rpc.running import running
from tests.rpc.winning import ADVERTISING, MARKETING, REFERRAL, answer, asked, by_channel, spent, when, won


def bought_again(clerk: Caller, currency: str) -> None:
    """Sixty clients of March, by two channels, who come back at rates of their own, or leave."""
    chance, items = random.Random(6), []
    for number in range(60):
        channel = (ADVERTISING, MARKETING)[number % 2]
        name = new_customer(clerk, acquisition=cpb.Acquisition(channel=channel)).name
        for on, units in sorted(_bought(chance, number % 28).items()):
            time = Timestamp(seconds=1_772_366_400 + 86_400 * on)
            items.append(to_import(name, amount=money(units, currency=currency), purchase_time=time))
    clerk.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))


def _bought(chance: random.Random, first: int) -> dict[int, int]:
    """Make up one client: what it spent, by day since the first of March."""
    rate, mean = chance.gammavariate(0.8, 1 / 12), chance.gammavariate(6, 2) + 3
    day, leaves = float(first), chance.betavariate(0.8, 2.5)
    spent_on = {first: 1 + round(chance.gammavariate(4, mean / 4))}
    while (day := day + chance.expovariate(1) / rate) < 118:
        spent_on[int(day)] = 1 + round(chance.gammavariate(4, mean / 4))
        if chance.random() < leaves:
            break
    return spent_on


def test_what_is_predicted_comes_on_top_and_may_pay_later(clerk: Caller) -> None:
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
    spent(clerk, ADVERTISING, "XEL", 0)
    later = answer(clerk, "XEL", as_of=day("2026-06-30"), horizon_days=365).total
    assert later.cac.units == between
    assert (later.verdict, later.ltv_predicted) == (pb.VERDICT_PAYS_LATER, today.total.ltv_predicted)
    assert later.ratio < 1 <= later.ratio_predicted
    spent(clerk, MARKETING, "XEL", 60 * 1000)
    assert answer(clerk, "XEL", as_of=day("2026-06-30")).total.verdict == pb.VERDICT_UNPROFITABLE


@pytest.mark.long
def test_what_is_predicted_is_what_lifetime_values_add_up_to_and_nothing_of_who_is_gone(
    clerk: Caller,
) -> None:
    bought_again(clerk, "XEN")
    fields = {"as_of": day("2026-06-30"), "horizon_days": 180, "discount_rate_annual": 0.15}
    found = answer(clerk, "XEN", **fields)
    question = pb.PredictLifetimeValueRequest(
        parent="customers/-", currency_code="XEN", page_size=1, **fields
    )
    predicted = clerk.economics.PredictLifetimeValue(question)
    assert found.model == predicted.model
    assert found.total.acquired_count == predicted.customer_count == 60
    assert more_of(found) == pytest.approx(nanos_of(predicted.total_value), rel=1e-9)

    best = predicted.predictions[0]
    clerk.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=best.customer))
    without = answer(clerk, "XEN", **fields)
    assert (without.total.acquired_count, without.total.ltv_realized) == (60, found.total.ltv_realized)
    assert more_of(found) - more_of(without) == pytest.approx(nanos_of(best.value), rel=1e-6)


@pytest.mark.long
def test_no_verdict_rests_on_models_that_the_clients_do_not_determine(clerk: Caller) -> None:
    """All alike, every week: how long such clients stay, nobody can tell."""
    items = []
    for _ in range(20):
        name = new_customer(clerk, acquisition=cpb.Acquisition(channel=MARKETING)).name
        for week in range(5):
            on = Timestamp(seconds=1_772_452_800 + 7 * 86_400 * week)
            items.append(to_import(name, amount=money(10, currency="XEP"), purchase_time=on))
    clerk.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
    question = pb.PredictLifetimeValueRequest(
        parent="customers/-", currency_code="XEP", horizon_days=365, as_of=day("2026-04-01")
    )
    assert clerk.economics.PredictLifetimeValue(question).model.bg_nbd.at_the_edge
    spent(clerk, MARKETING, "XEP", 20 * 25)
    found = answer(clerk, "XEP", as_of=day("2026-04-01"), horizon_days=365)
    assert "does not determine the models" in found.no_prediction
    assert (found.HasField("model"), found.total.HasField("ltv_predicted")) == (False, False)
    assert (found.total.cac, found.total.ltv_realized) == (
        money(25, currency="XEP"),
        money(20, currency="XEP"),
    )
    assert found.total.verdict == pb.VERDICT_UNPROFITABLE


def test_who_was_won_in_a_month_is_new_in_its_cohort(clerk: Caller) -> None:
    bought_again(clerk, "XEO")
    won(clerk, REFERRAL, "XEO", ("2026-04-02", 10))
    won(clerk, 0, "XEO", ("2026-04-05", 10), ("2026-04-06", 10))
    as_of = day("2026-06-30")
    months = clerk.economics.GetCohorts(pb.GetCohortsRequest(currency_code="XEO", as_of=as_of)).months
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
    """What is predicted of all clients together, before the margin, in nanos."""
    more = nanos_of(found.total.ltv_predicted) - nanos_of(found.total.ltv_realized)
    return more * found.total.acquired_count / found.gross_margin


def test_why_nothing_is_predicted_is_said_and_all_else_is_reported(clerk: Caller) -> None:
    won(clerk, MARKETING, "XEM", ("2026-03-05", 100))
    spent(clerk, MARKETING, "XEM", 50)
    none, few = answer(clerk, "XEM"), answer(clerk, "XEM", horizon_days=365)
    assert none.no_prediction == "Nothing is predicted: the horizon is 0 days."
    assert "came back" in few.no_prediction
    assert none.channels == few.channels
    for each in (none, few):
        assert (each.HasField("model"), each.total.HasField("ltv_predicted")) == (False, False)
        assert each.total.verdict == pb.VERDICT_UNPROFITABLE


async def test_a_server_without_numpy_tells_all_but_what_is_predicted(
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
        with_it = await live.admin.economics.GetUnitEconomics(asked("EUR"))
        for module in ("acquisition", "forecasts", "clients"):
            monkeypatch.setitem(sys.modules, f"clientela_server.reports.{module}", None)
        without = await live.admin.economics.GetUnitEconomics(asked("EUR", horizon_days=365))
    assert without.channels == with_it.channels
    assert by_channel(without)[MARKETING].ltv_realized == money(40)
    assert "numpy" in without.no_prediction
