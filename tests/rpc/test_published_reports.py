"""What others have published of the same purchases is read through the service after an import."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import grpc
import pytest
from google.type.money_pb2 import Money

from clientela.v1 import economics_pb2 as pb
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.rpc.callers import Caller
from tests.rpc.published import date, figures, import_all, needs_data, truth
from tests.rpc.running import UNHURRIED
from tests.stores import database_in

LAST, CALIBRATED = "1998-06-30", "1997-09-30"
YEARLY = 1.01**12 - 1
LEDGERS = [
    ("cdnow_sample", "USD", LAST),
    pytest.param("chinook", "EUR", "2025-12-22", marks=needs_data),
]


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """An analyst of a ledger that holds all that is published."""
    folder = tmp_path_factory.mktemp("published")
    with (
        LocalServer(folder=folder, database=database_in(folder), module=UNHURRIED) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        admin = Caller(channel, server.token)
        import_all(admin, server.address)
        yield admin


def about(value: float, tolerance: float) -> Any:
    return pytest.approx(value, rel=tolerance)


def euros(amount: Money) -> Decimal:
    return amount.units + Decimal(amount.nanos) / 10**9


def month(message: Any) -> str:
    return f"{message.month.year:04}-{message.month.month:02}"


def cohorts(caller: Caller, currency: str, day: str) -> pb.GetCohortsResponse:
    found: pb.GetCohortsResponse = caller.economics.GetCohorts(
        pb.GetCohortsRequest(currency_code=currency, as_of=date(day))
    )
    return found


def rfm(caller: Caller, currency: str, day: str, scoring: str) -> pb.GetRfmResponse:
    request = pb.GetRfmRequest(
        currency_code=currency, as_of=date(day), scoring=pb.RfmScoring.Value(f"RFM_SCORING_{scoring}")
    )
    found: pb.GetRfmResponse = caller.economics.GetRfm(request)
    return found


def economics(caller: Caller, currency: str, start: str, end: str) -> pb.ChannelEconomics:
    """Of all clients who were won, whatever they cost; nothing is taken off what they paid."""
    request = pb.GetUnitEconomicsRequest(
        start=date(start),
        end=date(end),
        currency_code=currency,
        gross_margin=1,
        as_of=date(end),
        horizon_days=0,
    )
    found: pb.ChannelEconomics = caller.economics.GetUnitEconomics(request).total
    return found


def predicted(caller: Caller, **fields: Any) -> pb.PredictLifetimeValueResponse:
    asked: dict[str, Any] = {
        "parent": "customers/-",
        "horizon_days": 365,
        "currency_code": "USD",
        "as_of": date(CALIBRATED),
        "discount_rate_annual": YEARLY,
    }
    found: pb.PredictLifetimeValueResponse = caller.economics.PredictLifetimeValue(
        pb.PredictLifetimeValueRequest(**(asked | fields)), timeout=HANG_S
    )
    return found


def everybody(caller: Caller, **fields: Any) -> dict[str, pb.LifetimePrediction]:
    found: dict[str, pb.LifetimePrediction] = {}
    token = ""
    while not found or token:
        page = predicted(caller, page_size=1000, page_token=token, **fields)
        found |= {each.customer.split("/")[1]: each for each in page.predictions}
        token = page.next_page_token
    assert len(found) == page.customer_count
    return found


# ---- of the sample, without any other file


def test_the_sample_adds_up(caller: Caller) -> None:
    found = cohorts(caller, "USD", LAST)
    assert (found.customer_count, found.purchase_count, found.repeat_customer_count) == (2357, 6919, 1152)
    assert euros(found.amount) == Decimal("244091.94")
    assert [each.active_customer_counts[:4] for each in found.cohorts] == [
        [781, 124, 95, 70],
        [857, 134, 110, 75],
        [719, 87, 84, 78],
    ]
    assert [each.new_customer_count for each in found.months] == [781, 857, 719] + [0] * 15


def test_the_cutpoints_of_the_sample_are_those_that_are_published(caller: Caller) -> None:
    found = rfm(caller, "USD", LAST, "QUINTILE")
    assert found.customer_count == 2357
    assert found.cutpoints.recency_days == [153.0, 443.0, 487.0, 513.0]
    assert found.cutpoints.frequencies == [1.0, 1.0, 2.0, 4.0]
    assert [each.value for each in found.cutpoints.amounts] == ["15.36", "31.958", "59.25", "130.436"]
    assert sum(euros(each.amount) for each in found.cells) == Decimal("244091.94")


def test_the_models_of_the_sample_are_those_that_are_published(caller: Caller) -> None:
    # Fader, Hardie, Lee (2005), table 2; Fader, Hardie (2013), section 5.
    found = predicted(caller)
    model = found.model
    assert (model.customer_count, model.gamma_gamma.customer_count) == (2357, 946)
    assert [model.bg_nbd.r, model.bg_nbd.alpha, model.bg_nbd.a, model.bg_nbd.b] == about(
        [0.242595, 4.413602, 0.792922, 2.425907], 1e-4
    )
    assert model.bg_nbd.log_likelihood == pytest.approx(-9582.4292, abs=0.002)
    assert [model.gamma_gamma.p, model.gamma_gamma.q, model.gamma_gamma.v] == about(
        [6.249569, 3.744225, 15.443533], 1e-4
    )
    assert model.gamma_gamma.log_likelihood == pytest.approx(-4055.9177, abs=0.001)
    assert model.gamma_gamma.correlation == pytest.approx(0.113884, abs=1e-4)
    assert float(euros(found.total_value)) == about(71507.95, 5e-3)
    assert found.total_p_alive == about(1917.278, 1e-5)


def test_a_client_of_the_sample_brought_what_is_published(caller: Caller) -> None:
    found = economics(caller, "USD", "1997-01-01", LAST)
    assert (found.acquired_count, float(euros(found.ltv_realized))) == (2357, about(103.560433, 1e-8))
    won = [
        economics(caller, "USD", f"1997-0{month}-01", f"1997-0{month}-28").acquired_count for month in (4, 5)
    ]
    assert won == [0, 0]


def test_what_is_expected_of_the_sample_is_what_is_published(caller: Caller) -> None:
    found = predicted(caller, horizon_days=39 * 7)
    assert found.total_purchase_days == about(1653.409, 1e-5)
    test = found.model.back_test
    # The earlier half of three quarters of a year, against the later one.
    assert (test.fitted_until, test.day_count) == (date("1997-05-17"), 136)
    assert test.actual_purchase_days > 0 and abs(test.relative_error) < 0.5


def test_in_days_the_same_is_said_of_alpha_and_the_likelihood(caller: Caller) -> None:
    weeks = predicted(caller)
    days = predicted(caller, time_unit=pb.TIME_UNIT_DAY)
    assert (weeks.model.time_unit, days.model.time_unit) == (pb.TIME_UNIT_WEEK, pb.TIME_UNIT_DAY)
    assert days.model.bg_nbd.alpha == about(7 * weeks.model.bg_nbd.alpha, 1e-9)
    assert days.model.bg_nbd.log_likelihood == pytest.approx(-9582.4292 - 2457 * 1.9459101, abs=0.01)
    assert list(days.predictions) == list(weeks.predictions)


# ---- of everything, by what is published


@needs_data
@pytest.mark.parametrize(("name", "currency", "last"), LEDGERS)
def test_what_a_client_brought_is_what_is_published(
    caller: Caller, name: str, currency: str, last: str
) -> None:
    expected = truth()["datasets"][name]["expected"]
    found = economics(caller, currency, expected["first_date"], last)
    assert found.acquired_count == expected["customers_with_purchases"]
    assert float(euros(found.ltv_realized)) == about(expected["revenue_per_customer"], 1e-7)


@needs_data
@pytest.mark.parametrize(("name", "currency", "last"), LEDGERS)
def test_months_and_cohorts_are_those_that_are_published(
    caller: Caller, name: str, currency: str, last: str
) -> None:
    expected = truth()["datasets"][name]["expected"]
    found = cohorts(caller, currency, last)
    assert [
        {
            "month": month(each),
            "orders": each.purchase_count,
            "revenue": float(euros(each.amount)),
            "active_customers": each.active_customer_count,
            "new_customers": each.new_customer_count,
            "returning_customers": each.returning_customer_count,
        }
        for each in found.months
    ] == expected["monthly"]
    published = {each["cohort"]: each for each in expected["cohort_retention"]}
    assert [month(each) for each in found.cohorts] == list(published)
    for each in found.cohorts:
        row = published[month(each)]
        later = {k: count for k, count in enumerate(each.active_customer_counts) if 1 <= k <= 3}
        assert each.customer_count == row["size"]
        assert later == {k: row[f"m{k}"] for k in (1, 2, 3) if row[f"m{k}"] is not None}
    assert found.customer_count == expected["customers_with_purchases"]
    assert found.purchase_count == expected["orders"]
    assert float(euros(found.amount)) == expected["revenue"]
    assert found.repeat_customer_count == expected["repeat_customers_2plus_orders"]


@needs_data
@pytest.mark.parametrize(("name", "currency", "last"), LEDGERS)
def test_scores_are_those_that_are_published(caller: Caller, name: str, currency: str, last: str) -> None:
    expected = truth()["datasets"][name]["expected"]
    found = rfm(caller, currency, last, "QUINTILE")
    for letter, step in (("R", "recency"), ("F", "frequency"), ("M", "monetary")):
        counts = Counter({str(score): 0 for score in range(1, 6)})
        for cell in found.cells:
            counts[str(getattr(cell, step))] += cell.customer_count
        assert counts == expected["rfm_quintiles"][letter]["score_counts"]
    cuts = found.cutpoints
    assert list(cuts.recency_days) == pytest.approx(expected["rfm_quintiles"]["R"]["cutpoints"])
    assert list(cuts.frequencies) == expected["rfm_quintiles"]["F"]["cutpoints"]
    assert [float(each.value) for each in cuts.amounts] == expected["rfm_quintiles"]["M"]["cutpoints"]
    assert cells(found) == expected["rfm_quintiles"]["cell_counts"]

    tiles = rfm(caller, currency, last, "NTILE")
    each_once = cells(tiles)
    assert {cell: each_once.get(cell, 0) for cell in expected["rfm_ntile"]["cells"]} == expected["rfm_ntile"][
        "cells"
    ]
    rows = figures(f"expected_{name}_customers.csv").values()
    assert each_once == Counter(row["R_ntile"] + row["F_ntile"] + row["M_ntile"] for row in rows)


def cells(found: pb.GetRfmResponse) -> dict[str, int]:
    codes = [f"{each.recency}{each.frequency}{each.monetary}" for each in found.cells]
    assert codes == sorted(codes, reverse=True)
    return {code: each.customer_count for code, each in zip(codes, found.cells, strict=True)}


@pytest.mark.long
@needs_data
def test_what_is_predicted_of_each_customer_is_what_is_published(caller: Caller) -> None:
    published = figures("expected_cdnow_sample_model_customers.csv")
    year, holdout = everybody(caller), everybody(caller, horizon_days=39 * 7)
    assert year.keys() == published.keys()
    for customer_id, row in published.items():
        said, later = year[customer_id], holdout[customer_id]
        known = said.history
        assert known.repeat_purchase_days == float(row["x"])
        assert known.recency_days == about(float(row["tx"]) * 7, 1e-6)
        assert known.age_days == about(float(row["T"]) * 7, 1e-6)
        if known.repeat_purchase_days:
            assert float(euros(known.mean_repeat_spend)) == pytest.approx(float(row["m"]), abs=1e-6)
        assert later.purchase_days == pytest.approx(float(row["expected_next"]), rel=5e-3, abs=1e-8)
        assert said.p_alive == pytest.approx(float(row["p_alive"]), abs=0.002)
        assert float(euros(said.mean_spend)) == about(float(row["expected_spend"]), 5e-3)
        assert float(euros(said.value)) == pytest.approx(float(row["clv_12m"]), rel=5e-3, abs=1e-6)


@pytest.mark.long
@needs_data
def test_a_base_of_days_without_amounts_is_predicted_too(caller: Caller) -> None:
    expected = truth()["datasets"]["lifetimes_example"]["model_daily_to_2014_12_31"]
    found = predicted(
        caller,
        currency_code="PLN",
        as_of=date("2014-12-31"),
        horizon_days=30,
        time_unit=pb.TIME_UNIT_DAY,
    )
    model = found.model
    assert model.customer_count == found.customer_count == 5000
    for name in ("r", "alpha", "a", "b"):
        assert getattr(model.bg_nbd, name) == about(expected["bgnbd"][name], 1e-3)
    assert model.bg_nbd.log_likelihood == pytest.approx(expected["bgnbd"]["log_likelihood"], abs=0.01)
    assert found.total_purchase_days == about(expected["bgnbd"]["expected_purchases_next"]["sum"], 1e-3)
    assert found.total_p_alive == about(expected["bgnbd"]["sum_p_alive"], 1e-3)
    assert not model.HasField("gamma_gamma")
    assert euros(found.total_value) == 0


@pytest.mark.long
@needs_data
def test_a_customer_is_told_as_among_all(caller: Caller) -> None:
    [said] = predicted(caller, parent="customers/1516", horizon_days=364).predictions
    assert said.customer == "customers/1516"
    # x = 26, t_x = 30.857, T = 31: E[Y(52)] and P(alive), as published.
    assert said.purchase_days == pytest.approx(25.75659, abs=0.002)
    assert said.p_alive == pytest.approx(0.9688523, abs=0.002)
    assert said.value_low.units <= said.value.units
