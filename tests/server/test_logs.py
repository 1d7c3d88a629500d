"""The log: JSON, one line a call, enough to find the call, and nothing of what was asked or answered."""

import io
import json
import os
import pty
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server import logs
from clientela_server.harmless import harmless
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, read_customer, to_create, to_import, to_record
from tests.rpc.processes import log_lines, serving
from tests.rpc.refusals import refusal
from tests.rpc.running import SMALL_WINDOW
from tests.rpc.waiting import wait_for


def lines_of(server: LocalServer, trace: str) -> list[dict[str, Any]]:
    """The lines of the calls that were made with a trace id."""
    path = Path(server.folder) / "server.log"
    return [line for line in log_lines(path) if line.get("x-request-id") == trace]


def traced(trace: str) -> dict[str, Any]:
    return {"metadata": (("x-request-id", trace),)}


def test_a_call_is_one_line_that_says_who_called_what_and_how_it_ended(
    clerk: Caller, server: LocalServer
) -> None:
    trace = fresh()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    trailers = clerk.customers.CreateCustomer.trailers(
        to_create(), metadata=(("x-request-id", trace), ("traceparent", parent))
    )

    [line] = wait_for(lambda: lines_of(server, trace))

    assert line.pop("ms") >= 0
    assert line.pop("timestamp")
    assert line == {
        "event": "call",
        "level": "info",
        "rpc": "CustomerService.CreateCustomer",
        "code": "OK",
        "caller": "clerk",
        "call_id": trailers["clientela-call-id"],
        "revision": int(trailers["clientela-revision"]),
        "x-request-id": trace,
        "traceparent": parent,
    }


def test_a_refused_call_is_one_line_with_its_reason(admin: Caller, server: LocalServer) -> None:
    trace = fresh()
    request = cpb.GetCustomerRequest(name=f"customers/{fresh()}")
    refused = refusal(admin.customers.GetCustomer, request, **traced(trace))

    [line] = wait_for(lambda: lines_of(server, trace))

    assert (line["code"], line["reason"], line["level"]) == ("NOT_FOUND", "CUSTOMER_NOT_FOUND", "info")
    assert line["call_id"] == refused.trailers["clientela-call-id"]


def test_a_call_without_a_token_is_a_line_without_a_caller(nobody: Caller, server: LocalServer) -> None:
    trace = fresh()
    refusal(nobody.customers.GetCustomer, cpb.GetCustomerRequest(name="customers/a"), **traced(trace))

    [line] = wait_for(lambda: lines_of(server, trace))

    assert line["code"] == "UNAUTHENTICATED"
    assert "caller" not in line


def test_a_watch_is_one_line_when_it_ends(admin: Caller, server: LocalServer) -> None:
    trace = fresh()
    watch = admin.feed.Watch(fpb.WatchRequest(), **traced(trace))
    next(watch)
    watch.cancel()

    [line] = wait_for(lambda: lines_of(server, trace))

    assert (line["rpc"], line["code"]) == ("FeedService.Watch", "CANCELLED")


def test_a_stream_is_one_line(admin: Caller, server: LocalServer) -> None:
    trace = fresh()
    ann = new_customer(admin).name
    messages = [ppb.ImportPurchasesRequest(items=[to_import(ann)]) for _ in range(3)]
    admin.purchases.ImportPurchases(iter(messages), **traced(trace))
    list(admin.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent=ann), **traced(trace)))

    lines = wait_for(lambda: found if len(found := lines_of(server, trace)) >= 2 else None)

    assert [line["rpc"].split(".")[1] for line in lines] == ["ImportPurchases", "ExportPurchases"]


def test_nothing_of_what_was_asked_or_answered_is_in_the_log_nor_any_token(
    admin: Caller, channel: grpc.Channel, server: LocalServer
) -> None:
    canary, trace = f"canary{fresh('')}", fresh()
    told = {
        "display_name": canary,
        "patron": canary,
        "emails": [f"{canary}@example.com"],
        "labels": {"x": canary},
    }
    ann = new_customer(admin, **told)
    bought = new_purchase(admin, ann.name, note=canary, lines=[ppb.PurchaseLine(description=canary)])
    admin.purchases.RefundPurchase(ppb.RefundPurchaseRequest(name=bought.name, reason=canary))
    admin.customers.ListCustomers(cpb.ListCustomersRequest(filter=f'patron = "{canary}"'))
    assert read_customer(admin, ann.name).patron == canary
    for refused in (
        (admin.customers.CreateCustomer, to_create(emails=[f"{canary}@"])),
        (admin.customers.CreateCustomer, to_create(emails=ann.emails)),
        (admin.customers.ListCustomers, cpb.ListCustomersRequest(filter=f"{canary} = 1")),
        (admin.purchases.RecordPurchase, to_record(ann.name, units=-1, note=canary)),
        (Caller(channel, f"clt_{canary}").customers.CreateCustomer, to_create(patron=canary)),
    ):
        refusal(*refused)
    read_last = cpb.GetCustomerRequest(name=ann.name)
    admin.customers.GetCustomer(read_last, **traced(trace))
    wait_for(lambda: lines_of(server, trace))

    log = server.log
    assert canary not in log
    assert str(admin.token) not in log
    assert ann.name not in log


