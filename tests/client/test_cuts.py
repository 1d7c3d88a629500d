"""A connection cut at any byte of the response: the write is done once, and is answered in the end."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

import pytest

from clientela_client import WireEvent, connect
from clientela_client.messages import Customer, Money, Purchase
from clientela_lab.servers.local_server import LocalServer

ANSWER_BYTES_MAX = 420  # the settings of HTTP/2, the headers, a purchase and the trailers are less
STEP = 12


class CutLine:
    """A line to a server whose first connection is cut after so many bytes of answers."""

    def __init__(self, server: str, cut_after: int) -> None:
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        self._cut_after = cut_after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._listening, *self._sockets):
            _end(each)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        limit: int | None = self._cut_after
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            self._start(client, server, None)
            self._start(server, client, limit)
            limit = None

    def _start(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        thread = threading.Thread(target=_carry, args=(source, target, limit))
        self._threads.append(thread)
        thread.start()


def _carry(source: socket.socket, target: socket.socket, limit: int | None) -> None:
    """Carry bytes one way until an end is gone, or `limit` bytes were carried."""
    carried = 0
    try:
        while data := source.recv(65536):
            left = data if limit is None else data[: limit - carried]
            target.sendall(left)
            carried += len(left)
            if carried == limit:
                break
    except OSError:
        pass  # the other end is gone
    _end(source)
    _end(target)


def _end(each: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended already
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@pytest.mark.long
def test_wherever_the_answer_is_cut_the_purchase_is_recorded_once(server: LocalServer, own_id: str) -> None:
    told: list[WireEvent] = []
    parent = f"customers/{own_id}"
    with connect(server.address, token=server.token) as direct:
        direct.customers.create(Customer(display_name="Ann"), customer_id=own_id)
        answered = [record(server, parent, cut_after, told) for cut_after in range(1, ANSWER_BYTES_MAX, STEP)]
        in_ledger = [purchase.name for purchase in direct.purchases.export(parent)]
    assert in_ledger == answered
    cut = {event.code for event in told if event.kind == "status"} - {"OK"}
    assert cut <= {"UNAVAILABLE"}
    assert any(event.attempt > 1 for event in told)
    assert told[-1].attempt == 1  # the last cut comes after the answer: the whole of it was tried


def record(server: LocalServer, parent: str, cut_after: int, told: list[WireEvent]) -> str:
    """Record a purchase over a line that is cut, and return the name that was answered in the end."""
    line = CutLine(server.address, cut_after)
    with line, connect(line.address, token=server.token, observer=told.append) as client:
        amount = Money(currency_code="EUR", units=1)
        return client.purchases.record(parent, Purchase(amount=amount)).name
