"""RFM scores: recency, frequency and monetary value of a client, each from 1 to 5.

Two ways to cut into five, both in use, and not the same:
- QUINTILE: four cutpoints of all values (20, 40, 60, 80 %, linear between two neighbours); a value equal to a
  cutpoint is in the lower step. Clients with equal values have equal scores; a step may be empty.
- NTILE: clients in a row, cut into five parts of equal size (SQL's ntile). Every step has clients, and two
  with equal values may be in different steps, the one with the smaller id in the lower.

5 is best in all three: the most recent, the most often, the most. Values are integers (days, orders, nanos of
a currency), so nothing is rounded.
"""

from collections.abc import Callable, Sequence
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
        """Return the scores as one word: 555 is best."""
        return f"{self.recency}{self.frequency}{self.monetary}"


@dataclass(frozen=True, slots=True)
class RfmInput:
    """The RFM input of a client; `recency_days`: days since the last purchase plus 1; `monetary` in nanos."""

    customer_id: str
    recency_days: int
    frequency: int
    monetary: int


@dataclass(frozen=True, slots=True)
class Cutpoints:
    """The four cutpoints between the five scores, for each of the three values."""

    recency: tuple[Fraction, ...]
    frequency: tuple[Fraction, ...]
    monetary: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores clients by the cutpoints of all clients as of a day."""

    day: int
    cuts: Cutpoints

    def scores(self, last_day: int, frequency: int, monetary: int) -> Scores:
        """Score a client by last purchase day, purchase count, and revenue in nanos."""
        return score_by_quintile(RfmInput("", self.day - last_day + 1, frequency, monetary), self.cuts)


@dataclass(frozen=True, slots=True)
class Cell:
    """The clients with the same three scores: their count, and revenue in nanos."""

    scores: Scores
    customers: int
    amount: int


@dataclass(frozen=True, slots=True)
class RfmTable:
    """Cells by score, highest first; `cuts` is None for ntile scoring."""

    customers: int
    cuts: Cutpoints | None
    cells: Sequence[Cell]


def cutpoints(values: Sequence[int]) -> tuple[Fraction, ...]:
    """Return the quantiles at 20, 40, 60 and 80 %, linear between two neighbours (R's type 7)."""
    ordered = sorted(values)
    return cutpoints_of_sorted(len(ordered), ordered.__getitem__)


def cutpoints_of_sorted(count: int, nth: Callable[[int], int]) -> tuple[Fraction, ...]:
    """Return the same of values that stand in a row by size, of which only a few are asked for."""
    found = []
    for step in range(1, STEPS):
        place, rest = divmod(step * (count - 1), STEPS)
        low, high = nth(place), nth(min(place + 1, count - 1))
        found.append(low + Fraction((high - low) * rest, STEPS))
    return tuple(found)


def cutpoints_of(clients: Sequence[RfmInput]) -> Cutpoints:
    """Return the cutpoints of all three; ValueError where there are no clients."""
    if not clients:
        raise ValueError("nobody bought anything")
    return Cutpoints(
        cutpoints([client.recency_days for client in clients]),
        cutpoints([client.frequency for client in clients]),
        cutpoints([client.monetary for client in clients]),
    )


def score_by_quintile(client: RfmInput, cuts: Cutpoints) -> Scores:
    """Score a client by the cutpoints; the fewer days since the last purchase, the better."""
    return Scores(
        STEPS - _below(cuts.recency, client.recency_days),
        1 + _below(cuts.frequency, client.frequency),
        1 + _below(cuts.monetary, client.monetary),
    )


def score_by_ntile(clients: Sequence[RfmInput]) -> list[Scores]:
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


def _id_key(client: RfmInput) -> tuple[bool, int, str]:
    """Order ids that are numbers as numbers, and before all others."""
    known = client.customer_id
    return (False, int(known), known) if known.isdecimal() else (True, 0, known)


def _tiles(keys: Sequence[tuple[int, tuple[bool, int, str]]]) -> list[int]:
    """Cut a row into five: the first parts have one more, where it does not come out even."""
    size, more = divmod(len(keys), STEPS)
    tiles = [0] * len(keys)
    for place, index in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        in_larger = more * (size + 1)
        tiles[index] = (
            place // (size + 1) + 1 if place < in_larger else more + (place - in_larger) // size + 1
        )
    return tiles
