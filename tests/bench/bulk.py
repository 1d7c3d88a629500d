"""Import, import again and export of a generated ledger, by the real command line into the real server.

Rules: every count is verified by reading the ledger back; memory of both sides is watched while it grows.
Read next: raw_inserts.py, memory.py.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from calls import NotVerified, Truth
from memory import FLAT_WITHIN_MIB, MemoryWatch
from raw_inserts import raw_rows_per_s
from report import Check

from clientela_lab.servers.local_server import LocalServer

IMPORT_WITHIN_S = 900.0
ROWS_PER_CUSTOMER = 10
PROCESSES = ("server", "client")


@dataclass(frozen=True)
class BulkResult:
    """What importing and exporting one file took. Rates are rows a second."""

    rows: int
    import_rate: float
    replay_rate: float
    export_rate: float
    raw_rate: float
    memory: MemoryWatch


def write_rows(file: Path, rows: int, customers: int) -> None:
    """Writes a CSV of purchases over two years: the same for the same numbers, customers in no order."""
    first_day = date(2023, 1, 1)
    days = [(first_day + timedelta(days=number)).isoformat() for number in range(730)]
    with file.open("w", encoding="ascii") as out:
        out.write("customer_id,date,amount\n")
        for row in range(rows):
            # Steps prime to the number of customers visit all of them, in an order that looks like none.
            customer = row * 7_368_787 % customers
            out.write(f"c{customer:07d},{days[row * 389 % 730]},{row * 37 % 20_000 / 100:.2f}\n")


def import_file(server: LocalServer, file: Path) -> subprocess.Popen[str]:
    """Starts `clientela purchases import FILE` against the server and returns the process."""
    command = [sys.executable, "-m", "clientela_client", "--server", server.address]
    command += ["purchases", "import", str(file), "--currency", "EUR"]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=server.env,
    )


def finish_import(process: subprocess.Popen[str]) -> str:
    """Waits for an import and returns what it printed; raises NotVerified if it says that it failed."""
    try:
        said, _ = process.communicate(timeout=IMPORT_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise NotVerified(f"the import took more than {IMPORT_WITHIN_S:.0f} s") from None
    if process.returncode != 0:
        raise NotVerified(f"the import ended with exit code {process.returncode}:\n{said.strip()}")
    return said


def seed_customers(server: LocalServer, customers: int, folder: Path) -> None:
    """Registers that many customers by importing one purchase of each."""
    file = folder / "customers.csv"
    write_rows(file, customers, customers)
    finish_import(import_file(server, file))


def run_bulk(rows: int, folder: Path, progress: Callable[[str], None]) -> BulkResult:
    """Imports `rows` purchases twice and exports them, on a server and a ledger of their own."""
    file, place = folder / "purchases.csv", folder / "bulk"
    place.mkdir()
    write_rows(file, rows, max(1, rows // ROWS_PER_CUSTOMER))
    with (
        LocalServer("--calls-per-second", "0", folder=place) as server,
        Truth(server.address, server.token) as truth,
    ):
        progress(f"import of {rows:,} rows")
        import_s, watch = _timed_import(server, file)
        exported_s = _verify_export(truth, rows, progress)
        progress(f"import of the same {rows:,} rows again")
        replay_s, _ = _timed_import(server, file)
        if truth.export()[0] != rows:
            raise NotVerified("importing the same file again changed the number of purchases")
    progress("the same rows by a raw executemany")
    raw_rate = raw_rows_per_s(server.database, folder / "raw.db")
    return BulkResult(rows, rows / import_s, rows / replay_s, rows / exported_s, raw_rate, watch)


def checks(result: BulkResult) -> list[Check]:
    """Returns the ratios and the growth of memory, with their goals."""
    found = [
        _check("import rows/s / raw executemany", result.import_rate / result.raw_rate, 0.35, 0.25),
        _check("import again / first import", result.replay_rate / result.import_rate, 2.0),
    ]
    for process in PROCESSES:
        growth = result.memory.growth_mib(process)
        name = f"memory growth of the {process}, import"
        found.append(
            Check(name, growth, growth, growth, FLAT_WITHIN_MIB, FLAT_WITHIN_MIB, unit="MiB", better="less")
        )
    return found


def detail_rows(result: BulkResult) -> list[list[str]]:
    """Returns the table of rates and peaks, with a header row."""
    return [
        ["bulk", f"{result.rows:,} rows"],
        ["import by the command line", f"{result.import_rate:,.0f} rows/s"],
        ["import of the same file again (0 new)", f"{result.replay_rate:,.0f} rows/s"],
        ["raw executemany of the same rows", f"{result.raw_rate:,.0f} rows/s"],
        ["export in pages", f"{result.export_rate:,.0f} rows/s"],
        *([f"peak memory, {name}", f"{result.memory.peak_mib(name):.0f} MiB"] for name in PROCESSES),
    ]


def _timed_import(server: LocalServer, file: Path) -> tuple[float, MemoryWatch]:
    started = time.perf_counter()
    process = import_file(server, file)
    with MemoryWatch({"server": server.pid, "client": process.pid}) as watch:
        finish_import(process)
    return time.perf_counter() - started, watch


def _verify_export(truth: Truth, rows: int, progress: Callable[[str], None]) -> float:
    progress(f"export of {rows:,} rows")
    started = time.perf_counter()
    exported, _ = truth.export()
    if exported != rows:
        raise NotVerified(f"{rows} rows were imported and {exported} are in the ledger")
    return time.perf_counter() - started


def _check(name: str, ratio: float, goal: float, floor: float | None = None) -> Check:
    return Check(name, ratio, ratio, ratio, goal, floor)
