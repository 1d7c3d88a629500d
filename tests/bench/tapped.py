"""`make bench-tap`: what a tap costs: the same calls to a server, directly and through `clientela lab watch`.

Rule: both in turn, in one run, every answer counted. The call is a health check, the cheapest that a server
answers: beside it the tap shows most. Everything is on: decoding, recording to a file, a line for each event.
Read next: generator.py.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import machine
from generator import PREFIX_BYTES, Calls, GeneratorFailed, NotVerified, Slice, run_slice

from clientela_lab.servers.local_server import LocalServer

SERVING = b"\x08\x01"  # `status: SERVING`
CHECK = Calls("/grpc.health.v1.Health/Check", [b""], [SERVING])
ANSWER_BYTES = PREFIX_BYTES + len(SERVING)
COST_MS_MAX = 1.0
RATE_LEAST = 2000


@dataclass
class Way:
    """One way to the server: where it begins, and whose processor time is counted."""

    name: str
    address: str
    pid: int
    slices: dict[str, list[Slice]] = field(default_factory=dict)

    def median(self, kind: str, figure: str) -> float:
        """Return the median of a figure over the rounds."""
        return statistics.median(getattr(each, figure) for each in self.slices[kind])


@contextmanager
def proxied(server: LocalServer, folder: Path, arguments: list[str]) -> Iterator[Way]:
    """Runs `clientela lab watch` before a server; what it prints goes nowhere."""
    command = [sys.executable, "-m", "clientela_client", "lab", "watch", "--upstream", server.address]
    command += ["--record", str(folder / "recording.jsonl"), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tap:
        assert tap.stderr
        words = tap.stderr.readline().split()
        if words[:1] != ["listening"]:
            raise NotVerified(f"the tap does not run: {' '.join(words)}")
        try:
            yield Way("tapped", words[2].rstrip(","), tap.pid)
        finally:
            tap.send_signal(signal.SIGINT)
            print(tap.communicate(timeout=120)[1].partition("\n")[0])


def measure(ways: list[Way], rounds: int, calls: int, folder: Path) -> None:
    """Runs the slices of all rounds; raises NotVerified where an answer is missing or another."""
    kinds = {"one at a time": (1, 0), f"{RATE_LEAST}/s offered": (64, RATE_LEAST), "64 in flight": (64, 0)}
    for number in range(rounds):
        print(f"... round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        for kind, (in_flight, per_second) in kinds.items():
            for way in ways:
                one = run_slice(way.address, way.pid, CHECK, in_flight, calls, folder, per_second=per_second)
                if one.data_bytes != calls * ANSWER_BYTES:
                    raise NotVerified(f"{way.name}: {calls} answers hold {one.data_bytes} bytes")
                way.slices.setdefault(kind, []).append(one)


def report(direct: Way, tap: Way) -> bool:
    """Prints the figures; returns whether the tap is as cheap and as fast as it is to be."""
    print(f"\n{'':18} {'way':8} {'p50 ms':>8} {'p99 ms':>8} {'calls/s':>9} {'CPU µs/call':>12}")
    for kind in direct.slices:
        for way in (direct, tap):
            latencies = f"{way.median(kind, 'p50_ms'):8.3f} {way.median(kind, 'p99_ms'):8.3f}"
            others = f"{way.median(kind, 'rate'):9.0f} {way.median(kind, 'server_cpu_us'):12.0f}"
            print(f"{kind:18} {way.name:8} {latencies} {others}")
    alone, offered = list(direct.slices)[:2]
    cost = tap.median(alone, "p50_ms") - direct.median(alone, "p50_ms")
    share = tap.median(offered, "rate") / min(RATE_LEAST, direct.median(offered, "rate"))
    print(f"\na call costs {cost:.3f} ms more at p50 (goal: under {COST_MS_MAX:g} ms)")
    print(f"of {RATE_LEAST} calls/s, or of what comes through directly, {share:.0%} come through (goal: 95%)")
    return cost < COST_MS_MAX and share > 0.95


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit code: 1 for a wrong count or, with --strict, a goal not met."""
    parser = argparse.ArgumentParser(description="Measures calls directly and through a tap, in one run.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each slice is run (%(default)s)")
    parser.add_argument("--calls", type=int, default=6000, help="in each slice (%(default)s)")
    parser.add_argument("--fault", help="what goes wrong meanwhile: a rule makes frames before bytes go on")
    parser.add_argument("--strict", action="store_true", help="fail where a goal is not met")
    options = parser.parse_args(arguments)
    faults = ["--fault", options.fault] if options.fault else []
    disturbance = machine.Disturbance()
    try:
        with tempfile.TemporaryDirectory(prefix="clientela-bench-") as name:
            folder = Path(name)
            with LocalServer("--calls-per-second", "0") as server, proxied(server, folder, faults) as tap:
                direct = Way("direct", server.address, server.pid)
                measure([direct, tap], options.rounds, options.calls, folder)
                met = report(direct, tap)
    except (NotVerified, GeneratorFailed) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    facts = {**machine.facts(), **disturbance.facts()}
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    return 1 if options.strict and not met else 0


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    sys.exit(main(sys.argv[1:]))
