"""What is compared, at how many callers, and what must hold: a floor, and a goal that is hoped for.

Rule: all are ratios to what runs in turn in the same run; a registry of 100,000 customers, drawn in two ways.
Read next: rounds.py.
"""

from typing import NamedTuple

SPREADS = ("zipf", "uniform")


class Goal(NamedTuple):
    """What is hoped for, and what must hold."""

    goal: float | None = None
    floor: float | None = None


class Compared(NamedTuple):
    """A call's name, and the goals of its rate over that of something else, by callers in flight."""

    label: str
    goals: dict[int, Goal]


BESIDE_ECHO = {
    "get": Compared("GetCustomer", {1: Goal(0.85, 0.70), 8: Goal(0.75, 0.50), 64: Goal(0.80, 0.58)}),
    "standing": Compared("GetStanding", {64: Goal(0.75, 0.58)}),
    "list": Compared("ListPurchases of 50", {8: Goal(0.70, 0.40)}),
    "record": Compared(
        "RecordPurchase, durable", {1: Goal(0.50, 0.36), 8: Goal(0.45, 0.28), 64: Goal(0.55, 0.38)}
    ),
}
BESIDE_PEER = {
    "get": Compared("GetCustomer", {8: Goal(floor=4), 64: Goal(floor=5)}),
    "record": Compared("RecordPurchase, durable", {8: Goal(floor=5), 64: Goal(8, 7)}),
}
IDLE_WEB = {1: Goal(1.0, 0.97), 8: Goal(1.0, 0.97), 64: Goal(1.0, 0.97)}
TAIL = Goal(2.5, 5.0)  # at 64 callers, over the tail of the echo
IMPORT = Goal(0.35, 0.20)
IMPORT_AGAIN = Goal(2.0)
CUSTOMERS_IMPORT = Goal(1.0, 1.0)
