"""Says where the server's time goes for one kind of call, in microseconds a call: by part and by function.

`python tests/bench/profile_server.py get` (or standing, list, record, "get echo", ..., import) starts the
servers as the benchmark does and keeps that call going, for customers drawn from all. Needs yappi (functions;
`pip install yappi`); perf (libraries and the kernel) is used where it is installed.
Rule: the rate is measured before a profiler is at work, since each slows what it looks at.
Read next: profiles.py, arena.py.
"""

import argparse
import importlib.util
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bulk
import profiles
from arena import METHODS, Contender, measure, open_arena
from generator import Slice
from profiles import Function

from clientela_lab.servers.local_server import LocalServer

US = 1_000_000
MEASURED = {name: f"{name} uniform" for name in METHODS} | {
    f"{name} echo": f"{name} echo" for name in METHODS
}


def main(arguments: list[str]) -> int:
    """Profiles one kind of call and prints the tables; returns 1 if there is no profiler."""
    options = _parser().parse_args(arguments)
    if importlib.util.find_spec("yappi") is None:
        print("yappi is not installed: pip install yappi", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="clientela-profile-") as name:
        folder = Path(name)
        profiles.prepare(folder)
        if options.call == "import":
            profile_import(options, folder)
        else:
            with open_arena(options.customers, folder, _progress) as arena:
                profile_call(arena[MEASURED[options.call]], options, folder)
    return 0


def profile_call(contender: Contender, options: argparse.Namespace, folder: Path) -> None:
    """Measures the call, then looks at it by perf, then by yappi, and prints what they saw."""
    pid, in_flight = contender.server.pid, options.in_flight
    warm = measure(contender, in_flight, 200 * min(in_flight, 8), folder)
    plain = measure(contender, in_flight, int(warm.rate * options.seconds), folder)
    print(f"{options.call}, {in_flight} in flight: {plain.rate:,.0f} req/s, ", end="")
    print(f"p50 {plain.p50_ms:.2f} ms, server CPU {plain.server_cpu_us:.1f} us a call")
    if shutil.which("perf"):
        with kept_busy(contender, plain, options, folder):
            parts = profiles.by_part(pid, options.seconds, folder)
        print_parts(parts, plain)
    calls = max(in_flight, int(plain.rate * options.seconds / 2))
    functions = profiles.by_function(pid, lambda: measure(contender, in_flight, calls, folder), folder)
    print_functions(functions, calls, options.top)


def profile_import(options: argparse.Namespace, folder: Path) -> None:
    """Looks at the server by yappi while the command line imports; a "call" is then one row."""
    file = folder / "rows.csv"
    bulk.write_purchases(file, (options.rows, max(1, options.rows // bulk.ROWS_PER_CUSTOMER), "c"))
    with LocalServer("--calls-per-second", "0") as server:
        functions = profiles.by_function(
            server.pid, lambda: bulk.finish_import(bulk.import_file(server, "purchases", file)), folder
        )
    print_functions(functions, options.rows, options.top)


@contextmanager
def kept_busy(
    contender: Contender, plain: Slice, options: argparse.Namespace, folder: Path
) -> Iterator[None]:
    """Keeps the call going for longer than the profiler looks."""
    unchecked = replace(contender, verify=lambda *_: None)
    requests = int(plain.rate * (options.seconds + 2))
    load = threading.Thread(target=lambda: measure(unchecked, options.in_flight, requests, folder))
    load.start()
    try:
        yield
    finally:
        load.join()


def print_parts(parts: list[tuple[str, float]], plain: Slice) -> None:
    """Prints the processor time of each part, as its share of what a call costs without a profiler."""
    print("\nprocessor time by part, us a call (perf; all threads and the kernel)")
    for part, share in parts:
        if share > 0.001:
            print(f"{share * plain.server_cpu_us:8.1f}  {share:6.1%}  {part}")


def print_functions(functions: list[Function], calls: int, top: int) -> None:
    """Prints the functions that take most, by all that they call and by themselves."""
    print(f"\nprocessor time by function, us a call (yappi, which adds to it; {calls:,} calls)")
    print("   total       own  times a call  thread          function")
    for one in sorted(functions, key=lambda one: -one.total_s)[:top]:
        print(_row(one, calls))
    print("\nthe same, by own time")
    for one in sorted(functions, key=lambda one: -one.own_s)[:top]:
        print(_row(one, calls))


def _row(one: Function, calls: int) -> str:
    times = [seconds * US / calls for seconds in (one.total_s, one.own_s)]
    place = one.name.rpartition("site-packages/")[2].rpartition("/server/")[2]
    return f"{times[0]:8.1f}  {times[1]:8.1f}  {one.calls / calls:12.2f}  {one.thread:14.14}  {place}"


def _progress(message: str) -> None:
    print(f"... {message}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Says where the server's time goes for one kind of call.")
    parser.add_argument("call", choices=(*MEASURED, "import"))
    parser.add_argument("--in-flight", type=int, default=64, help="calls open at once (default 64)")
    parser.add_argument("--seconds", type=int, default=5, help="how long to look (default 5)")
    parser.add_argument("--customers", type=int, default=10_000, help="customers there are (default 10000)")
    parser.add_argument("--rows", type=int, default=20_000, help="rows to import (default 20000)")
    parser.add_argument("--top", type=int, default=40, help="rows of each table (default 40)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
