"""The interleaved run: read and write of the real server, each beside the same call of the bare echo server.

Rules: figures are compared only within one round, seconds apart, because the machine's speed drifts over
minutes; a slice whose answers do not add up ends the run.
Read next: goals.py, arena.py, generator.py.
"""

import itertools
import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from arena import Contender, measure
from generator import Slice
from goals import BESIDE_ECHO, BESIDE_PEER, IDLE_WEB, SPREADS, TAIL, Goal
from report import Check


@dataclass
class Results:
    """All slices, by (what, callers in flight), in the order of the rounds; what: a contender's name."""

    slices: dict[tuple[str, int], list[Slice]] = field(default_factory=lambda: defaultdict(list))

    def ratios(
        self,
        what: str,
        beside: str,
        in_flight: int,
        figure: Callable[[Slice], float] = lambda one: one.rate,
    ) -> list[float]:
        """Return for each round a figure (the rate, if not said) of `what` over that of `beside`."""
        pairs = zip(self.slices[what, in_flight], self.slices[beside, in_flight], strict=True)
        return [figure(one) / figure(other) for one, other in pairs]


@dataclass(frozen=True)
class Plan:
    """How much to measure: every contender at every number of callers once a round, about `seconds` each.

    warm_up: how many requests come first, for each of the (up to 8) calls in flight, also to guess the rate.
    """

    rounds: int
    seconds: float
    warm_up: int = 200

    def steps(self, compared: dict[str, Contender]) -> list[tuple[int, int, str]]:
        """Return (round, callers in flight, contender) in the order to measure, pairs together."""
        levels = sorted({callers for each in compared.values() for callers in each.in_flight})
        return [
            (number, callers, name)
            for number in range(1, self.rounds + 1)
            for callers in levels
            for name, each in compared.items()
            if callers in each.in_flight
        ]


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
    """Returns the ratios with their goals, of what was measured: to the echo, a closed web port, the peer."""
    found = []
    for what, (label, goals) in BESIDE_ECHO.items():
        for callers, spread in itertools.product(goals, SPREADS):
            pair = f"{what} {spread}", f"{what} echo"
            name = f"{label} / echo, {callers} in flight, {spread}"
            found += _checked(name, results, pair, callers, goals[callers])
    for spread in SPREADS:
        pair = f"record {spread}", "record echo"
        name = f"RecordPurchase p99 / echo p99, 64 in flight, {spread}"
        found += _checked(name, results, pair, 64, TAIL, figure=lambda one: one.p99_ms, better="less")
    for callers, goal in IDLE_WEB.items():
        name = f"GetCustomer, web port open and idle / off, {callers} in flight"
        found += _checked(name, results, ("get, web open", "get uniform"), callers, goal)
    for what, (label, goals) in BESIDE_PEER.items():
        for callers, goal in goals.items():
            name, pair = f"{label} / peer, {callers} in flight", (f"{what} uniform", f"{what} peer")
            found += _checked(name, results, pair, callers, goal)
    return found


def _checked(
    name: str,
    results: Results,
    pair: tuple[str, str],
    in_flight: int,
    goal: Goal,
    *,
    figure: Callable[[Slice], float] = lambda one: one.rate,
    better: Literal["more", "less"] = "more",
) -> list[Check]:
    """Return the check of one ratio; none where either was not measured."""
    if any((what, in_flight) not in results.slices for what in pair):
        return []
    ratios = results.ratios(*pair, in_flight, figure)
    median = statistics.median(ratios)
    return [Check(name, median, min(ratios), max(ratios), goal.goal, goal.floor, better=better)]


def detail_rows(results: Results) -> list[list[str]]:
    """Returns the table of medians, with a header row; "CPU / echo": how much more it costs than its echo."""
    columns = ["req/s", "p50 ms", "p99 ms", "server CPU us", "CPU / echo", "generator cores"]
    rows = [["call", "in flight", *columns]]
    for what, callers in sorted(results.slices, key=lambda key: key[1]):
        rows.append([what, str(callers), *_medians(results, what, callers)])
    return rows


def _medians(results: Results, what: str, callers: int) -> list[str]:
    slices = results.slices[what, callers]
    return [
        f"{statistics.median(one.rate for one in slices):,.0f}",
        f"{statistics.median(one.p50_ms for one in slices):.2f}",
        f"{statistics.median(one.p99_ms for one in slices):.2f}",
        f"{statistics.median(one.server_cpu_us for one in slices):.1f}",
        _cost(results, what, callers),
        f"{statistics.median(one.generator_cpu_s / one.seconds for one in slices):.2f}",
    ]


def _cost(results: Results, what: str, callers: int) -> str:
    """Write how many times the processor time of its echo a call takes."""
    echo = f"{what.partition(' ')[0].rstrip(',')} echo"
    if what == echo:
        return ""
    return f"{statistics.median(results.ratios(what, echo, callers, lambda one: one.server_cpu_us)):.2f}"
