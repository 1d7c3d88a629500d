"""What the page is made of: a handful of answers about one question, asked one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from clientela_client.cli.economics.economics_answers import get_unit_economics, predict_lifetime_value
from clientela_client.cli.output.views import date
from clientela_client.cli.words.names import customer_name
from clientela_client.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clientela_client import Client
    from clientela_client.cli.economics.economics_questions import Question
    from clientela_client.messages import (
        GetCohortsResponse,
        GetRfmResponse,
        GetUnitEconomicsResponse,
        LifetimePrediction,
        PredictLifetimeValueResponse,
        Spend,
    )

T = TypeVar("T")

# A page is read by people: the most valuable clients, and as many lines of spending as a year has.
CLIENTS_MAX, SPENDS_MAX = 20, 1000


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The responses for the page. why_no_reports, why_no_lifetime: the server's reason where there are none.

    names: display names of the predicted clients, by resource name, as far as known.
    """

    question: Question
    economics: GetUnitEconomicsResponse
    rfm: GetRfmResponse | None
    cohorts: GetCohortsResponse | None
    lifetime: PredictLifetimeValueResponse | None
    why_no_reports: str = ""
    why_no_lifetime: str = ""
    names: dict[str, str] = field(default_factory=dict)
    spends: list[Spend] = field(default_factory=list)


def findings_of(client: Client, question: Question) -> Findings:
    """Fetch all responses that the page shows."""
    lifetime, why_no_lifetime = _lifetime(client, question)
    cohorts, why_no_reports = _if_supported(
        lambda: client.economics.get_cohorts(question.currency, as_of=question.as_of)
    )
    rfm, _ = _if_supported(lambda: client.economics.get_rfm(question.currency, as_of=question.as_of))
    return Findings(
        question=question,
        economics=get_unit_economics(client, question),
        rfm=rfm,
        cohorts=cohorts,
        lifetime=lifetime,
        why_no_reports=why_no_reports,
        why_no_lifetime=why_no_lifetime,
        names=_names(client, lifetime.predictions[:CLIENTS_MAX] if lifetime else ()),
        spends=_spends(client, question),
    )


def _if_supported(ask: Callable[[], T]) -> tuple[T | None, str]:
    """Return the response, or the reason of FAILED_PRECONDITION: the page then omits its section."""
    try:
        return ask(), ""
    except Refused as refused:
        if refused.code != "FAILED_PRECONDITION":
            raise
        return None, refused.message


def _lifetime(client: Client, question: Question) -> tuple[PredictLifetimeValueResponse | None, str]:
    if not question.horizon_days:
        return None, "It was not asked for (--horizon)."
    return _if_supported(
        lambda: predict_lifetime_value(
            client,
            customer_name("-"),
            currency=question.currency,
            horizon_days=question.horizon_days,
            discount=question.discount,
            as_of=question.as_of,
        )
    )


def _names(client: Client, predictions: Iterable[LifetimePrediction]) -> dict[str, str]:
    wanted = [each.customer for each in predictions]
    try:
        found = client.customers.batch_get(wanted).customers if wanted else ()
    except Refused as refused:
        if refused.code != "NOT_FOUND":
            raise
        return {}
    return {each.name: each.display_name for each in found}


def _spends(client: Client, question: Question) -> list[Spend]:
    touching = f'start_date <= "{date(question.end)}" AND end_date >= "{date(question.start)}"'
    found = client.spends.list(filter=touching, order_by="start_date", page_size=SPENDS_MAX)
    return [each for each in islice(found, SPENDS_MAX) if each.amount.currency_code == question.currency]
