"""Scales of drawings: round numbers above what is shown, and lines at round steps."""

from __future__ import annotations

import math

_STEPS = (1, 2, 2.5, 5, 10)
_LINES = 4


def step_of(largest: float) -> float:
    """Return a round step of which about four reach the largest value."""
    if largest <= 0:
        return 1.0
    rough = largest / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    return next(each * power for each in _STEPS if each * power >= rough * 0.999999)


def lines_of(largest: float) -> list[float]:
    """Return where lines are drawn, from 0 to the first that is not below the largest value."""
    step = step_of(largest)
    return [place * step for place in range(max(1, math.ceil(largest / step - 1e-9)) + 1)]


def short(value: float) -> str:
    """Return "12,500", "2.5", "1.2M": what stands beside a line."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.3g}M"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"
