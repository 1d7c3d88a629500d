"""Months and cohorts of all clients at once. Read next: `domain/cohorts` for what they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela_server.domain.cohorts import MONTHS_MAX, Cohort, History, Month
from clientela_server.reports.clients import Clients, Days, Ints
from clientela_server.reports.sums import in_nanos, joined, sums_by

# Two months make one number: the cohort's above, the later one's below, both counted from long ago.
_LONG_AGO = 50_000
_WIDTH = 2**20


@dataclass(frozen=True, kw_only=True)
class Months:
    """Of a part of the clients: what was bought in each month, and how many of each cohort bought then.

    pairs: two months as one number, each once, and the number of clients of each.
    """

    month: Ints
    purchases: Ints
    amounts: NDArray[Any]
    pairs: Ints
    active: Ints
    repeaters: int


def months_of(clients: Clients, currency: str, as_of: int) -> Months:
    """Look at a part of the clients."""
    days = clients.days(currency, as_of)
    month = _months(days.day)
    known, group = np.unique(month, return_inverse=True)
    purchases = np.zeros(len(known), np.int64)
    np.add.at(purchases, group, days.count)
    amounts = sums_by(in_nanos(days.units, days.nanos), group, len(known))
    pairs, active = _pairs(days, month)
    repeaters = int(np.count_nonzero(days.sums(days.count) > 1))
    return Months(
        month=known,
        purchases=purchases,
        amounts=np.array(amounts, dtype=object),
        pairs=pairs,
        active=active,
        repeaters=repeaters,
    )


def _months(day: Ints) -> Ints:
    found: Ints = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return found


def _pairs(days: Days, month: Ints) -> tuple[Ints, Ints]:
    """Count the clients of each cohort who bought in each month, a client once in a month."""
    again = (np.diff(days.owner, prepend=-1) == 0) & (np.diff(month, prepend=-_WIDTH) == 0)
    cohort = month[days.begins][days.owner]
    pairs = ((cohort + _LONG_AGO) * _WIDTH + month + _LONG_AGO)[~again]
    known, counts = np.unique(pairs, return_counts=True)
    return known, counts.astype(np.int64)


def history(parts: Sequence[Months]) -> History:
    """Put the parts together."""
    pairs, group = np.unique(joined([part.pairs for part in parts]), return_inverse=True)
    if not len(pairs):
        return History((), cohorts=(), customers=0, purchases=0, amount=0, repeaters=0)
    active = np.zeros(len(pairs), np.int64)
    np.add.at(active, group, joined([part.active for part in parts]))
    cohort, month = pairs // _WIDTH - _LONG_AGO, pairs % _WIDTH - _LONG_AGO
    months = _listed(parts, cohort, month, active)
    sizes = active[cohort == month]
    cohorts = [
        _cohort(int(each), cohort, month, active, months[-1].month)
        for each in np.unique(cohort)
        if each >= months[0].month
    ]
    purchases = sum(int(part.purchases.sum()) for part in parts)
    amount = sum(sum(part.amounts.tolist()) for part in parts)
    repeaters = sum(part.repeaters for part in parts)
    return History(
        months,
        cohorts=cohorts,
        customers=int(sizes.sum()),
        purchases=purchases,
        amount=amount,
        repeaters=repeaters,
    )


def _listed(parts: Sequence[Months], cohort: Ints, month: Ints, active: Ints) -> list[Month]:
    """Make every month from the first purchase to the last one, also those in which nobody bought."""
    last = int(month.max())
    first = max(int(month.min()), last - MONTHS_MAX + 1)
    purchases, amounts = dict.fromkeys(range(first, last + 1), 0), dict.fromkeys(range(first, last + 1), 0)
    for part in parts:
        for each, count, amount in zip(
            part.month.tolist(), part.purchases.tolist(), part.amounts.tolist(), strict=True
        ):
            if each >= first:
                purchases[each] += count
                amounts[each] += amount
    bought, new = np.zeros(last - first + 1, np.int64), np.zeros(last - first + 1, np.int64)
    shown = month >= first
    np.add.at(bought, month[shown] - first, active[shown])
    born = shown & (cohort == month)
    np.add.at(new, month[born] - first, active[born])
    return [
        Month(each, purchases[each], amounts[each], int(bought[each - first]), int(new[each - first]))
        for each in range(first, last + 1)
    ]


def _cohort(each: int, cohort: Ints, month: Ints, active: Ints, last: int) -> Cohort:
    counts = np.zeros(last - each + 1, np.int64)
    chosen = cohort == each
    counts[month[chosen] - each] = active[chosen]
    return Cohort(each, int(counts[0]), counts.tolist())
