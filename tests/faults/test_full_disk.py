"""Disks that are full at the start, and of the log; and a log that goes nowhere."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.faults import disks
from tests.rpc.making import new_customer, read_customer
from tests.rpc.processes import FREE_PORTS, WITHIN_S, Process, command, private, serving
from tests.rpc.waiting import wait_for

pytestmark = pytest.mark.sqlite


@disks.needed
def test_a_first_start_on_a_full_disk_is_reported_in_one_line(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "data", size_kib=64):
        done = subprocess.run(
            command(*FREE_PORTS, "--database", str(tmp_path / "data" / "ledger.db")),
            env=private(tmp_path),
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "make room" in done.stderr


@disks.needed
def test_a_log_on_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "logs", size_kib=4) as folder, (folder / "log").open("wb", 0) as log:
        log.write(bytes(4096))
        with serving(tmp_path, stderr=log.fileno()) as process:
            takes_calls(process)
            assert process.stop(signal.SIGTERM) == 0


@disks.needed
def test_an_output_on_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "logs", size_kib=4) as folder, (folder / "log").open("wb", 0) as log:
        log.write(bytes(4096))
        runs_unseen(tmp_path, stdout=log.fileno())


@pytest.mark.parametrize("closed", [pytest.param(">&-", marks=pytest.mark.long), "<&- >&- 2>&-"])
def test_closed_standard_streams_stop_nobody(tmp_path: Path, closed: str) -> None:
    runs_unseen(tmp_path, "sh", "-c", f'exec "$@" {closed}', "sh")


def runs_unseen(folder: Path, *launcher: str, **how: object) -> None:
    """Start a server that can't say that it serves, make calls, and stop it."""
    given = (*FREE_PORTS, "--database", str(folder / "data" / "ledger.db"))
    pointers = folder / "state" / "clientela" / "servers"
    with subprocess.Popen([*launcher, *command(*given)], env=private(folder), **how) as popen:  # type: ignore[call-overload]
        try:
            [pointer] = wait_for(lambda: list(pointers.glob("127.0.0.1_*")))
            process = Process(popen, folder, f"grpc={pointer.name.replace('_', ':')}")
            takes_calls(process)
            assert process.stop(signal.SIGTERM) == 0
        finally:
            popen.kill()


def takes_calls(process: Process) -> None:
    with process.admin() as caller:
        for _ in range(20):
            customer = new_customer(caller)
            assert read_customer(caller, customer.name) == customer
