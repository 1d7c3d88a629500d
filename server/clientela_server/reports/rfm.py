"""RFM of all clients at once: what `domain/rfm` says of one and of a few, for a million.

Deleted clients are left out. Read next: `domain/rfm` for the definitions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela_server.domain.rfm import STEPS, Cell, Cutpoints, RfmTable, Scores, cutpoints_of_sorted
from clientela_server.reports.clients import Clients, Ints
from clientela_server.reports.sums import in_nanos, joined, sums_by


@dataclass(frozen=True)
class RfmArrays:
    """What RFM looks at, of many clients."""

    ids: NDArray[np.bytes_]
    recency_days: Ints
    frequency: Ints
    units: Ints
    nanos: Ints

    @property
    def monetary(self) -> NDArray[Any]:
        """What each brought, in nanos."""
        return in_nanos(self.units, self.nanos)


def rfm_arrays(clients: Clients, currency: str, as_of: int) -> RfmArrays:
    """Look at a part of the clients."""
    days = clients.days(currency, as_of)
    lives = ~clients.deleted[days.client]
    recency = (as_of + 1 - days.last) if len(lives) else np.zeros(0, np.int64)
    return RfmArrays(
        clients.ids[days.client][lives],
        *(each[lives] for each in (recency, *map(days.sums, (days.count, days.units, days.nanos)))),
    )


def rfm_arrays_by_currency(clients: Clients, as_of: int) -> dict[str, RfmArrays]:
    """Compute a part's RFM arrays in each currency."""
    return {currency: rfm_arrays(clients, currency, as_of) for currency in clients.currencies()}


def table(parts: Sequence[RfmArrays], *, by_ntile: bool) -> RfmTable:
    """Score all clients, and count them."""
    everybody = _together(parts)
    count = len(everybody.frequency)
    if not count:
        return RfmTable(0, None, ())
    monetary = everybody.monetary
    cuts = None if by_ntile else _cutpoints(everybody, monetary)
    scores = _by_ntile(everybody, monetary) if cuts is None else _by_quintile(everybody, monetary, cuts)
    return RfmTable(count, cuts, _cells(scores, monetary))


def cutpoints_by_currency(parts: Sequence[Mapping[str, RfmArrays]]) -> dict[str, Cutpoints]:
    """Return the cutpoints of each currency in which anybody bought."""
    found = {}
    for currency in sorted({each for part in parts for each in part}):
        everybody = _together([part[currency] for part in parts if currency in part])
        if len(everybody.frequency):
            found[currency] = _cutpoints(everybody, everybody.monetary)
    return found


def _together(parts: Sequence[RfmArrays]) -> RfmArrays:
    names = ("recency_days", "frequency", "units", "nanos")
    ids = np.concatenate([part.ids for part in parts]) if parts else np.zeros(0, np.bytes_)
    return RfmArrays(ids, *(joined([getattr(part, name) for part in parts]) for name in names))


def _cutpoints(bought: RfmArrays, monetary: NDArray[Any]) -> Cutpoints:
    return Cutpoints(*(_quintiles(each) for each in (bought.recency_days, bought.frequency, monetary)))


def _quintiles(values: NDArray[Any]) -> tuple[Fraction, ...]:
    ordered = np.sort(values)
    return cutpoints_of_sorted(len(ordered), lambda place: int(ordered[place]))


def _by_quintile(bought: RfmArrays, monetary: NDArray[Any], cuts: Cutpoints) -> Ints:
    recency = STEPS - _below(cuts.recency, bought.recency_days)
    frequency, amount = 1 + _below(cuts.frequency, bought.frequency), 1 + _below(cuts.monetary, monetary)
    return _codes(recency, frequency, amount)


def _below(cuts: Sequence[Fraction], values: NDArray[Any]) -> Ints:
    """Count the cutpoints below each value; a whole number is above one where it is above its floor."""
    floors = np.array([cut.numerator // cut.denominator for cut in cuts], dtype=values.dtype)
    return np.searchsorted(floors, values, side="left")


def _by_ntile(bought: RfmArrays, monetary: NDArray[Any]) -> Ints:
    by_id = _order_of_ids(bought.ids)
    return _codes(*(_tiles(each, by_id) for each in (-bought.recency_days, bought.frequency, monetary)))


def _order_of_ids(ids: NDArray[np.bytes_]) -> Ints:
    """Order ids that are numbers as numbers, and before all others."""
    others = ~np.char.isdigit(ids)
    digits = np.char.lstrip(ids, b"0")
    length = np.where(others, 0, np.char.str_len(digits))
    return np.lexsort((ids, np.where(others, b"", digits), length, others))


def _tiles(values: NDArray[Any], by_id: Ints) -> Ints:
    """Cut a row into five: the first parts have one more, where it does not come out even."""
    row = by_id[np.argsort(values[by_id], kind="stable")]
    size, more = divmod(len(row), STEPS)
    tiles = np.empty(len(row), np.int64)
    tiles[row] = np.repeat(np.arange(1, STEPS + 1), [size + (tile < more) for tile in range(STEPS)])
    return tiles


def _codes(recency: Ints, frequency: Ints, monetary: Ints) -> Ints:
    """Make one number of three scores."""
    return recency * 100 + frequency * 10 + monetary


def _cells(codes: Ints, monetary: NDArray[Any]) -> list[Cell]:
    known, group, counts = np.unique(codes, return_inverse=True, return_counts=True)
    amounts = sums_by(monetary, group, len(known))
    cells = [
        Cell(Scores(code // 100, code // 10 % 10, code % 10), count, amount)
        for code, count, amount in zip(known.tolist(), counts.tolist(), amounts, strict=True)
    ]
    return cells[::-1]
