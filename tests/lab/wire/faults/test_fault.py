"""A fault's span of time and the delays of slow lines, by a clock of the test's own: exact, at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.faults.fault import Fault
from clientela_lab.wire.faults.rule import Piece
from clientela_lab.wire.faults.rules import Rules


class SetClock:
    """Seconds that stand still until they are set."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def in_force(text: str, clock: SetClock) -> Fault:
    rule = Rules(text, clock=clock).now[0]
    assert isinstance(rule, Fault)
    return rule


def piece(size: int, notes: dict[object, object]) -> Piece:
    frame = Frame("DATA", (), 1, bytes(size), from_client=True)
    return Piece([frame], upwards=True, conn=1, call=None, begins=False, notes=notes)


@pytest.mark.parametrize(
    ("age_s", "due"), [(0.0, False), (59.999, False), (60.0, True), (119.999, True), (120.0, False)]
)
def test_a_rule_acts_from_the_begin_of_its_span_to_just_before_its_end(age_s: float, due: bool) -> None:
    clock = SetClock()
    rule = in_force("black-hole from 1min until 2min", clock)
    clock.now_s += age_s
    assert rule.is_due() == due
    assert rule.age() == pytest.approx(age_s)


def test_what_a_black_hole_with_an_end_takes_arrives_at_its_end() -> None:
    clock = SetClock()
    rule = in_force("black-hole until 10s", clock)
    for age_s in (0.0, 4.0, 9.5):
        clock.now_s = 1000.0 + age_s
        assert rule.decide(piece(9, {})).hold_s == pytest.approx(10.0 - age_s)
    clock.now_s = 1010.0
    assert rule.decide(piece(9, {})).hold_s == 0.0


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 3)), min_size=1, max_size=8))
def test_a_slow_line_carries_no_more_bits_than_it_may(sent: list[tuple[int, float]]) -> None:
    clock, notes = SetClock(), {}
    rule, free_at = in_force("throttle 8kbit", clock), 0.0
    for size, pause_s in sent:
        clock.now_s += pause_s
        free_at = max(free_at, clock.now_s) + size * 8 / 8000
        assert clock.now_s + rule.decide(piece(size, notes)).hold_s == pytest.approx(free_at)
