"""Clients acquired and retained in a period, and the predicted value of the acquired ones.

The vectorized form of `domain/economics.tally`. Deleted clients count as acquired.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from clientela_server.domain.economics import Acquired, Period, Tally
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.reports.clients import Clients, Ints
from clientela_server.reports.forecasts import Forecast
from clientela_server.reports.sums import in_nanos, joined, sums_by

# The numbers of the channels of clients, whose ids are in order, with commas between them.
Channels = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class AcquiredClients:
    """Clients whose first purchase is in a period (n rows), and the number retained.

    ids: shape (n,), bytes. channel: enum numbers. units, nanos: revenue, summed apart.
    """

    ids: NDArray[np.bytes_]
    channel: Ints
    units: Ints
    nanos: Ints
    retained: int


def acquired_in(clients: Clients, currency: str, period: Period, channels_of: Channels) -> AcquiredClients:
    """Select the acquired clients of a part; `channels_of` returns their channels."""
    days = clients.days(currency, period.as_of)
    first = days.first
    won = (first >= period.first) & (first <= period.last)
    within = (days.day >= period.first) & (days.day <= period.last)
    retained = (first < period.first) & (days.sums(within.astype(np.int64)) > 0)
    ids = clients.ids[days.client[won]]
    channel = np.fromstring(channels_of([each.decode() for each in ids.tolist()]), np.int64, sep=",")
    units, nanos = days.sums(days.units)[won], days.sums(days.nanos)[won]
    return AcquiredClients(ids, channel, units, nanos, int(np.count_nonzero(retained)))


def tally_of(parts: Sequence[AcquiredClients], forecast: Forecast | None) -> Tally:
    """Sum by channel, with the predicted value if there is a forecast."""
    channel = joined([part.channel for part in parts])
    known, group = np.unique(channel, return_inverse=True)
    amounts = in_nanos(joined([part.units for part in parts]), joined([part.nanos for part in parts]))
    revenue, counts = sums_by(amounts, group, len(known)), np.bincount(group, minlength=len(known))
    predicted = None if forecast is None else _predicted(parts, forecast, group, len(known))
    won = {
        int(each): Acquired(
            int(counts[place]), revenue[place], None if predicted is None else predicted[place]
        )
        for place, each in enumerate(known)
    }
    return Tally(won, sum(part.retained for part in parts))


def _predicted(
    parts: Sequence[AcquiredClients], forecast: Forecast, group: Ints, groups: int
) -> list[Fraction]:
    """Return the predicted value by group, in nanos; deleted clients count 0."""
    ids = np.concatenate([part.ids for part in parts])
    values = forecast.values_of(ids)
    sums = np.bincount(group, weights=values, minlength=groups)
    return [Fraction(float(each)) * NANOS_PER_UNIT for each in sums]
