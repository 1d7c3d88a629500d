"""Connections do not use up the files that a process may open; where there are no more, calls are refused."""

import errno
import itertools
import re
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2, standing_pb2
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_server import descriptors
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.error_map import status_of
from clientela_server.store.database.connection import StoreMoved, StoreShort
from tests.attacks.wire import PREFACE
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, read_customer
from tests.rpc.processes import Process, serving
from tests.rpc.refusals import refusal

Code = grpc.StatusCode
FEW_FILES = "tests.security.few_files"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say how many files the next server may open, soft and hard."""
    return lambda words: monkeypatch.setenv("CLIENTELA_TEST_FILES", words)


def knock(stack: ExitStack, process: Process, connections: int) -> None:
    """Have strangers connect to both ports; those who are let in say hello and no more."""
    web = urlsplit(process.facts["web"]).netloc
    for place, hello in ((process.address, PREFACE), (web, b"")):
        host, _, port = place.rpartition(":")
        for _ in range(connections):
            wire = stack.enter_context(socket.create_connection((host, int(port)), 30))
            try:
                wire.sendall(hello)
            except OSError:
                continue  # closed at once, for there are too many


def served_wholly(caller: Caller) -> None:
    """Ask for what takes files: texts in four languages, a snapshot, numpy."""
    name = new_customer(caller).name
    new_purchase(caller, name)
    assert read_customer(caller, name).name == name
    for language in ("en", "pl", "ru", "lt"):
        missing = cpb.GetCustomerRequest(name=f"customers/{fresh()}")
        refused = refusal(caller.customers.GetCustomer, missing, metadata=(("accept-language", language),))
        assert (refused.reason, (refused.localized or ("",))[0]) == ("CUSTOMER_NOT_FOUND", language)
        told = standing_pb2.GetStandingRequest(name=name)
        assert caller.standing.GetStanding(told, metadata=(("accept-language", language),)).customer == name
    assert len(list(caller.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent=name)))) >= 1
    assert (
        caller.economics.GetRfm(
            economics_pb2.GetRfmRequest(currency_code="EUR"), timeout=HANG_S
        ).customer_count
        >= 1
    )


def test_strangers_connections_leave_those_inside_what_they_need(tmp_path: Path, files: Any) -> None:
    files("200:200")
    with serving(tmp_path, "--web", "127.0.0.1:0", module=FEW_FILES) as process:
        with process.admin() as caller, ExitStack() as strangers:
            name = new_customer(caller).name
            knock(strangers, process, 300)
            assert read_customer(caller, name).name == name
            served_wholly(caller)
            open_now = len(list(Path(f"/proc/{process.popen.pid}/fd").iterdir()))
            assert open_now < 200
        with process.admin() as caller:  # and afterwards who comes anew is let in
            served_wholly(caller)
        assert [line for line in process.log_lines() if line["level"] == "error"] == []


def test_where_files_run_out_calls_are_refused_with_the_reason_and_it_passes(tmp_path: Path) -> None:
    with serving(tmp_path) as process, process.admin() as caller:
        name = new_customer(caller).name
        new_purchase(caller, name)
        with no_more_files(process.popen.pid):
            for refused in (
                refusal(caller.purchases.ExportPurchases, ppb.ExportPurchasesRequest(parent=name)),
                refusal(caller.economics.GetRfm, economics_pb2.GetRfmRequest(currency_code="EUR")),
            ):
                assert (refused.code, refused.reason) == (Code.RESOURCE_EXHAUSTED, "SERVER_SHORT")
                assert refused.retry_after_s == 1
                assert not re.search(r"/|Errno|Traceback", refused.message)
            assert read_customer(caller, name).name == name
            new_purchase(caller, name)
        served_wholly(caller)


@contextmanager
def no_more_files(pid: int) -> Iterator[None]:
    """Let a process open no file more than it has open now."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    taken = {int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()}
    first_free = next(number for number in itertools.count() if number not in taken)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (first_free, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EMFILE, "Too many open files", "/home/ann/ledger.db"),
        OSError(errno.ENFILE, "Too many open files in system", "/home/ann/en.toml"),
        OSError(errno.ENOMEM, "Cannot allocate memory", "/home/ann"),
        MemoryError("/home/ann"),
        StoreShort("unable to open database file /home/ann"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_ran_out_is_reported_without_a_path(error: Exception) -> None:
    status = status_of(error, a_call())
    assert status.code == code_pb2.RESOURCE_EXHAUSTED
    assert said(status, "SERVER_SHORT")
    assert b"/home/ann" not in status.SerializeToString()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.EACCES, "Permission denied", "/home/ann/ledger.db"), code_pb2.INTERNAL),
        (FileNotFoundError(errno.ENOENT, "No such file", "/home/ann/x"), code_pb2.INTERNAL),
        (ImportError("cannot load /home/ann/numpy.so"), code_pb2.INTERNAL),
        (StoreMoved("the ledger was moved: /home/ann/ledger.db"), code_pb2.UNAVAILABLE),
    ],
)
def test_no_error_tells_a_path(error: Exception, code: int) -> None:
    status = status_of(error, a_call())
    assert status.code == code
    assert b"/home/ann" not in status.SerializeToString()


def a_call() -> CallContext:
    return CallContext("call-1", None, languages="pl")  # type: ignore[arg-type]


def said(status: Status, reason: str) -> bool:
    return reason in status.SerializeToString().decode("utf-8", "replace")


def test_a_server_raises_its_limit_to_what_the_system_allows(tmp_path: Path, files: Any) -> None:
    files("128:4096")
    with serving(tmp_path, module=FEW_FILES) as process:
        limits = Path(f"/proc/{process.popen.pid}/limits").read_text()
    assert re.search(r"Max open files\s+4096\s+4096", limits)


@pytest.mark.parametrize("limit", [64, 128, 256, 1024, 4096, 65536])
def test_connections_never_take_all(limit: int) -> None:
    grpc_most, web_most = descriptors.shared(limit)
    assert grpc_most > web_most > 0
    assert grpc_most + web_most <= limit - min(512, limit // 2)
