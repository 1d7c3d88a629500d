"""GetRfm, GetCohorts and PredictLifetimeValue: who counts, which days there are, pages, and what is refused.

Each test buys in a currency of its own, so that tests share a server.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2, standing_pb2
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_server.reports import cohorts as reports
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import at, money, new_currency, new_customer, new_purchase, to_create, to_record
from tests.rpc.refusals import refusal
from tests.rpc.running import running

Code = grpc.StatusCode
DAY_S = 86_400
# 2001-09-09
BEGUN_S = 10**9
JUNE = Date(year=2002, month=6, day=30)


def buys(caller: Caller, name: str, currency: str, *days: int, units: int = 10) -> list[str]:
    return [
        new_purchase(
            caller, name, amount=money(units, 0, currency), purchase_time=at(BEGUN_S + day * DAY_S)
        ).name
        for day in days
    ]


@pytest.fixture
def shop(clerk: Caller) -> tuple[str, list[str]]:
    """A currency, and customers who bought in it: on two days, on four, on one, and one who is deleted."""
    currency = new_currency()
    names = [new_customer(clerk).name for _ in range(4)]
    for name, days in zip(names, [(0, 90), (3, 30, 60, 120), (10,), (5, 50, 95)], strict=True):
        buys(clerk, name, currency, *days, units=10 + len(days))
    clerk.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=names[3]))
    return currency, names


def rfm(
    caller: Caller, currency: str, as_of: Date | None = JUNE, **options: Any
) -> economics_pb2.GetRfmResponse:
    found: economics_pb2.GetRfmResponse = caller.economics.GetRfm(
        economics_pb2.GetRfmRequest(currency_code=currency, as_of=as_of, **options)
    )
    return found


def cohorts(caller: Caller, currency: str, as_of: Date | None = JUNE) -> economics_pb2.GetCohortsResponse:
    found: economics_pb2.GetCohortsResponse = caller.economics.GetCohorts(
        economics_pb2.GetCohortsRequest(currency_code=currency, as_of=as_of)
    )
    return found


def asked(currency: str, **fields: Any) -> economics_pb2.PredictLifetimeValueRequest:
    usual = {"parent": "customers/-", "horizon_days": 365, "as_of": JUNE, "currency_code": currency}
    return economics_pb2.PredictLifetimeValueRequest(**(usual | fields))


def predicted(caller: Caller, currency: str, **fields: Any) -> economics_pb2.PredictLifetimeValueResponse:
    found: economics_pb2.PredictLifetimeValueResponse = caller.economics.PredictLifetimeValue(
        asked(currency, **fields)
    )
    return found


# ---- who counts


def test_who_is_deleted_has_no_scores_and_stays_in_the_cohorts(
    analyst: Caller, shop: tuple[str, list[str]]
) -> None:
    currency, _ = shop
    assert rfm(analyst, currency).customer_count == 3
    assert sum(each.customer_count for each in rfm(analyst, currency).cells) == 3
    found = cohorts(analyst, currency)
    assert (found.customer_count, found.purchase_count, found.repeat_customer_count) == (4, 10, 3)
    assert [each.active_customer_counts[:5] for each in found.cohorts] == [[4, 2, 1, 2, 1]]


@pytest.mark.long
def test_of_who_is_deleted_nothing_is_predicted_and_the_model_is_fitted_on_all(
    analyst: Caller, shop: tuple[str, list[str]]
) -> None:
    currency, names = shop
    found = predicted(analyst, currency)
    assert {each.customer for each in found.predictions} == set(names[:3])
    assert (found.customer_count, found.model.customer_count) == (3, 4)
    assert not predicted(analyst, currency, parent=names[3]).predictions


def test_what_is_given_back_is_taken_off_the_day_on_which_it_was_paid(clerk: Caller) -> None:
    currency, name = new_currency(), new_customer(clerk).name
    first, _ = buys(clerk, name, currency, 0, 40)
    clerk.purchases.RefundPurchase(ppb.RefundPurchaseRequest(name=first, reason="broken"))
    [cell] = rfm(clerk, currency).cells
    assert (cell.amount, cell.customer_count) == (money(10, 0, currency), 1)
    assert [each.amount.units for each in cohorts(clerk, currency).months] == [0, 10]
    assert rfm(clerk, currency).cutpoints.frequencies == [2.0] * 4


def test_a_day_is_the_last_one_that_counts(analyst: Caller, shop: tuple[str, list[str]]) -> None:
    currency, _ = shop
    begun = Date(year=2001, month=9, day=9)
    found = rfm(analyst, currency, begun)
    assert (found.customer_count, found.as_of) == (1, begun)
    assert found.cutpoints.recency_days == [1.0] * 4
    assert cohorts(analyst, currency, begun).purchase_count == 1
    day_before = Date(year=2001, month=9, day=8)
    assert not rfm(analyst, currency, day_before).HasField("cutpoints")
    assert not cohorts(analyst, currency, day_before).months


def test_without_a_day_it_is_today(analyst: Caller, shop: tuple[str, list[str]]) -> None:
    currency, _ = shop
    today = rfm(analyst, currency, None)
    assert today.as_of.year >= 2026
    assert rfm(analyst, currency, today.as_of) == today
    assert predicted(analyst, currency, as_of=None).model.as_of == today.as_of


def test_what_was_written_just_now_is_in_the_report(clerk: Caller, shop: tuple[str, list[str]]) -> None:
    currency, names = shop
    for more in (1, 2):
        buys(clerk, names[0], currency, 100 + more)
        assert cohorts(clerk, currency).purchase_count == 10 + more


# ---- predictions


def test_a_year_is_discounted_by_a_tenth_unless_something_else_is_said(
    analyst: Caller, shop: tuple[str, list[str]]
) -> None:
    currency, _ = shop
    usual = predicted(analyst, currency)
    assert predicted(analyst, currency, discount_rate_annual=0.1) == usual
    without = predicted(analyst, currency, discount_rate_annual=0.0)
    for one, other in zip(usual.predictions, without.predictions, strict=True):
        whole = float(other.purchase_days) * (other.mean_spend.units + other.mean_spend.nanos / 1e9)
        assert other.value.units + other.value.nanos / 1e9 == pytest.approx(whole, rel=1e-6)
        assert one.value.units + one.value.nanos / 1e9 < whole


def test_one_customer_is_predicted_as_among_all(analyst: Caller, shop: tuple[str, list[str]]) -> None:
    currency, names = shop
    everybody = {each.customer: each for each in predicted(analyst, currency).predictions}
    found = predicted(analyst, currency, parent=names[1])
    assert list(found.predictions) == [everybody[names[1]]]
    assert (found.customer_count, found.total_value) == (1, everybody[names[1]].value)
    history = found.predictions[0].history
    assert (history.repeat_purchase_days, history.recency_days) == (3, 117)
    assert history.mean_repeat_spend == money(14, 0, currency)


def test_of_who_never_bought_nothing_is_predicted(clerk: Caller, shop: tuple[str, list[str]]) -> None:
    currency, _ = shop
    found = predicted(clerk, currency, parent=new_customer(clerk).name)
    assert not found.predictions and found.customer_count == 0
    assert found.model.customer_count == 4


def test_who_was_never_there_is_not_found(analyst: Caller, shop: tuple[str, list[str]]) -> None:
    request = asked(shop[0], parent=f"customers/{fresh()}")
    refused = refusal(analyst.economics.PredictLifetimeValue, request)
    assert (refused.code, refused.reason) == (Code.NOT_FOUND, "CUSTOMER_NOT_FOUND")


@pytest.mark.parametrize("language", ["en", "pl", "ru", "lt"])
def test_where_nobody_came_back_it_is_said_how_little_there_is(clerk: Caller, language: str) -> None:
    currency = new_currency()
    buys(clerk, new_customer(clerk).name, currency, 0)
    refused = refusal(
        clerk.economics.PredictLifetimeValue, asked(currency), metadata=(("accept-language", language),)
    )
    assert (refused.code, refused.reason) == (Code.FAILED_PRECONDITION, "TOO_LITTLE_HISTORY")
    assert refused.facts == {
        "currency_code": currency,
        "as_of": "2002-06-30",
        "customer_count": "1",
        "repeat_customer_count": "0",
    }
    assert currency in refused.message
    assert refused.localized is not None and refused.localized[0] == language


# ---- pages


@pytest.mark.parametrize(
    "order_by",
    [
        "",
        "name desc",
        *(
            pytest.param(order_by, marks=pytest.mark.long)
            for order_by in ("value desc", "value", "name", "value desc, name")
        ),
    ],
)
def test_pages_hold_each_customer_once_in_order(
    clerk: Caller, shop: tuple[str, list[str]], order_by: str
) -> None:
    currency, _ = shop
    for _ in range(4):  # alike, so that names decide
        buys(clerk, new_customer(clerk).name, currency, 20)
    whole = list(predicted(clerk, currency, order_by=order_by).predictions)
    paged, token = [], ""
    while not paged or token:
        page = predicted(clerk, currency, order_by=order_by, page_size=2, page_token=token)
        paged += page.predictions
        token = page.next_page_token
        assert page.customer_count == 7
    assert paged == whole
    falls = order_by in ("", "value desc", "value desc, name")
    keys = [((each.value.units, each.value.nanos), each.customer) for each in whole]
    if order_by[:4] == "name":
        assert [name for _, name in keys] == sorted((name for _, name in keys), reverse="desc" in order_by)
    else:
        assert [value for value, _ in keys] == sorted((value for value, _ in keys), reverse=falls)
        names_fall = order_by in ("", "value desc")
        alike = [
            name for value, name in keys if value == max({v for v, _ in keys}, key=[v for v, _ in keys].count)
        ]
        assert alike == sorted(alike, reverse=names_fall)


@pytest.mark.long
def test_a_page_goes_on_in_the_forecast_of_the_one_before(clerk: Caller, shop: tuple[str, list[str]]) -> None:
    currency, names = shop
    whole = list(predicted(clerk, currency).predictions)
    first = predicted(clerk, currency, page_size=1)
    buys(clerk, names[2], currency, 100, 110, units=1000)
    second = predicted(clerk, currency, page_size=10, page_token=first.next_page_token)
    assert [*first.predictions, *second.predictions] == whole
    assert predicted(clerk, currency).predictions != whole


def test_a_token_of_another_question_is_refused(analyst: Caller, shop: tuple[str, list[str]]) -> None:
    currency, _ = shop
    token = predicted(analyst, currency, page_size=1).next_page_token
    for other in (
        {"horizon_days": 364},
        {"discount_rate_annual": 0.2},
        {"order_by": "name"},
        {"as_of": None},
    ):
        refused = refusal(
            analyst.economics.PredictLifetimeValue, asked(currency, page_size=1, page_token=token, **other)
        )
        assert refused.reason == "PAGE_TOKEN_INVALID"


def test_an_unknown_order_is_refused(analyst: Caller, shop: tuple[str, list[str]]) -> None:
    refused = refusal(analyst.economics.PredictLifetimeValue, asked(shop[0], order_by="value down"))
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "ORDER_FIELD_UNKNOWN")


# ---- days


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (Date(year=2026, month=2, day=30), "DATE_INVALID"),
        (Date(year=2026), "DATE_INVALID"),
        (Date(), "DATE_INVALID"),
        (Date(year=1969, month=12, day=31), "DATE_OUT_OF_RANGE"),
        (Date(year=9999, month=1, day=1), "DATE_OUT_OF_RANGE"),
    ],
)
@pytest.mark.parametrize("rpc", ["GetRfm", "GetCohorts", "PredictLifetimeValue"])
def test_a_day_that_is_none_or_is_to_come_is_refused(
    analyst: Caller, day: Date, reason: str, rpc: str
) -> None:
    requests: dict[str, Callable[[], Any]] = {
        "GetRfm": lambda: economics_pb2.GetRfmRequest(currency_code="EUR", as_of=day),
        "GetCohorts": lambda: economics_pb2.GetCohortsRequest(currency_code="EUR", as_of=day),
        "PredictLifetimeValue": lambda: asked("EUR", as_of=day),
    }
    refused = refusal(getattr(analyst.economics, rpc), requests[rpc]())
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, reason)
    assert refused.facts["field"] == "as_of"


# ---- a server without numpy


async def test_a_server_without_numpy_says_so_and_serves_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("clients", "rfm", "cohorts", "forecasts"):
        monkeypatch.setitem(sys.modules, f"clientela_server.reports.{name}", None)
    async with running(tmp_path) as live:
        for call in (
            live.admin.economics.GetRfm(economics_pb2.GetRfmRequest(currency_code="EUR")),
            live.admin.economics.GetCohorts(economics_pb2.GetCohortsRequest(currency_code="EUR")),
            live.admin.economics.PredictLifetimeValue(asked("EUR")),
            live.admin.standing.ListStandings(
                standing_pb2.ListStandingsRequest(filter="rfm_monetary.EUR = 5")
            ),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() is Code.FAILED_PRECONDITION
            assert "numpy" in str(caught.value.details())
        assert not (await live.admin.standing.ListStandings(standing_pb2.ListStandingsRequest())).standings


async def test_a_report_is_kept_for_who_asks_again_also_when_its_caller_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    scanned: list[str] = []

    def slow(clients: Any, currency: str, as_of: int) -> Any:
        scanned.append(currency)
        begun.set()
        assert go_on.wait(HANG_S)
        return months_of(clients, currency, as_of)

    months_of = reports.months_of
    monkeypatch.setattr(reports, "months_of", slow)
    async with running(tmp_path) as live:
        created = await live.admin.customers.CreateCustomer(to_create())
        await live.admin.purchases.RecordPurchase(to_record(created.name))
        request = economics_pb2.GetCohortsRequest(currency_code="EUR")
        gone = live.admin.economics.GetCohorts(request)
        assert await asyncio.to_thread(begun.wait, 10)
        gone.cancel()
        again = live.admin.economics.GetCohorts(request)
        # Meanwhile all else is served.
        assert (await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=created.name))).name
        go_on.set()
        assert (await again).purchase_count == 1
    assert scanned == ["EUR"]