@pytest.mark.parametrize("length", [100, 5000])
def test_a_long_trace_id_is_cut(admin: Caller, server: LocalServer, length: int) -> None:
    trace = fresh().ljust(length, "x")
    read_customer(admin, new_customer(admin).name)
    admin.customers.CreateCustomer(to_create(), **traced(trace))

    [line] = wait_for(lambda: lines_of(server, trace[:100]))

    assert line["code"] == "OK"


def test_a_reader_who_goes_away_in_the_middle_is_no_error(admin: Caller, server: LocalServer) -> None:
    trace = fresh()
    ann = new_customer(admin).name
    for _ in range(3):
        items = [to_import(ann, note=400 * "x") for _ in range(500)]
        admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
    with grpc.insecure_channel(server.address, SMALL_WINDOW) as channel:
        reader = Caller(channel, admin.token)
        export = reader.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent=ann), **traced(trace))
        next(export)
        export.cancel()

        [line] = wait_for(lambda: lines_of(server, trace))

    assert (line["code"], line["level"]) == ("CANCELLED", "info")


def test_on_a_terminal_a_fault_tells_no_token_and_no_data(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.extend(read_all(ours)))
    reader.start()
    with serving(tmp_path, module="tests.rpc.faulty_server", stderr=theirs) as faulty:
        os.close(theirs)
        with faulty.admin() as caller:
            refused = refusal(caller.customers.CreateCustomer, to_create(display_name="Canary Ann"))
        assert faulty.stop(signal.SIGTERM) == 0
    reader.join(HANG_S)

    log = b"".join(said).decode()
    assert refused.trailers["clientela-call-id"] in log
    assert "SecretFault" in log
    assert "Canary Ann" not in log
    assert str(caller.token) not in log


HARMFUL = ("\x1b[2J", "\x9b2J", "\u202e", "\u2066", "\x07", "\U000e0041")


def test_on_a_terminal_a_text_of_others_is_no_command_to_it() -> None:
    """What is logged passes `logs` first: keys, values, and the text of a fault."""
    try:
        raise ValueError("".join(HARMFUL))
    except ValueError as error:
        fault = error
    event = {"event": "said", "code": "OK", "caller": HARMFUL[0], HARMFUL[1]: list(HARMFUL), "count": 7}
    event["exc_info"] = (ValueError, fault, fault.__traceback__)

    cleaned = logs.escape_event(None, "info", event)
    said = str(logs.console()(None, "info", cleaned))

    assert "said" in said and "7" in said and "ValueError" in said
    for text in HARMFUL:
        assert text not in said


def test_a_value_that_cannot_be_encoded_costs_its_own_line_that_value_and_no_other_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stderr", written)
    lines = logs._Lines()
    events = [{"caller": "before"}, {"caller": "\udcff", "revision": 2**64, "\ud800": 1}, {"caller": "after"}]
    lines._waiting = [{"timestamp": 0, **event} for event in events]

    lines.flush()

    before, spoilt, after = map(json.loads, written.buffer.getvalue().splitlines())  # type: ignore[attr-defined]
    assert (before["caller"], after["caller"]) == ("before", "after")
    assert spoilt == {
        "timestamp": "1970-01-01T00:00:00Z",
        "caller": "unencodable str",
        "revision": "unencodable int",
        "unencodable str": 1,
    }


def test_what_commands_print_is_no_command_either() -> None:
    assert harmless("a\tb\nc") == "a\tb\nc"
    for text in HARMFUL:
        assert text not in harmless(f"a{text}b")
        assert harmless(f"a{text}b").startswith("a\\u")


def read_all(terminal: int) -> Iterator[bytes]:
    """Read what is written to a terminal until nobody has it open any more."""
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            yield part
    os.close(terminal)
