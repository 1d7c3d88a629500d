"""Parameters of `clientela economics`, with the defaults of those that are not given.

No default is silent: a default period or margin is named in the report, and if the latest purchases are in
several currencies, the currency is required.
"""

from __future__ import annotations

import datetime
from dataclasses import KW_ONLY, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import click

from clientela_client.cli.words.report_options import date_of

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import (
        Date,
        GetCohortsResponse,
    )

_MONTHS = 12
_EPOCH = datetime.date(1970, 1, 1)
_ALL = "This is all that there is"
# The number of latest purchases whose currencies are considered.
_LATEST = 500


@dataclass(frozen=True)
class Question:
    """The parameters of a unit economics report.

    why: the reason of a default period; margin: None if not given, then all revenue counts.
    """

    currency: str
    start: Date
    end: Date
    as_of: Date | None
    why: str = ""
    _: KW_ONLY
    margin: float | None = None
    horizon_days: int = 365
    discount: float | None = None

    def about(self, margin: float | None, horizon_days: int, discount: float | None) -> Question:
        """Return the question with margin, horizon and discount."""
        return replace(self, margin=margin, horizon_days=horizon_days, discount=discount)


def question_of(
    client: Client,
    currency: str | None,
    start: datetime.date | None,
    end: datetime.date | None,
    as_of: datetime.date | None,
) -> Question:
    """Return the question with defaults filled in."""
    known = currency_of(client, currency)
    last, why = end or as_of, ""
    if start is None or last is None:
        first, last, why = _period(client, known, last, as_of)
        start, why = (start, "") if start else (first, why)
    return Question(known, date_of(start), date_of(last), date_of(as_of), why)


def _period(
    client: Client, currency: str, end: datetime.date | None, as_of: datetime.date | None
) -> tuple[datetime.date, datetime.date, str]:
    from clientela_client.errors import Refused

    spent = [_day(each.start_date) for each in islice(client.spends.list(order_by="start_date"), 1)]
    try:
        cohorts = client.economics.get_cohorts(currency, as_of=date_of(as_of))
    except Refused as refused:
        if refused.reason != "MODELS_NOT_INSTALLED":
            raise
        bought = [*_purchase_day(client, currency, ""), *_purchase_day(client, currency, " desc")]
        last = end or max([*bought, *spent], default=_EPOCH)
        return min([*bought, *spent, last]), last, f"{_ALL} (--from, --to)."
    return period_of(cohorts, end, min(spent, default=None))


def _purchase_day(client: Client, currency: str, order: str) -> list[datetime.date]:
    """Find the day of the first purchase, or with " desc" of the last one."""
    found = client.purchases.list(
        "customers/-",
        filter=f'amount.currency_code = "{currency}"',
        order_by=f"purchase_time{order}",
        page_size=1,
    )
    return [each.purchase_time.ToDatetime().date() for each in islice(found, 1)]


def currency_of(client: Client, given: str | None) -> str:
    """Return the currency: as given, or the only recent one; raise click.UsageError."""
    if given:
        return given
    found = _currencies(client)
    if not found:
        raise click.UsageError("nothing was bought yet that would tell the currency: --currency EUR")
    if len(found) > 1:
        raise click.UsageError(f"there are purchases in {', '.join(found)}: say which, --currency {found[0]}")
    return found[0]


def _currencies(client: Client) -> list[str]:
    """Return those of the latest entries: to look at all would take longer than the report."""
    latest = client.purchases.list("customers/-", order_by="revision desc", page_size=_LATEST)
    return sorted({each.amount.currency_code for each in islice(latest, _LATEST)})


def period_of(
    cohorts: GetCohortsResponse, end: datetime.date | None, first_spend: datetime.date | None
) -> tuple[datetime.date, datetime.date, str]:
    """Return the period that is meant where nobody gave its first day, and why it is this one.

    The last twelve calendar months up to the end, or to the day of the cohorts; all that there is where
    nobody was won in these.
    """
    last = end or _day(cohorts.as_of)
    months = [(_day(each.month), each.new_customer_count) for each in cohorts.months]
    year = _months_before(last, _MONTHS - 1)
    first = min([*(month for month, _ in months), *([first_spend] if first_spend else [])], default=year)
    acquired = any(year <= month <= last and count for month, count in months)
    if acquired and first < year:
        return year, last, "These are the last twelve months (--from, --to)."
    why = "" if acquired or not months else ": nobody was won in the last twelve months"
    return min(first, last), last, f"{_ALL}{why} (--from, --to)."


def _day(day: Date) -> datetime.date:
    return datetime.date(day.year, day.month, day.day)


def _months_before(day: datetime.date, months: int) -> datetime.date:
    """Return the first day of the month that is so many months before that of the day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return datetime.date(year, month + 1, 1)
