"""A scenario run over and over, with what protects and without, one at a time: right, and red.

A run that breaks off is neither: it says nothing of what was predicted, and counts as wrong in both.
Read next: running.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clientela_lab.running import Result, play
from clientela_lab.scenario import Found


@dataclass(frozen=True)
class Trial:
    """What came of all runs of one scenario, on a line."""

    right: bool
    line: str


def trial(found: Found, seeds: Iterable[int]) -> Trial:
    """Run a scenario with each seed, with all that protects, and without each of it."""
    wrong: list[str] = []
    slowest = 0.0
    runs = 0
    for seed in seeds:
        for without in (None, *found.scenario.protections):
            result = play(found, without=without, seed=seed)
            runs, slowest = runs + 1, max(slowest, result.seconds)
            wrong += _wrong(result, without, seed)
    verdict = "; ".join(wrong) or "on: as wanted, off: red"
    return Trial(not wrong, f"{found.name:<24}{verdict}  ({runs} runs, at most {slowest:.1f} s)")


def _wrong(result: Result, without: str | None, seed: int) -> list[str]:
    side = f"without {without}" if without else "on"
    if result.error:
        return [f"{side}, seed {seed}: {type(result.error).__name__}: {result.error}"]
    if result.kept == (without is None):
        return []
    missed = [event["what"] for event in result.events if event["event"] == "check" and not event["right"]]
    return [f"{side}, seed {seed}: NOT as wanted: {', '.join(missed) or result.events[-1]['text']}"]
