"""`make bench`: measures the real server beside yardsticks that run in turn with it, and prints the ratios.

Rule: ratios within one run, not figures of one day; every slice is verified, and one that does not add up
makes the run fail, whatever its speed. Goals and floors that are not met are printed, and fail the run only
with --strict.
Read next: rounds.py (calls), bulk.py (import and export), startup.py; profile_server.py for where time goes.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import bulk
import machine
import peers
import report
import rounds
import startup
from arena import METHODS, open_arena
from generator import GeneratorFailed, NotVerified

from clientela_lab.servers.local_server import ServerDidNotStart


@dataclass
class Report:
    """What a run found: the checks with their goals, and tables of details."""

    checks: list[report.Check] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit code: 1 for a wrong count or, with --strict, a broken floor."""
    options = _parser().parse_args(arguments)
    disturbance = machine.Disturbance()
    found = Report()
    try:
        with tempfile.TemporaryDirectory(prefix="clientela-bench-") as folder:
            measure(options, Path(folder), found, _progress)
    except (NotVerified, GeneratorFailed, ServerDidNotStart) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    facts = {**machine.facts(), **disturbance.facts()}
    _print(found, facts)
    if options.json:
        _write_json(found, facts, options.json)
    broken = [check for check in found.checks if check.verdict == "below floor"]
    return 1 if options.strict and broken else 0


def measure(
    options: argparse.Namespace, folder: Path, found: Report, progress: Callable[[str], None]
) -> None:
    """Runs all parts and adds what they found; raises NotVerified where something does not add up."""
    _measure_calls(options, folder, found, progress)
    if options.only:
        return
    result = bulk.run_bulk(options.rows, folder, progress)
    found.checks += bulk.checks(result)
    found.tables.append(bulk.detail_rows(result))
    progress("start-up of the command line")
    found.checks += startup.checks(startup.time_startups(options.starts))


def _measure_calls(
    options: argparse.Namespace, folder: Path, found: Report, progress: Callable[[str], None]
) -> None:
    plan = rounds.Plan(options.rounds, options.seconds, options.warm_up)
    beside_peer = options.peers and peer_can_run(progress)
    with open_arena(options.customers, folder, progress, beside_peer=beside_peer) as everything:
        compared = {
            name: each
            for name, each in everything.items()
            if not options.only or name.split()[0] in options.only
        }
        results = rounds.run_rounds(compared, plan, folder, progress)
    found.checks += rounds.checks(results)
    found.tables.append(rounds.detail_rows(results))


def peer_can_run(progress: Callable[[str], None]) -> bool:
    """Returns whether the peer's packages are installed, and says so where they are not."""
    missing = peers.missing()
    if missing:
        names = ", ".join(missing)
        progress(f"the peer is left out: there is no {names} (make bench ARGS=--peers installs it)")
    return not missing


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures the server beside a bare echo server, in one run.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each slice is measured (default 5)")
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="about how long a slice takes (default 1.5)"
    )
    parser.add_argument(
        "--warm-up", type=int, default=200, help="requests before, for each in flight (default 200)"
    )
    parser.add_argument(
        "--customers", type=int, default=100_000, help="customers in the registry (default 100000)"
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="purchases to import (default 1000000)")
    parser.add_argument(
        "--starts", type=int, default=10, help="how often the command line is started (default 10)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=METHODS, help="measure these calls, and neither bulk nor start-up"
    )
    parser.add_argument("--peers", action="store_true", help="measure what a user would pick instead, too")
    parser.add_argument("--strict", action="store_true", help="fail where a floor is broken")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything to FILE")
    parser.add_argument(
        "--quick",
        action=_Quick,
        nargs=0,
        help="a few seconds that only show that it works; its figures mean nothing",
    )
    return parser


class _Quick(argparse.Action):
    """Sets everything to the least; options behind it change that."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object) -> None:
        vars(namespace).update(rounds=1, seconds=0.1, warm_up=20, customers=100, rows=2000, starts=1)


def _progress(message: str) -> None:
    print(f"... {message}", file=sys.stderr, flush=True)


def _print(found: Report, facts: dict[str, str]) -> None:
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print("64 in flight = 8 connections of 8 streams; the customer of each call is drawn from all of them\n")
    for table in found.tables:
        report.print_table(table, sys.stdout, numbers=range(1, len(table[0])))
        print()
    report.print_checks(found.checks, sys.stdout)


def _write_json(found: Report, facts: dict[str, str], file: Path) -> None:
    everything = {
        "machine": facts,
        "checks": [check.as_dict() for check in found.checks],
        "tables": found.tables,
    }
    file.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that the servers are ended too.
    sys.exit(main(sys.argv[1:]))
