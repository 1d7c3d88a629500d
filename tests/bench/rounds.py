"""The interleaved run: read and write of the real server, each beside the same call of the bare echo server.

Rules: figures are compared only within one round, seconds apart, because the machine's speed drifts over
minutes; a slice whose answers do not add up ends the run.
Read next: arena.py, h2load.py.
"""

import itertools
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from arena import Contender, measure
from h2load import Slice
from report import Check

IN_FLIGHT = (1, 8, 64)

LABELS = {"get": "GetCustomer", "standing": "GetStanding", "record": "RecordPurchase, durable"}


class Goal(NamedTuple):
    """What is hoped for, and what must hold."""

    goal: float | None = None
    floor: float | None = None


GOALS = {
    ("get", 1): Goal(0.85),
    ("get", 8): Goal(),
    ("get", 64): Goal(0.80, 0.60),
    ("standing", 1): Goal(),
    ("standing", 8): Goal(),
    ("standing", 64): Goal(0.70),
    ("record", 1): Goal(0.50),
    ("record", 8): Goal(),
    ("record", 64): Goal(0.55, 0.40),
}
TAIL_GOAL = Goal(2.5, 4.0)
IDLE_WEB_GOAL = Goal(1.0, 0.97)


@dataclass
class Results:
    """All slices, by (what, callers in flight), in the order of the rounds; what: "get", "get echo", ..."""

    slices: dict[tuple[str, int], list[Slice]] = field(default_factory=lambda: defaultdict(list))

    def ratios(
        self,
        what: str,
        in_flight: int,
        figure: Callable[[Slice], float] = lambda one: one.rate,
        beside: str = "",
    ) -> list[float]:
        """Returns for each round a figure (the rate, if not said) of `what` over that of its echo.

        beside: what to compare with, where it is not the echo.
        """
        pairs = zip(
            self.slices[what, in_flight], self.slices[beside or f"{what} echo", in_flight], strict=True
        )
        return [figure(one) / figure(other) for one, other in pairs]


@dataclass(frozen=True)
class Plan:
    """How much to measure: every contender at every number of callers once a round, about `seconds` each.

    warm_up: how many requests come first, for each of the (up to 8) calls in flight, also to guess the rate.
    """

    rounds: int
    seconds: float
    warm_up: int = 200
    in_flight: tuple[int, ...] = IN_FLIGHT

    def steps(self, names: Iterable[str]) -> list[tuple[int, int, str]]:
        """Returns (round, callers in flight, contender) in the order to measure, pairs together."""
        return list(itertools.product(range(1, self.rounds + 1), self.in_flight, names))


def run_rounds(
    compared: dict[str, Contender], plan: Plan, folder: Path, progress: Callable[[str], None]
) -> Results:
    """Measures all that is planned, and returns all slices."""
    results = Results()
    rates: dict[tuple[str, int], float] = {}
    for number, callers, what in plan.steps(compared):
        progress(f"round {number} of {plan.rounds}: {what}, {callers} in flight")
        contender = compared[what]
        if (what, callers) not in rates:
            warming = measure(contender, callers, plan.warm_up * min(callers, 8), folder)
            rates[what, callers] = warming.rate
        requests = max(callers, int(rates[what, callers] * plan.seconds))
        measured = measure(contender, callers, requests, folder)
        rates[what, callers] = measured.rate
        results.slices[what, callers].append(measured)
    return results


def checks(results: Results) -> list[Check]:
    """Returns the ratios to the echo server, and how much longer the slowest hundredth of writes takes."""
    found = [
        _check(
            f"{LABELS[what]} / echo, {callers} in flight", results.ratios(what, callers), GOALS[what, callers]
        )
        for what, callers in GOALS
        if (what, callers) in results.slices
    ]
    if ("record", 64) in results.slices:
        tails = results.ratios("record", 64, lambda one: one.p99_ms)
        found.append(_check("RecordPurchase p99 / echo p99, 64 in flight", tails, TAIL_GOAL, better="less"))
    found += [
        _check(
            f"GetCustomer, web port open and idle / off, {callers} in flight",
            results.ratios("get, web open", callers, beside="get"),
            IDLE_WEB_GOAL,
        )
        for callers in IN_FLIGHT
        if ("get, web open", callers) in results.slices
    ]
    return found


def _check(name: str, ratios: list[float], goal: Goal, better: Literal["more", "less"] = "more") -> Check:
    median = statistics.median(ratios)
    return Check(name, median, min(ratios), max(ratios), goal.goal, goal.floor, better=better)


def detail_rows(results: Results) -> list[list[str]]:
    """Returns the table of medians, with a header row; "CPU / echo": how much more it costs than its echo."""
    columns = ["req/s", "p50 ms", "p99 ms", "server CPU us", "CPU / echo", "generator cores"]
    rows = [["call", "in flight", *columns]]
    for what, callers in sorted(results.slices, key=lambda key: (key[1], key[0])):
        rows.append([what, str(callers), *_medians(results, what, callers)])
    return rows


def _medians(results: Results, what: str, callers: int) -> list[str]:
    slices = results.slices[what, callers]
    costs = results.ratios(what, callers, lambda one: one.server_cpu_us) if what in LABELS else []
    return [
        f"{statistics.median(one.rate for one in slices):,.0f}",
        f"{statistics.median(one.p50_ms for one in slices):.2f}",
        f"{statistics.median(one.p99_ms for one in slices):.2f}",
        f"{statistics.median(one.server_cpu_us for one in slices):.1f}",
        f"{statistics.median(costs):.2f}" if costs else "",
        f"{statistics.median(one.generator_cpu_s / one.seconds for one in slices):.2f}",
    ]
