"""The CDNOW sample as the models want it: purchase days up to the end of September 1997, in weeks."""

import datetime
from collections import defaultdict
from decimal import Decimal

import numpy as np

from clientela_lab import cdnow
from clientela_server.models.histories import Histories

END = datetime.date(1997, 9, 30)
WEEK = 7


def calibrating(end: datetime.date = END) -> Histories:
    """Return the histories of all clients at the end of a day; those who came later are not in it."""
    spent: dict[str, dict[datetime.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in cdnow.rows():
        day = datetime.date.fromisoformat(row.date)
        if day <= end:
            spent[row.customer_id][day] += Decimal(row.amount)
    figures = [_history(days, end) for days in spent.values()]
    return Histories(*np.array(figures, dtype=np.float64).T)


def _history(spent: dict[datetime.date, Decimal], end: datetime.date) -> tuple[float, ...]:
    days = sorted(spent)
    x = len(days) - 1
    mean = float(sum(spent[day] for day in days[1:])) / x if x else 0.0
    return x, (days[-1] - days[0]).days / WEEK, (end - days[0]).days / WEEK, mean
