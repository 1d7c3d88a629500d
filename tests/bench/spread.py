"""Which customers the calls are about: drawn from all, each as often as the others or a few far more often.

Rule: the same numbers give the same draws, run for run; no two slices of a run have the same.
"""

import itertools
import random

ZIPF_EXPONENT = 0.99  # as YCSB draws: of 100,000 customers 283 are meant by half of all calls


class Spread:
    """Draws customers: all alike, or (zipf) that of rank k 1 / k^0.99 times as often as the first."""

    def __init__(self, customers: list[str], seed: int, *, zipf: bool) -> None:
        self._random = random.Random(seed)
        self._customers = self._random.sample(customers, len(customers))  # ranks are not ids in order
        weights = [1 / rank**ZIPF_EXPONENT if zipf else 1 for rank in range(1, len(customers) + 1)]
        self._weights = list(itertools.accumulate(weights))

    def draw(self, count: int) -> list[str]:
        """Return the customers of the next calls."""
        return self._random.choices(self._customers, cum_weights=self._weights, k=count)
