"""Recency-frequency histories of all clients, as of one day and as of an earlier one.

x, t_x, T and m are as in `models/histories`: counted are distinct days with a purchase, so two on one day are
one. The earlier day is for the back-test: what was known then, and what came to pass until the later one.
Time is in weeks. Deleted clients are fitted on, for they bought as they did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.models.histories import Histories
from clientela_server.reports.clients import Clients, Days, Ints
from clientela_server.reports.sums import joined

WEEK = 7


@dataclass(frozen=True)
class HistoryArrays:
    """Histories at the end of a day, arrays of shape (n,); x = -1 for clients without a purchase by then.

    x: repeat purchase days. first, last: days since 1970. units, nanos: revenue after the first day.
    """

    x: Ints
    first: Ints
    last: Ints
    units: Ints
    nanos: Ints

    def of(self, chosen: NDArray[np.bool_]) -> "HistoryArrays":
        """Return the same of some clients."""
        return HistoryArrays(
            self.x[chosen], self.first[chosen], self.last[chosen], self.units[chosen], self.nanos[chosen]
        )

    def histories(self, day: int) -> Histories:
        """Make the figures of those who had bought by the day."""
        there = self.of(self.x >= 0)
        x, first = there.x, there.first
        mean = (there.units + there.nanos / NANOS_PER_UNIT) / np.maximum(x, 1)
        return Histories(x.astype(np.float64), (there.last - first) / WEEK, (day - first) / WEEK, mean)


@dataclass(frozen=True)
class Observed:
    """Clients with a purchase by a day: histories as of it, and as of an earlier day; shape (n,)."""

    ids: NDArray[np.bytes_]
    lives: NDArray[np.bool_]
    known: HistoryArrays
    earlier: HistoryArrays


def observed_in(clients: Clients, currency: str, as_of: int, earlier: int) -> Observed:
    """Look at a part of the clients."""
    days = clients.days(currency, as_of)
    ids, lives = clients.ids[days.client], ~clients.deleted[days.client]
    return Observed(ids, lives, _known(days, as_of), _known(days, earlier))


def _known(days: Days, until: int) -> HistoryArrays:
    if not len(days.begins):
        nothing = np.zeros(0, np.int64)
        return HistoryArrays(nothing, nothing, nothing, nothing, nothing)
    counts = days.day <= until
    first = days.first
    last = np.maximum.reduceat(np.where(counts, days.day, first[days.owner]), days.begins)
    later = counts.copy()
    later[days.begins] = False
    x = days.sums(counts.astype(np.int64)) - 1
    return HistoryArrays(x, first, last, days.sums(days.units * later), days.sums(days.nanos * later))


def concatenated(parts: Sequence[Observed]) -> Observed:
    """Put the parts one behind the other."""
    ids = np.concatenate([part.ids for part in parts]) if parts else np.zeros(0, np.bytes_)
    lives = np.concatenate([part.lives for part in parts]) if parts else np.zeros(0, np.bool_)
    return Observed(
        ids, lives, _joined([part.known for part in parts]), _joined([part.earlier for part in parts])
    )


def _joined(parts: Sequence[HistoryArrays]) -> HistoryArrays:
    names = ("x", "first", "last", "units", "nanos")
    return HistoryArrays(*(joined([getattr(part, name) for part in parts]) for name in names))
