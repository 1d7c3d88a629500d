"""Import, import again and export of generated files, by the real command line into the real server.

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

import apsw
import grpc
from generator import NotVerified
from goals import CUSTOMERS_IMPORT, IMPORT, IMPORT_AGAIN, Goal
from memory import FLAT_WITHIN_MIB, MemoryWatch
from raw_inserts import raw_rows_per_s
from report import Check

from clientela.v1 import purchases_pb2, purchases_pb2_grpc
from clientela_lab.servers.local_server import LocalServer

IMPORT_WITHIN_S = 900.0
EXPORT_WITHIN_S = 600.0
ROWS_PER_CUSTOMER = 10
PROCESSES = ("server", "client")


@dataclass(frozen=True)
class BulkResult:
    """What importing and exporting took. Rates are rows a second."""

    rows: int
    customers: int
    customers_rate: float
    import_rate: float
    replay_rate: float
    export_rate: float
    raw_rate: float
    memory: MemoryWatch


def write_purchases(file: Path, *groups: tuple[int, int, str]) -> None:
    """Writes a CSV of purchases over two years: the same for the same numbers, customers in no order.

    groups: (rows, customers, the letter their ids begin with).
    """
    first_day = date(2023, 1, 1)
    days = [(first_day + timedelta(days=number)).isoformat() for number in range(730)]
    with file.open("w", encoding="ascii") as out:
        out.write("customer_id,date,amount\n")
        for rows, customers, letter in groups:
            for row in range(rows):
                # Steps prime to the number of customers visit all of them, in an order that looks like none.
                customer = f"{letter}{row * 7_368_787 % customers:07d}"
                out.write(f"{customer},{days[row * 389 % 730]},{row * 37 % 20_000 / 100:.2f}\n")


def write_customers(file: Path, rows: int) -> None:
    """Writes a CSV of customers whom no file of purchases names."""
    with file.open("w", encoding="ascii") as out:
        out.write("customer_id,display_name,given_name,emails,phones,language_code,channel\n")
        for row in range(rows):
            name = f"k{row:07d}"
            out.write(f"{name},Reader {name},Reader,{name}@example.com,+48221234567,en,organic\n")


def import_file(server: LocalServer, noun: str, file: Path) -> subprocess.Popen[str]:
    """Starts `clientela NOUN import FILE` against the server and returns the process."""
    command = [sys.executable, "-m", "clientela_client", "--server", server.address]
    command += [noun, "import", str(file), *(["--currency", "EUR"] if noun == "purchases" else [])]
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


def run_bulk(rows: int, folder: Path, progress: Callable[[str], None]) -> BulkResult:
    """Imports `rows` purchases twice and exports them, then customers, into a ledger of its own."""
    file, place, customers = folder / "purchases.csv", folder / "bulk", max(1, rows // ROWS_PER_CUSTOMER)
    place.mkdir()
    write_purchases(file, (rows, customers, "c"))
    with LocalServer("--calls-per-second", "0", folder=place) as server:
        progress(f"import of {rows:,} purchases")
        import_s, watch = _timed_import(server, "purchases", file)
        _verify("purchases", server, rows)
        progress(f"export of {rows:,} purchases")
        export_s = _timed_export(server, rows)
        progress(f"import of the same {rows:,} purchases again")
        replay_s, _ = _timed_import(server, "purchases", file)
        _verify("purchases", server, rows)
        progress(f"import of {customers:,} customers")
        write_customers(file, customers)
        customers_s, _ = _timed_import(server, "customers", file)
        _verify("customers", server, 2 * customers)
    progress("the same purchases by a raw executemany")
    raw_rate = raw_rows_per_s(server.file, folder / "raw.db")
    return BulkResult(
        rows,
        customers,
        customers / customers_s,
        rows / import_s,
        rows / replay_s,
        rows / export_s,
        raw_rate,
        watch,
    )


def checks(result: BulkResult) -> list[Check]:
    """Returns the ratios and the growth of memory, with their goals."""
    found = [
        _check("import rows/s / raw executemany", result.import_rate / result.raw_rate, IMPORT),
        _check("import again / first import", result.replay_rate / result.import_rate, IMPORT_AGAIN),
        _check(
            "customers import / purchases import, rows/s",
            result.customers_rate / result.import_rate,
            CUSTOMERS_IMPORT,
        ),
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
        ["bulk", f"{result.rows:,} purchases"],
        ["import by the command line", f"{result.import_rate:,.0f} rows/s"],
        ["import of the same file again (0 new)", f"{result.replay_rate:,.0f} rows/s"],
        [f"import of {result.customers:,} customers", f"{result.customers_rate:,.0f} rows/s"],
        ["raw executemany of the same rows", f"{result.raw_rate:,.0f} rows/s"],
        ["export in pages", f"{result.export_rate:,.0f} rows/s"],
        *([f"peak memory, {name}", f"{result.memory.peak_mib(name):.0f} MiB"] for name in PROCESSES),
    ]


def _timed_import(server: LocalServer, noun: str, file: Path) -> tuple[float, MemoryWatch]:
    started = time.perf_counter()
    process = import_file(server, noun, file)
    with MemoryWatch({"server": server.pid, "client": process.pid}) as watch:
        finish_import(process)
    return time.perf_counter() - started, watch


def _timed_export(server: LocalServer, rows: int) -> float:
    started = time.perf_counter()
    with grpc.insecure_channel(server.address) as channel:
        pages = purchases_pb2_grpc.PurchaseServiceStub(channel).ExportPurchases(
            purchases_pb2.ExportPurchasesRequest(parent="customers/-"),
            metadata=(("authorization", f"Bearer {server.token}"),),
            timeout=EXPORT_WITHIN_S,
        )
        exported = sum(len(page.purchases) for page in pages)
    if exported != rows:
        raise NotVerified(f"{rows} purchases were imported, and {exported} exported")
    return time.perf_counter() - started


def _verify(table: str, server: LocalServer, expected: int) -> None:
    """Raises NotVerified unless the database's file holds so many rows."""
    connection = apsw.Connection(str(server.file), flags=apsw.SQLITE_OPEN_READONLY)
    [(found,)] = connection.execute(f"SELECT count(*) FROM {table}")
    connection.close()
    if found != expected:
        raise NotVerified(f"{expected} {table} should be in the file, and {found} are")


def _check(name: str, ratio: float, goal: Goal) -> Check:
    return Check(name, ratio, ratio, ratio, goal.goal, goal.floor)
