"""Runs a scenario repeatedly, with all protections and without each: the predictions must hold, and fail.

A run that breaks off proves neither, and counts as wrong in both.
Read next: running.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clientela_lab.runs.running import Result, play
from clientela_lab.runs.scenario import NamedScenario


@dataclass(frozen=True)
class RepeatResult:
    """The result of all runs of one scenario, as one line."""

    right: bool
    line: str


def run_repeatedly(found: NamedScenario, seeds: Iterable[int]) -> RepeatResult:
    """Run a scenario with each seed, with all protections and without each one."""
    wrong: list[str] = []
    alone = len(found.scenario.protections) == 1
    slowest = 0.0
    runs = 0
    for seed in seeds:
        for without in (None, *found.scenario.protections):
            result = play(found, without=without, seed=seed)
            runs, slowest = runs + 1, max(slowest, result.seconds)
            side = "on" if without is None else "off" if alone else f"off ({without})"
            wrong += _wrong(result, without is None, f"{side}, seed {seed}")
    verdict = "; ".join(wrong) or "on: as wanted, off: red"
    return RepeatResult(not wrong, f"{found.name:<24}{verdict}  ({runs} runs, at most {slowest:.1f} s)")


def _wrong(result: Result, protected: bool, which: str) -> list[str]:
    if result.error:
        return [f"{which}: {type(result.error).__name__}: {result.error}"]
    if result.kept == protected:
        return []
    missed = [event["what"] for event in result.events if event["event"] == "check" and not event["right"]]
    return [f"{which}: NOT as wanted: {', '.join(missed) or result.events[-1]['text']}"]
