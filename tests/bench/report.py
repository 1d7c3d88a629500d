"""Prints what was measured: plain text, aligned, each figure beside its goal and its floor.

Rule: a figure below its goal or floor is said, never hidden; only a broken count (verification) makes a run
fail, or a broken floor where `--strict` asks for it.
"""

from dataclasses import asdict, dataclass
from typing import Literal, TextIO

Verdict = Literal["met", "below goal", "below floor", ""]


@dataclass(frozen=True)
class Check:
    """One figure with what was hoped for. better: which way is better; unit: "" for a ratio."""

    name: str
    value: float
    low: float
    high: float
    goal: float | None = None
    floor: float | None = None
    unit: str = ""
    better: Literal["more", "less"] = "more"

    @property
    def verdict(self) -> Verdict:
        """Says how the value stands to goal and floor; "" where there is neither."""
        sign = 1 if self.better == "more" else -1
        if self.floor is not None and self.value * sign < self.floor * sign:
            return "below floor"
        if self.goal is not None and self.value * sign < self.goal * sign:
            return "below goal"
        return "met" if self.goal is not None or self.floor is not None else ""

    def as_dict(self) -> dict[str, object]:
        """Returns all fields and the verdict, for JSON."""
        return {**asdict(self), "verdict": self.verdict}


def figure(value: float) -> str:
    """Writes a number with about three digits: 0.83, 12.3, 456, 21,188."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def print_checks(checks: list[Check], out: TextIO) -> None:
    """Prints one row for each check."""
    rows = [["check", "value", "min .. max", "goal", "floor", "verdict"]]
    rows += [_row(check) for check in checks]
    print_table(rows, out, numbers=range(1, 5))


def print_table(rows: list[list[str]], out: TextIO, numbers: range) -> None:
    """Prints the rows, the first being the header, in columns; `numbers` are the columns to align right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for index, row in enumerate(rows):
        cells = [
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip(), file=out)
        if index == 0:
            print("  ".join("-" * width for width in widths), file=out)


def _row(check: Check) -> list[str]:
    return [
        check.name,
        f"{figure(check.value)} {check.unit}".strip(),
        f"{figure(check.low)} .. {figure(check.high)}" if check.low != check.high else "",
        _bound(check.goal, check),
        _bound(check.floor, check),
        check.verdict,
    ]


def _bound(bound: float | None, check: Check) -> str:
    if bound is None:
        return ""
    return f"{'>=' if check.better == 'more' else '<='} {figure(bound)}"
