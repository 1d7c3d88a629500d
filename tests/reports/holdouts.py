"""Purchases up to a day, as reports see them, and what came after it."""

import datetime
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from clientela_lab import cdnow
from clientela_server.reports.clients import Ints
from clientela_server.reports.forecasts import Forecast, back_test_day, fit, forecast
from clientela_server.reports.histories import HistoryArrays, Observed

# By client: cents by day.
Ledger = Mapping[str, Mapping[int, int]]
EPOCH = datetime.date(1970, 1, 1)


def day(text: str) -> int:
    """Count a day as reports do."""
    return (datetime.date.fromisoformat(text) - EPOCH).days


def sample() -> Ledger:
    """The CDNOW sample."""
    found: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in cdnow.rows():
        found[row.customer_id][day(row.date)] += round(float(row.amount) * 100)
    return found


def predicted(ledger: Ledger, as_of: int, days: int, yearly: float = 0.0) -> tuple[Forecast, Ints]:
    """Predict so many days from what was bought until a day; and give the cents that came, by client."""
    ids = sorted(each for each, bought in ledger.items() if min(bought) <= as_of)
    earlier = back_test_day(min(min(bought) for bought in ledger.values()), as_of, days)
    observed = Observed(
        np.array([each.encode() for each in ids]),
        np.ones(len(ids), dtype=bool),
        _known(ledger, ids, as_of),
        _known(ledger, ids, earlier),
    )
    found = forecast(observed, fit(observed, "USD", as_of, earlier), days, yearly)
    came = [sum(cents for on, cents in ledger[each].items() if as_of < on <= as_of + days) for each in ids]
    return found, np.array(came)


def _known(ledger: Ledger, ids: list[str], until: int) -> HistoryArrays:
    figures = []
    for each in ids:
        first, days = min(ledger[each]), sorted(on for on in ledger[each] if on <= until)
        cents = sum(ledger[each][on] for on in days[1:])
        last = days[-1] if days else first
        figures.append((len(days) - 1, first, last, cents // 100, cents % 100 * 10**7))
    return HistoryArrays(*np.array(figures, dtype=np.int64).T)
