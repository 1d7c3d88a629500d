"""Findings of a shop, and what a stranger may have typed into it."""

from typing import Any

from clientela_client.cli.economics.economics_questions import Question
from clientela_client.cli.economics.page.findings import Findings
from clientela_client.messages import (
    Date,
    GetCohortsResponse,
    GetRfmResponse,
    GetUnitEconomicsResponse,
    Spend,
    from_dict,
)
from tests.cli import economics_samples as samples

HOSTILE = (
    '</style></script><script>alert(1)</script><img src=x onerror=alert(2)>" onload=alert(3) \u202e$title'
)


def spend(campaign: str) -> Spend:
    day = {"year": 1997, "month": 1, "day": 1}
    channel = {"channel": "ACQUISITION_CHANNEL_ADVERTISING", "campaign": campaign}
    return from_dict(Spend, {**channel, "amount": samples.money(12_280), "start_date": day})


def findings(text: str = "spring", **more: Any) -> Findings:
    """Make what is found of a shop with three channels; text: what somebody typed."""
    day = Date(year=1998, month=6, day=30)
    known: dict[str, Any] = {
        "question": Question("EUR", day, day, day, why=text, margin=0.4),
        "economics": samples.economics(),
        "rfm": samples.rfm(),
        "cohorts": samples.cohorts(),
        "lifetime": samples.predictions(),
        "names": {"customers/blue-door": f"Blue Door Café {text}"},
        "spends": [spend(text)],
    }
    known["economics"].channels[1].explanation = text
    return Findings(**(known | more))


def nothing() -> Findings:
    """Make what is found where nobody ever bought, and nothing was spent."""
    day = {"year": 2026, "month": 11, "day": 22}
    asked = {"currency_code": "EUR", "as_of": day}
    of_a_day = {"start": day, "end": day, "currency_code": "EUR", "gross_margin": 1}
    economics = {**of_a_day, "channels": [{}], "no_prediction": "Nobody bought yet."}
    return findings(
        economics=from_dict(GetUnitEconomicsResponse, economics),
        rfm=from_dict(GetRfmResponse, asked),
        cohorts=from_dict(GetCohortsResponse, asked),
        lifetime=None,
        why_no_lifetime="Nobody bought yet.",
        names={},
        spends=[],
    )


def ten_years() -> GetCohortsResponse:
    """Make more months, and more cohorts, than a page shows."""
    months = [{"year": 2016 + place // 12, "month": place % 12 + 1, "day": 1} for place in range(130)]
    answer = {
        "currency_code": "EUR",
        "as_of": {"year": 2026, "month": 10, "day": 31},
        "months": [
            {"month": month, "amount": samples.money(1e6 + place), "active_customer_count": "5"}
            for place, month in enumerate(months)
        ],
        "cohorts": [
            {"month": month, "customer_count": "9", "active_customer_counts": ["9", *["3"] * (129 - place)]}
            for place, month in enumerate(months)
        ],
        "customer_count": "1170",
    }
    return from_dict(GetCohortsResponse, answer)
