"""What a measurement comes to: medians of the rounds, ratios within a round, bounds."""

from dataclasses import replace
from math import inf

import pytest

from clientela_lab.scale.figures import (
    APART,
    CALLERS,
    OTHERS,
    POSTGRES,
    READS_1,
    READS_2,
    SERVERS,
    WRITES_1,
    WRITES_2,
    Figures,
    Slice,
)
from clientela_lab.scale.turns import DISK, IDLE, RULES, STATEMENTS, WAITS

HALF = {WAITS: 0.3, RULES: 0.2, STATEMENTS: 0.1, DISK: 0.2, IDLE: 0.2}


def measured(setting: str, calls: int, *, servers: int = 1, others: float = 0.0) -> Slice:
    """One slice of a second: of a call 300 us are the servers', 100 PostgreSQL's, 100 the callers'."""
    shares = {SERVERS: 3e-4, POSTGRES: 1e-4, CALLERS: 1e-4}
    cpu_s = {part: calls * each for part, each in shares.items()} | {OTHERS: others}
    return Slice(
        setting, calls=calls, seconds=1.0, batches=calls // 10, servers=servers, cpu_s=cpu_s, turns=HALF
    )


def rounds() -> list[Slice]:
    """Return three rounds: the machine is fast, slow and middling, the ratios 2.0, 1.5 and 1.0."""
    slices = []
    for speed, ratio in ((4000, 2.0), (1000, 1.5), (2000, 1.0)):
        slices += [
            measured(READS_1, speed),
            measured(READS_2, round(speed * ratio), servers=2),
            measured(WRITES_1, speed),
            measured(WRITES_2, round(speed * ratio / 2), servers=2),
            measured(APART, speed * 2, servers=2),
        ]
    return slices


def test_a_ratio_is_taken_within_each_round_before_the_median() -> None:
    figures = Figures(rounds())

    assert figures.ratio(READS_2, READS_1) == 1.5
    assert figures.ratio(WRITES_2, APART) == pytest.approx(0.375)


def test_the_bound_is_what_the_cores_can_do_where_nobody_else_takes_of_them() -> None:
    assert measured(READS_1, 1000).bound(2) == pytest.approx(4000)
    assert measured(READS_1, 1000, others=0.5).bound(2) == pytest.approx(4000)
    assert measured(READS_1, 1000, others=0.5).others == 0.5


def test_the_turn_is_held_for_what_is_neither_wait_nor_idleness() -> None:
    assert measured(WRITES_2, 1000, servers=2).turn_us == pytest.approx(1000)
    assert measured(WRITES_2, 1000, servers=2).turn_limit == pytest.approx(1000)
    assert measured(WRITES_1, 1000).batch == 10


def test_a_turn_that_was_never_seen_sets_no_limit() -> None:
    assert replace(measured(WRITES_1, 1000), turns=dict.fromkeys(HALF, 0.0)).turn_limit == inf


def test_all_of_it_is_said_with_its_figures() -> None:
    shown = Figures(rounds(), cores=2).shown()

    assert (
        "2 servers / 1, reads: 1.50 (goal 1.80 where cores allow); the bound of these cores is 2.00" in shown
    )
    assert "2 servers / 1, writes: 0.75" in shown
    assert "in turns write 0.38 of what 2 apart do; a committer waits 30% of its time" in shown
    assert "one ledger whose turn is never free: 1,000 writes/s" in shown
    assert {len(line) for line in shown.splitlines()[:6]} == {len(shown.splitlines()[0])}
