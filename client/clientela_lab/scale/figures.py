"""What the slices of a measurement come to: medians, ratios, the bounds by processors and by turns, as text.

Read next: throughput.py, which measures them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from math import inf
from statistics import median

from clientela_lab.scale.turns import DISK, DOINGS, RULES, STATEMENTS, WAITS

SERVERS, POSTGRES, CALLERS, OTHERS = "servers", "PostgreSQL", "callers", "others"
READS_1, READS_2 = "reads, 1 server", "reads, 2 servers"
WRITES_1, WRITES_2, APART = "writes, 1 server", "writes, 2 servers", "writes, 2 apart"
_PARTS = (SERVERS, POSTGRES, CALLERS)
_RATES = (18, 9, 16, 12, 15, 12, 8, 10)
_TURNS = (41, 18, 19, 17)
_HELD = (RULES, STATEMENTS, DISK)


@dataclass(frozen=True)
class Slice:
    """One setting in one round. cpu_s: processor time by part; turns: shares of the committers' time."""

    setting: str
    _: KW_ONLY
    calls: int
    seconds: float
    batches: int
    servers: int
    cpu_s: dict[str, float]
    turns: dict[str, float]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    @property
    def batch(self) -> float:
        """Writes a batch."""
        return self.calls / max(1, self.batches)

    @property
    def turn_us(self) -> float:
        """How long the turn is held for one write, in microseconds."""
        held = sum(self.turns[one] for one in _HELD) * self.servers * self.seconds
        return held / self.calls * 1e6

    @property
    def turn_limit(self) -> float:
        """How many writes a second fit into turns that are held one after the other."""
        return 1e6 / self.turn_us if self.turn_us else inf

    def part_us(self, part: str) -> float:
        """The processor time that a part takes for one call, in microseconds."""
        return self.cpu_s[part] / self.calls * 1e6

    @property
    def others(self) -> float:
        """How many processors other programs kept busy."""
        return self.cpu_s[OTHERS] / self.seconds

    def bound(self, cores: int) -> float:
        """How many such calls a second so many cores can do with nothing else to do."""
        return cores * 1e6 / sum(map(self.part_us, _PARTS))


class Figures:
    """The slices of all rounds, by setting."""

    def __init__(self, slices: list[Slice], cores: int | None = None) -> None:
        self.cores = cores or os.cpu_count() or 1
        self._slices: dict[str, list[Slice]] = {}
        for one in slices:
            self._slices.setdefault(one.setting, []).append(one)

    def ratio(self, above: str, below: str) -> float:
        """Return the median of the rounds' ratios of the rates of two settings."""
        pairs = zip(self._slices[above], self._slices[below], strict=True)
        return median(one.rate / other.rate for one, other in pairs)

    def median(self, setting: str, figure: Callable[[Slice], float]) -> float:
        """Return the median of a figure over the rounds."""
        return median(figure(one) for one in self._slices[setting])

    def shown(self) -> str:
        """Return the tables, and what follows from them."""
        return "\n".join([*self._rates(), "", *self._turns(), "", *self._said()])

    def _rates(self) -> Iterator[str]:
        yield _row(
            _RATES, "", "calls/s", "min .. max", *(f"{part} us" for part in _PARTS), "others", "bound/s"
        )
        for setting, slices in self._slices.items():
            rates = [one.rate for one in slices]
            yield _row(
                _RATES,
                setting,
                f"{median(rates):,.0f}",
                f"{min(rates):,.0f} .. {max(rates):,.0f}",
                *(f"{median(one.part_us(part) for one in slices):,.0f}" for part in _PARTS),
                f"{median(one.others for one in slices) / self.cores:.0%}",
                f"{median(one.bound(self.cores) for one in slices):,.0f}",
            )

    def _turns(self) -> Iterator[str]:
        writes = (WRITES_1, WRITES_2, APART)
        yield _row(_TURNS, "what a committer does, share of its time", *writes)
        for doing in DOINGS:
            shares = (median(one.turns[doing] for one in self._slices[setting]) for setting in writes)
            yield _row(_TURNS, doing, *(f"{share:.0%}" for share in shares))
        yield _row(
            _TURNS, "writes a batch", *(f"{self.median(name, lambda s: s.batch):.1f}" for name in writes)
        )
        held = (self.median(name, lambda s: s.turn_us) for name in writes)
        yield _row(_TURNS, "us that the turn is held for a write", *(f"{us:,.0f}" for us in held))

    def _said(self) -> Iterator[str]:
        for calls, one, two in (("reads", READS_1, READS_2), ("writes", WRITES_1, WRITES_2)):
            bound = self.median(two, lambda s: s.bound(self.cores)) / self.median(one, lambda s: s.rate)
            ratio = f"2 servers / 1, {calls}: {self.ratio(two, one):.2f} (goal 1.80 where cores allow)"
            yield f"{ratio}; the bound of these cores is {bound:.2f}"
        waits = self.median(WRITES_2, lambda s: s.turns[WAITS])
        share = f"2 servers in turns write {self.ratio(WRITES_2, APART):.2f} of what 2 apart do"
        yield f"gapless revisions: {share}; a committer waits {waits:.0%} of its time"
        limit = self.median(WRITES_2, lambda s: s.turn_limit)
        yield f"one ledger whose turn is never free: {limit:,.0f} writes/s here, however many servers"


def _row(widths: Sequence[int], *cells: str) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "{:{}}".format(*first) + "".join(f"{cell:>{width}}" for cell, width in others)
