"""The command line of `make scale`: one of two servers is killed; with --throughput, both are measured.

Read next: killed.py, throughput.py.
"""

import argparse
import sys

from clientela_lab.patience import HANG_S
from clientela_lab.scale.killed import run as run_killed
from clientela_lab.scale.throughput import Plan
from clientela_lab.scale.throughput import run as run_throughput


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < HANG_S:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0 and below {HANG_S:g}")
    return seconds


def main() -> int:
    """Run it from the command line; 0 where every prediction was met."""
    parser = argparse.ArgumentParser(prog="scale", description="Two servers on one PostgreSQL.")
    parser.add_argument("--calls", type=_count, default=2000, help="before the kill, and after (%(default)s)")
    parser.add_argument("--throughput", action="store_true", help="measure one and two servers instead")
    parser.add_argument("--rounds", type=_count, default=Plan.rounds, help="of the measurement (%(default)s)")
    parser.add_argument(
        "--seconds", type=_seconds, default=Plan.seconds, help="for each figure of a round (%(default)s)"
    )
    parser.add_argument("--callers", type=_count, default=Plan.callers, help="calls in flight (%(default)s)")
    asked = parser.parse_args()
    if asked.throughput:
        plan = Plan(rounds=asked.rounds, seconds=asked.seconds, callers=asked.callers)
        return 0 if run_throughput(plan) else 1
    return 0 if run_killed(asked.calls) else 1


if __name__ == "__main__":
    sys.exit(main())
