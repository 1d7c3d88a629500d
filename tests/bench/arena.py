"""What is compared: each measured call on the real server, next to the same call on the bare echo server.

Rule: each contender knows how to prove that a slice did what it should; speed alone proves nothing.
Read next: calls.py, servers.py, rounds.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bulk
from calls import (
    BUYING_CUSTOMER,
    GET_PATH,
    READ_CUSTOMER,
    RECORD_PATH,
    STANDING_PATH,
    Ledger,
    NotVerified,
    Truth,
)
from h2load import Call, Slice, run_slice
from servers import Running, echo_server

from clientela.v1.standing_pb2 import Standing
from clientela_lab.servers.local_server import LocalServer

PREFIX_BYTES = 5


@dataclass(frozen=True)
class Contender:
    """One call on one server. verify: raises NotVerified if the slice that followed `prepare` is wrong."""

    server: Running
    call: Call
    prepare: Callable[[], Ledger | None]
    verify: Callable[[Slice, Ledger | None], None]


def same_answers(expected_bytes: int) -> Callable[[Slice, Ledger | None], None]:
    """Returns a check that each request was answered by a message of this length; an error has none."""

    def verify(measured: Slice, before: Ledger | None) -> None:
        expected = measured.requests * (expected_bytes + PREFIX_BYTES)
        if measured.data_bytes != expected:
            raise NotVerified(
                f"{measured.requests} answers should hold {expected} bytes, they hold {measured.data_bytes}"
            )

    return verify


def standings(without_time: int) -> Callable[[Slice, Ledger | None], None]:
    """Returns a check that each answer has this length and its two times, which are 7 to 14 bytes long."""

    def verify(measured: Slice, before: Ledger | None) -> None:
        times = measured.data_bytes - measured.requests * (without_time + PREFIX_BYTES)
        if not 14 * measured.requests <= times <= 28 * measured.requests:
            raise NotVerified(
                f"{measured.requests} standings of {without_time} bytes have {times} bytes of times"
            )

    return verify


def recorded_once(truth: Truth) -> Callable[[Slice, Ledger | None], None]:
    """Returns a check that the ledger grew by exactly one revision and one purchase for each request."""

    def verify(measured: Slice, before: Ledger | None) -> None:
        after = truth.ledger(BUYING_CUSTOMER)
        if before is None or after == before:
            raise NotVerified(f"{measured.requests} purchases were sent and the ledger did not grow")
        grown = Ledger(after.revision - before.revision, after.purchases - before.purchases)
        if grown != Ledger(measured.requests, measured.requests):
            raise NotVerified(f"{measured.requests} purchases were sent and the ledger grew by {grown}")

    return verify


def contenders(
    truth: Truth, server: Running, echo: Running, answers: dict[str, bytes]
) -> dict[str, Contender]:
    """Returns what is compared, by name, each real call next to its echo."""
    get, record = truth.get_call(), truth.record_call()
    echo_get, echo_record = Call(GET_PATH, get.request), Call(RECORD_PATH, record.request)
    standing = truth.standing_call()
    judged = standings(_without_time(answers[STANDING_PATH]))
    read = same_answers(len(answers[GET_PATH]))
    return {
        "get echo": Contender(echo, echo_get, _nothing, read),
        "get": Contender(server, get, _nothing, read),
        "standing echo": Contender(echo, Call(STANDING_PATH, standing.request), _nothing, judged),
        "standing": Contender(server, standing, _nothing, judged),
        "record": Contender(server, record, lambda: truth.ledger(BUYING_CUSTOMER), recorded_once(truth)),
        "record echo": Contender(echo, echo_record, _nothing, same_answers(len(answers[RECORD_PATH]))),
    }


def answers_of(truth: Truth) -> dict[str, bytes]:
    """Returns what the real server answers to the measured calls, encoded, for the echo server to repeat."""
    return {
        GET_PATH: truth.customer(READ_CUSTOMER).SerializeToString(),
        STANDING_PATH: truth.standing(READ_CUSTOMER).SerializeToString(),
        RECORD_PATH: truth.record(BUYING_CUSTOMER).SerializeToString(),
    }


def measure(contender: Contender, callers: int, requests: int, folder: Path) -> Slice:
    """Runs one slice and proves it; raises NotVerified if its answers, or what they wrote, do not add up."""
    before = contender.prepare()
    server = contender.server
    measured = run_slice(server.address, server.pid, contender.call, callers, requests, folder)
    contender.verify(measured, before)
    return measured


def _without_time(encoded: bytes) -> int:
    standing = Standing.FromString(encoded)
    standing.ClearField("read_time")
    standing.ClearField("market_time")
    return standing.ByteSize()


def _nothing() -> None:
    return None


@contextmanager
def open_arena(
    customers: int, folder: Path, progress: Callable[[str], None]
) -> Iterator[dict[str, Contender]]:
    """Starts both servers, the real one with that many customers, and yields the contenders by name."""
    place = folder / "calls"
    place.mkdir()
    with (
        LocalServer("--calls-per-second", "0", folder=place) as server,
        Truth(server.address, server.token) as truth,
    ):
        progress(f"import of {customers:,} customers")
        bulk.seed_customers(server, customers, folder)
        truth.register_customers()
        answers = answers_of(truth)
        with echo_server(answers, folder) as echo, _with_web(customers, folder, progress) as web:
            compared = contenders(truth, Running(server.address, server.pid), echo, answers)
            yield {**compared, "get, web open": web}


@contextmanager
def _with_web(customers: int, folder: Path, progress: Callable[[str], None]) -> Iterator[Contender]:
    """Start another server, with its web port open and nobody there: does it answer gRPC as fast?"""
    place = folder / "web"
    place.mkdir()
    with (
        LocalServer("--calls-per-second", "0", folder=place, web="127.0.0.1:0") as server,
        Truth(server.address, server.token) as truth,
    ):
        progress(f"import of {customers:,} customers, where the web port is open")
        bulk.seed_customers(server, customers, place)
        truth.register_customers()
        read = same_answers(truth.customer(READ_CUSTOMER).ByteSize())
        yield Contender(Running(server.address, server.pid), truth.get_call(), _nothing, read)
