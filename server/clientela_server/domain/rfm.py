"""RFM: how recently, how often and for how much a client bought, each in five steps.

Two ways to cut into five, both in use, and not the same:
- QUINTILE: four cutpoints of all values (20, 40, 60, 80 %, linear between two neighbours); a value equal to a
  cutpoint is in the lower step. Clients with equal values have equal scores; a step may be empty.
- NTILE: clients in a row, cut into five parts of equal size (SQL's ntile). Every step has clients, and two
  with equal values may be in different steps, the one with the smaller id in the lower.

5 is best in all three: the most recent, the most often, the most. Values are integers (days, orders, nanos of
a currency), so nothing is rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

STEPS = 5


class Scores(NamedTuple):
    """A client's three scores, 1 to 5."""

    recency: int
    frequency: int
    monetary: int

    @property
    def cell(self) -> str:
        """Give the scores as one word: 555 is best."""
        return f"{self.recency}{self.frequency}{self.monetary}"


@dataclass(frozen=True, slots=True)
class Bought:
    """What RFM looks at: `recency_days` since the last purchase, 1 for the latest there is."""

    customer_id: str
    recency_days: int
    frequency: int
    monetary: int


@dataclass(frozen=True, slots=True)
class Cutpoints:
    """Where one step ends and the next begins, four for each."""

    recency: tuple[Fraction, ...]
    frequency: tuple[Fraction, ...]
    monetary: tuple[Fraction, ...]


def cutpoints(values: Sequence[int]) -> tuple[Fraction, ...]:
    """Give the quantiles at 20, 40, 60 and 80 %, linear between two neighbours (R's type 7)."""
    ordered = sorted(values)
    found = []
    for step in range(1, STEPS):
        place, rest = divmod(step * (len(ordered) - 1), STEPS)
        low = ordered[place]
        high = ordered[min(place + 1, len(ordered) - 1)]
        found.append(low + Fraction((high - low) * rest, STEPS))
    return tuple(found)


def cutpoints_of(clients: Sequence[Bought]) -> Cutpoints:
    """Give the cutpoints of all three; ValueError where there are no clients."""
    if not clients:
        raise ValueError("nobody bought anything")
    return Cutpoints(
        cutpoints([client.recency_days for client in clients]),
        cutpoints([client.frequency for client in clients]),
        cutpoints([client.monetary for client in clients]),
    )


def by_quintile(client: Bought, cuts: Cutpoints) -> Scores:
    """Score a client by the cutpoints; the fewer days since the last purchase, the better."""
    return Scores(
        STEPS - _below(cuts.recency, client.recency_days),
        1 + _below(cuts.frequency, client.frequency),
        1 + _below(cuts.monetary, client.monetary),
    )


def by_ntile(clients: Sequence[Bought]) -> list[Scores]:
    """Score clients by their places in a row, in the order in which they are given."""
    return list(
        map(
            Scores,
            _tiles([(-client.recency_days, _id_key(client)) for client in clients]),
            _tiles([(client.frequency, _id_key(client)) for client in clients]),
            _tiles([(client.monetary, _id_key(client)) for client in clients]),
        )
    )


def _below(cuts: Sequence[Fraction], value: int) -> int:
    return sum(cut < value for cut in cuts)


def _id_key(client: Bought) -> tuple[int, str]:
    """Order ids that are numbers as numbers, and before all others."""
    number = client.customer_id
    return (int(number), "") if number.isdecimal() else (2**63, number)


def _tiles(keys: Sequence[tuple[int, tuple[int, str]]]) -> list[int]:
    """Cut a row into five: the first parts have one more, where it does not come out even."""
    size, more = divmod(len(keys), STEPS)
    tiles = [0] * len(keys)
    for place, index in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        in_larger = more * (size + 1)
        tiles[index] = (
            place // (size + 1) + 1 if place < in_larger else more + (place - in_larger) // size + 1
        )
    return tiles
