"""What is compared: each measured call on the real server, next to the same call on the bare echo server.

Rule: each contender knows how to prove that a slice did what it should; speed alone proves nothing. Every
slice draws other customers, and an echo is sent the same requests as the real server.
Read next: calls.py, registry.py, servers.py, rounds.py.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import peers
import registry
from calls import GET, LIST, RECORD, STANDING, Method
from generator import PREFIX_BYTES, Calls, NotVerified, Slice, run_slice
from goals import BESIDE_ECHO, BESIDE_PEER, IDLE_WEB, SPREADS
from ledger_file import LedgerFile
from servers import Running, echo_server
from spread import Spread

from clientela_lab.servers.local_server import LocalServer

SEED = 13
METHODS = {"get": GET, "standing": STANDING, "list": LIST, "record": RECORD}
Draw = Callable[[int], list[str]]


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Contender:
    """One call on one server, and how many of it are in flight, one number after the other.

    calls: the next so many, each of a customer drawn. verify: raises NotVerified if the slice that followed
    `prepare` is wrong.
    """

    server: Running
    calls: Callable[[int], Calls]
    verify: Callable[[Slice, Calls], None]
    in_flight: tuple[int, ...]
    prepare: Callable[[], None] = _nothing


class Sample(NamedTuple):
    """What the real server answered, encoded, when it was asked about a customer."""

    customer: str
    answer: bytes


def as_long_as(sample: bytes) -> Callable[[Slice, Calls], None]:
    """Return a check that the answers' mean length is that of the sample, to a tenth."""

    def verify(measured: Slice, calls: Calls) -> None:
        mean = measured.data_bytes / measured.requests - PREFIX_BYTES
        if not 0.9 <= mean / len(sample) <= 1.1:
            raise NotVerified(f"the answers of {calls.path} hold {mean:.0f} bytes instead of {len(sample)}")

    return verify


def measure(contender: Contender, callers: int, requests: int, folder: Path) -> Slice:
    """Run one slice and prove it; raise NotVerified if its answers, or what they wrote, do not add up."""
    calls = contender.calls(requests)
    contender.prepare()
    server = contender.server
    measured = run_slice(server.address, server.pid, calls, callers, requests, folder)
    contender.verify(measured, calls)
    return measured


@contextmanager
def open_arena(
    customers: int, folder: Path, progress: Callable[[str], None], *, beside_peer: bool = False
) -> Iterator[dict[str, Contender]]:
    """Start all servers, the real one with that many customers, and yield the contenders by name."""
    place, copy = folder / "calls", folder / "web"
    place.mkdir()
    with LocalServer("--calls-per-second", "0", folder=place) as server:
        registry.fill(server, customers, folder, progress)
    shutil.copytree(place, copy)
    with ExitStack() as stack:
        server = stack.enter_context(LocalServer("--calls-per-second", "0", folder=place))
        web = stack.enter_context(LocalServer("--calls-per-second", "0", folder=copy, web="127.0.0.1:0"))
        samples = {name: _sample(server, name, customers) for name in METHODS}
        answers = {METHODS[name].path: sample.answer for name, sample in samples.items()}
        echo = stack.enter_context(echo_server(answers, folder))
        peer = stack.enter_context(peers.peer_server(customers, folder)) if beside_peer else None
        yield _contenders(server, web, echo, peer, samples, customers)


def _contenders(
    server: LocalServer,
    web: LocalServer,
    echo: Running,
    peer: peers.Peer | None,
    samples: dict[str, Sample],
    customers: int,
) -> dict[str, Contender]:
    """Return them in the order of measuring: what is compared stands side by side."""
    found: dict[str, Contender] = {}
    for name, method in METHODS.items():
        meant = registry.regulars(customers) if name == "list" else registry.customers(customers)
        draws = {spread: Spread(meant, SEED, zipf=spread == "zipf").draw for spread in SPREADS}
        in_flight = tuple(BESIDE_ECHO[name].goals)
        found[f"{name} zipf"] = _asked(server, method, draws["zipf"], samples[name], in_flight)
        found[f"{name} echo"] = _echoed(echo, method, draws["zipf"], samples[name], in_flight, server.token)
        found[f"{name} uniform"] = _asked(server, method, draws["uniform"], samples[name], in_flight)
        if name == "get":
            found["get, web open"] = _asked(web, method, draws["uniform"], samples[name], tuple(IDLE_WEB))
        if peer and name in BESIDE_PEER:
            found[f"{name} peer"] = _peered(peer, name, draws["uniform"])
    return found


def _asked(
    server: LocalServer, method: Method, draw: Draw, sample: Sample, in_flight: tuple[int, ...]
) -> Contender:
    token, running = server.token, Running(server.address, server.pid)
    if method is RECORD:
        ledger = LedgerFile(server.file, numbered_by="revision")
        return Contender(
            running, lambda count: method.calls(draw(count), token), ledger.verify, in_flight, ledger.mark
        )
    return Contender(
        running, lambda count: method.calls(draw(count), token), as_long_as(sample.answer), in_flight
    )


def _echoed(
    echo: Running, method: Method, draw: Draw, sample: Sample, in_flight: tuple[int, ...], token: str
) -> Contender:
    def calls(count: int) -> Calls:
        return method.calls(draw(count), token, answered=sample.customer)

    return Contender(echo, calls, as_long_as(sample.answer), in_flight)


def _peered(peer: peers.Peer, name: str, draw: Draw) -> Contender:
    in_flight = tuple(BESIDE_PEER[name].goals)
    if name == "get":
        return Contender(peer.running, lambda count: peers.get_calls(draw(count)), _unmeasured, in_flight)
    ledger = LedgerFile(peer.file, numbered_by="id")
    return Contender(
        peer.running, lambda count: peers.record_calls(draw(count)), ledger.verify, in_flight, ledger.mark
    )


def _unmeasured(measured: Slice, calls: Calls) -> None:
    """Accept: each answer's status and customer were looked at when it came."""


def _sample(server: LocalServer, name: str, customers: int) -> Sample:
    """Ask about one in the middle, where neither the name nor the purchases are the shortest."""
    meant = registry.regulars(customers) if name == "list" else registry.customers(customers)
    customer = meant[len(meant) // 2]
    return Sample(customer, registry.answer(server, METHODS[name], customer))
