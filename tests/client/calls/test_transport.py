"""The gRPC transports against real sockets: when it is certain that a call never left, and when it is not."""

import _thread
import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from clientela.v1.customers_pb2 import GetCustomerRequest
from clientela_client import Interrupted, Unavailable, connect, connect_aio
from clientela_client.calls.attempt import Attempt, Outcome
from clientela_client.calls.requests import call_of
from clientela_client.calls.transport_aio import AioGrpcTransport
from clientela_client.calls.transport_grpc import GrpcTransport
from clientela_client.failure import Failure
from clientela_client.messages import ImportItem
from clientela_lab.patience import HANG_S
from tests.client.stage import KINDS, AioAsking, Asking, SyncAsking

ATTEMPT = Attempt(call_of(GetCustomerRequest(name="customers/ann"), 10.0), 1, 10.0, (), 0.0)


def ask(kind: str, server: str) -> Outcome:
    """Make one attempt."""
    if kind == "aio":
        return asyncio.run(_ask(server))
    transport = GrpcTransport(server)
    try:
        return transport.answer(ATTEMPT)
    finally:
        transport.close()


async def _ask(server: str) -> Outcome:
    transport = AioGrpcTransport(server)
    try:
        return await transport.answer(ATTEMPT)
    finally:
        await transport.close()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a socket that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


class Leaving(grpc.GenericRpcHandler):
    """A server that goes away while it has a call."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.server = grpc.server(ThreadPoolExecutor(2), handlers=[self])
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        return grpc.unary_unary_rpc_method_handler(self._leave)

    def _leave(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        over = threading.Event()
        context.add_callback(over.set)
        self.entered.set()
        over.wait(HANG_S)
        return b""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("server", ["127.0.0.1:1", "[::1]:1", "no-such-host.invalid:50051"])
def test_where_no_connection_is_made_the_call_never_left(kind: str, server: str) -> None:
    outcome = ask(kind, server)
    assert isinstance(outcome, Failure)
    assert (outcome.code, outcome.left) == ("UNAVAILABLE", False), outcome


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_client_says_so(kind: str) -> None:
    asking: Asking = (
        SyncAsking(connect("127.0.0.1:1"))
        if kind == "sync"
        else AioAsking(lambda: connect_aio("127.0.0.1:1"))
    )
    asking.one(lambda c: c.close())
    for call in (
        lambda c: c.customers.delete("customers/ann"),
        lambda c: c.purchases.import_([ImportItem()]),
    ):
        with pytest.raises(Unavailable, match="the client is closed"):
            asking.one(call)
    with pytest.raises(Unavailable, match="the client is closed"):
        next(asking.many(lambda c: c.purchases.export()))
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_peer_that_never_says_a_word_was_not_reached(kind: str, silent: str) -> None:
    outcome = ask(kind, silent)
    assert isinstance(outcome, Failure)
    assert (outcome.code, outcome.left) == ("UNAVAILABLE", False), outcome


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_goes_away_during_a_call_proves_nothing(kind: str) -> None:
    leaving = Leaving()
    stopper = threading.Thread(target=lambda: leaving.entered.wait(HANG_S) and leaving.server.stop(None))
    stopper.start()
    outcome = ask(kind, leaving.address)
    stopper.join()
    leaving.server.wait_for_termination(10)
    assert isinstance(outcome, Failure)
    assert outcome.left
    assert outcome.code in {"UNAVAILABLE", "CANCELLED"}


def _interrupt(entered: threading.Event) -> None:
    """Press Ctrl-C once the call is under way."""
    assert entered.wait(HANG_S)
    _thread.interrupt_main()


def test_ctrl_c_while_a_write_waits_for_its_answer_is_in_doubt() -> None:
    leaving = Leaving()
    interrupter = threading.Thread(target=_interrupt, args=(leaving.entered,))
    interrupter.start()
    with connect(leaving.address) as client, pytest.raises(Interrupted) as caught:
        client.customers.delete("customers/ann", request_id="5f4e0f3a-45ab-4d55-9f0a-0a4d83b5a7f1")
    interrupter.join()
    leaving.server.stop(None).wait(HANG_S)
    assert caught.value.in_doubt.request_id == "5f4e0f3a-45ab-4d55-9f0a-0a4d83b5a7f1"


async def test_a_stream_that_we_cancel_ends_for_who_waits_in_it(silent: str) -> None:
    transport = AioGrpcTransport(silent)
    inbound = transport.open(ATTEMPT)
    waiting = asyncio.create_task(asyncio.wait_for(inbound.receive(), HANG_S))
    await asyncio.sleep(0)
    inbound.cancel()
    assert isinstance(await waiting, Failure)
    await transport.close()


def test_a_client_that_is_closed_behind_a_short_wait_leaves_no_traceback(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """grpc watches the channel on a thread of its own, which prints one if the channel is closed under it."""
    failed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda failure: failed.append(failure.exc_value))
    for _ in range(20):
        transport = GrpcTransport(silent)
        transport.wait_for_ready(0.0)
        transport.close()
    assert not failed
