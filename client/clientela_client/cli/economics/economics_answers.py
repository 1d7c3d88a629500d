"""The calls of `clientela economics`, with pages merged."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.cli.economics.economics_questions import Question
    from clientela_client.messages import Date, GetUnitEconomicsResponse, PredictLifetimeValueResponse

# Of predictions on a page.
_PAGE_SIZE_MAX = 1000


def get_unit_economics(client: Client, question: Question) -> GetUnitEconomicsResponse:
    """Return the unit economics of a question."""
    return client.economics.get_unit_economics(
        question.start,
        question.end,
        question.currency,
        1.0 if question.margin is None else question.margin,
        horizon_days=question.horizon_days,
        discount_rate_annual=question.discount,
        as_of=question.as_of,
    )


def predict_lifetime_value(
    client: Client,
    parent: str,
    *,
    currency: str,
    horizon_days: int,
    discount: float | None,
    as_of: Date | None,
    everybody: bool = False,
) -> PredictLifetimeValueResponse:
    """Return the predictions of the first page, or of all pages merged into one response."""
    ask = functools.partial(
        client.economics.predict_lifetime_value,
        parent,
        horizon_days,
        currency,
        discount_rate_annual=discount,
        as_of=as_of,
        page_size=_PAGE_SIZE_MAX if everybody else None,
    )
    response = ask()
    token = response.next_page_token
    while everybody and token:
        page = ask(page_token=token)
        response.predictions.extend(page.predictions)
        token = response.next_page_token = page.next_page_token
    return response
