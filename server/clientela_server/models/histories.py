"""What the models are fitted on: four figures a client.

    x       distinct days with a purchase, after the first one
    t_x     when the last of them was, since the first purchase
    T       how long the client has been observed, since the first purchase
    m       what such a day brought on average, the first one left out

Clients with equal x, t_x and T are alike to BG/NBD: they are grouped, and counted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]


class InsufficientHistory(ValueError):
    """There is too little to fit a model on; the text says what is missing."""


@dataclass(frozen=True)
class Groups:
    """Clients by their figures: how many have the same, and of which group each one is."""

    x: Figures
    t_x: Figures
    T: Figures
    counts: Figures
    group_of: NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """The figures of many clients, in one unit of time; `mean_spend` is 0 where x is 0.

    ValueError where they contradict each other.
    """

    x: Figures
    t_x: Figures
    T: Figures
    mean_spend: Figures

    def __post_init__(self) -> None:
        if len({figures.shape for figures in (self.x, self.t_x, self.T, self.mean_spend)}) != 1:
            raise ValueError("the figures are not of the same clients")
        if np.any(self.x < 0) or np.any(self.t_x < 0) or np.any(self.t_x > self.T):
            raise ValueError("0 <= x and 0 <= t_x <= T must hold")
        if np.any((self.x == 0) != (self.t_x == 0)):
            raise ValueError("t_x is 0 where x is 0, and only there")

    def __len__(self) -> int:
        return len(self.x)

    def every(self, nth: int) -> "Histories":
        """Return the figures of every nth client."""
        return self.of(slice(None, None, nth))

    def of(self, chosen: slice | NDArray[np.int64]) -> "Histories":
        """Return the figures of some clients."""
        return Histories(self.x[chosen], self.t_x[chosen], self.T[chosen], self.mean_spend[chosen])

    def grouped(self) -> Groups:
        """Group clients with equal x, t_x and T; the likelihood is weighted by group size."""
        order = np.lexsort((self.T, self.t_x, self.x))
        rows = np.column_stack([self.x, self.t_x, self.T])[order]
        begins = np.ones(len(rows), dtype=bool)
        begins[1:] = np.any(rows[1:] != rows[:-1], axis=1)
        places = np.flatnonzero(begins)
        counts = np.diff(np.append(places, len(rows))).astype(np.float64)
        group_of = np.empty(len(rows), dtype=np.int64)
        group_of[order] = np.cumsum(begins) - 1
        x, t_x, T = rows[places].T
        return Groups(x, t_x, T, counts, group_of)

    def spenders(self) -> tuple[Figures, Figures]:
        """Return x and m of those who came back and paid: Gamma-Gamma knows no others."""
        paid = (self.x > 0) & (self.mean_spend > 0)
        return self.x[paid], self.mean_spend[paid]
