"""Says where the server's time goes for one kind of call, in microseconds a call: by library and by function.

`python tests/bench/profile_server.py get` (or record, "get echo", "record echo", import) starts the servers
as the benchmark does and keeps that call going. Needs py-spy (functions) or perf (libraries, kernel), and the
right to trace a process; uses those of the two that are installed.
Rule: the rate is measured before a profiler is attached, since each slows what it looks at.
Read next: profiles.py, arena.py.
"""

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bulk
import profiles
from arena import Contender, measure, open_arena
from h2load import Slice
from profiles import Place, Stacks

from clientela_lab.local_server import LocalServer

OURS = "clientela_server/"


def main(arguments: list[str]) -> int:
    """Profiles one kind of call and prints the tables; returns 1 if there is no profiler."""
    options = _parser().parse_args(arguments)
    if not shutil.which("py-spy") and not shutil.which("perf"):
        print("neither py-spy nor perf is installed: try pip install py-spy", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="clientela-profile-") as name:
        folder = Path(name)
        if options.call == "import":
            profile_import(options, folder)
            return 0
        with open_arena(options.customers, folder, _progress) as arena:
            profile(arena[options.call], options, folder)
    return 0


def profile_import(options: argparse.Namespace, folder: Path) -> None:
    """Looks at the server by py-spy while the command line imports; a "call" is then one row."""
    file = folder / "rows.csv"
    bulk.write_rows(file, options.rows, max(1, options.rows // bulk.ROWS_PER_CUSTOMER))
    with LocalServer() as server:
        started = time.perf_counter()
        client = bulk.import_file(server, file)
        stacks = profiles.by_function(server.pid, options.seconds, folder, lines=options.lines)
        bulk.finish_import(client)
        rate = options.rows / (time.perf_counter() - started)
    print(f"import of {options.rows:,} rows under py-spy: {rate:,.0f} rows/s")
    print_functions(stacks, rate * options.seconds, options.top)


def profile(contender: Contender, options: argparse.Namespace, folder: Path) -> None:
    """Measures the call, then looks at it with each profiler that is there, and prints what they saw."""
    warm = measure(contender, options.in_flight, 200 * min(options.in_flight, 8), folder)
    plain = measure(contender, options.in_flight, int(warm.rate * options.seconds), folder)
    print(f"{options.call}, {options.in_flight} in flight: {plain.rate:,.0f} req/s, ", end="")
    print(f"p50 {plain.p50_ms:.2f} ms, server CPU {plain.server_cpu_us:.1f} us a call")
    pid = contender.server.pid
    if shutil.which("perf"):
        with kept_busy(contender, plain, options, folder):
            rows = profiles.by_library(pid, options.seconds, folder)
        print_libraries(rows, plain, options.top)
    if shutil.which("py-spy"):
        with kept_busy(contender, plain, options, folder) as slices:
            stacks = profiles.by_function(pid, options.seconds, folder, lines=options.lines)
        print_functions(stacks, slices[0].rate * options.seconds, options.top)


@contextmanager
def kept_busy(
    contender: Contender, plain: Slice, options: argparse.Namespace, folder: Path
) -> Iterator[list[Slice]]:
    """Keeps the call going for longer than the profiler looks; the list holds its figures at the end."""
    slices: list[Slice] = []
    unchecked = replace(contender, verify=lambda *_: None)
    requests = int(plain.rate * (options.seconds + 2))
    load = threading.Thread(
        target=lambda: slices.append(measure(unchecked, options.in_flight, requests, folder))
    )
    load.start()
    try:
        yield slices
    finally:
        load.join()


def print_libraries(rows: list[tuple[float, str, str]], plain: Slice, top: int) -> None:
    """Prints the processor time of each library, as its share of what a call costs without a profiler."""
    print("\nprocessor time by library, us a call (perf; all threads and the kernel)")
    for share, thread, library in rows[:top]:
        print(f"{share * plain.server_cpu_us:8.1f}  {share:6.1%}  {thread:14}  {library}")


def print_functions(stacks: Stacks, calls: float, top: int) -> None:
    """Prints the time of threads and functions, of which `calls` calls were answered while it was sampled."""
    us_per_sample = 1e6 / profiles.SAMPLES_PER_S / calls
    print(f"\ntime of threads, us a call (py-spy; {calls:,.0f} calls seen)")
    for thread, count in profiles.threads(stacks).most_common():
        print(f"{count * us_per_sample:8.1f}  {thread}")
    _print_places(
        "the server's functions, with all that they call", profiles.totals(stacks, OURS), us_per_sample, top
    )
    _print_places(
        "any function's own time, with the C code it calls", profiles.own(stacks), us_per_sample, top
    )


def _print_places(title: str, places: Counter[Place], us_per_sample: float, top: int) -> None:
    print(f"\n{title}, us a call")
    for place, count in places.most_common(top):
        print(f"{count * us_per_sample:8.1f}  {place.thread:22.22}  {place.frame}")


def _progress(message: str) -> None:
    print(f"... {message}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Says where the server's time goes for one kind of call.")
    parser.add_argument("call", choices=("get", "record", "get echo", "record echo", "import"))
    parser.add_argument("--in-flight", type=int, default=64, help="calls open at once (default 64)")
    parser.add_argument("--seconds", type=int, default=5, help="how long to look (default 5)")
    parser.add_argument("--customers", type=int, default=10_000, help="customers there are (default 10000)")
    parser.add_argument("--rows", type=int, default=100_000, help="rows to import (default 100000)")
    parser.add_argument("--top", type=int, default=40, help="rows of each table (default 40)")
    parser.add_argument("--lines", action="store_true", help="tell the lines of a function apart")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
