"""The benchmark works, and its verification notices what it is there to notice.

Rule: speed is not tested here, since a busy machine is slow; counts are.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import peers
import pytest
import rounds
import run
import tapped
from arena import METHODS, Contender, as_long_as, measure, open_arena
from calls import GET
from generator import Calls, GeneratorFailed, NotVerified, Slice, available, run_slice
from goals import BESIDE_ECHO, BESIDE_PEER, IDLE_WEB, SPREADS
from memory import MemoryWatch
from report import Check
from servers import Running
from spread import Spread

from clientela.v1.purchases_pb2 import RecordPurchaseRequest
from clientela_lab.patience import HANG_S

pytestmark = pytest.mark.skipif(
    not available(), reason="there is no C compiler, cc (Debian packages gcc, libc6-dev)"
)
Change = Callable[[Calls], Calls]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Contender]]:
    folder = tmp_path_factory.mktemp("arena")
    with open_arena(customers=10, folder=folder, progress=lambda _: None) as contenders:
        yield contenders


def changed(contender: Contender, change: Change) -> Contender:
    """Return the contender with other calls than it would make."""
    return replace(contender, calls=lambda count: change(contender.calls(count)))


def with_fields(**fields: object) -> Change:
    """Return a change of all purchases that are sent."""

    def request(encoded: bytes) -> bytes:
        message = RecordPurchaseRequest.FromString(encoded)
        message.MergeFrom(RecordPurchaseRequest(**fields))
        return message.SerializeToString()

    return lambda calls: replace(calls, requests=[request(encoded) for encoded in calls.requests])


@pytest.mark.long
def test_a_quick_run_is_verified_and_prints_every_ratio(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    command = [sys.executable, str(Path(run.__file__)), "--quick", "--rows", "2000", "--json", str(result)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, check=False)
    assert done.returncode == 0, done.stderr
    checks = {check["name"]: check for check in json.loads(result.read_text(encoding="utf-8"))["checks"]}
    for label, goals in BESIDE_ECHO.values():
        for in_flight in goals:
            for spread in SPREADS:
                name = f"{label} / echo, {in_flight} in flight, {spread}"
                assert checks[name]["value"] > 0
                assert name in done.stdout
    assert checks["import rows/s / raw executemany"]["value"] > 0
    assert checks["customers import / purchases import, rows/s"]["value"] > 0
    assert checks["memory growth of the server, import"]["verdict"] == "met"
    assert str(tmp_path) not in done.stdout


@pytest.mark.parametrize(
    "of", ["zipf", *(pytest.param(of, marks=pytest.mark.long) for of in ("uniform", "echo"))]
)
@pytest.mark.parametrize("name", METHODS)
def test_a_sound_slice_verifies(arena: dict[str, Contender], tmp_path: Path, name: str, of: str) -> None:
    assert measure(arena[f"{name} {of}"], 8, 64, tmp_path).requests == 64


def test_an_answer_of_another_length_is_noticed(arena: dict[str, Contender], tmp_path: Path) -> None:
    longer = replace(arena["get uniform"], verify=as_long_as(b"x" * 500))
    with pytest.raises(NotVerified, match=r"GetCustomer hold \d+ bytes instead of 500"):
        measure(longer, 8, 64, tmp_path)


@pytest.mark.parametrize("name", METHODS)
def test_an_answer_about_another_customer_is_noticed(
    arena: dict[str, Contender], tmp_path: Path, name: str
) -> None:
    def other(calls: Calls) -> Calls:
        return replace(calls, expected=[*calls.expected[:-1], b"customers/nobody"])

    with pytest.raises(NotVerified, match="1 of 64 answers are wrong"):
        measure(changed(arena[f"{name} zipf"], other), 8, 64, tmp_path)


@pytest.mark.parametrize("name", METHODS)
def test_refused_calls_are_noticed(arena: dict[str, Contender], tmp_path: Path, name: str) -> None:
    refused = changed(arena[f"{name} zipf"], lambda calls: replace(calls, token="clt_unknown"))
    with pytest.raises(NotVerified, match=r"64 of 64 answers are wrong, the first: .*grpc-status 16"):
        measure(refused, 8, 64, tmp_path)


def test_a_write_that_is_answered_and_not_written_is_noticed(
    arena: dict[str, Contender], tmp_path: Path
) -> None:
    unwritten = changed(arena["record uniform"], with_fields(validate_only=True))
    with pytest.raises(NotVerified, match="of 64 purchases that were answered 64 are not in the file"):
        measure(unwritten, 8, 64, tmp_path)


def test_writes_that_are_taken_for_one_are_noticed(arena: dict[str, Contender], tmp_path: Path) -> None:
    def again(calls: Calls) -> Calls:
        requests, expected = ([one[0], one[0], *one[2:]] for one in (calls.requests, calls.expected))
        return replace(calls, requests=requests, expected=expected)

    with pytest.raises(NotVerified, match="of 64 purchases that were answered 1 are not in the file"):
        measure(changed(arena["record uniform"], again), 8, 64, tmp_path)


def test_a_broken_connection_is_noticed(arena: dict[str, Contender], tmp_path: Path) -> None:
    with (
        http_server(404) as server,
        pytest.raises(GeneratorFailed, match="the server closed a connection"),
    ):
        run_slice(server.address, server.pid, GET.calls(["customers/a"]), 1, 1, tmp_path)


@contextmanager
def http_server(status: int) -> Iterator[Running]:
    """Answer each request over HTTP/1.1 with this status, and with its path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece

        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(self.path)))
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Running(f"127.0.0.1:{server.server_port}", os.getpid())
        server.shutdown()


@pytest.mark.long
def test_calls_over_http1_are_verified(tmp_path: Path) -> None:
    customers = [f"customers/c{number:07d}" for number in range(64)]
    with http_server(200) as server:
        calls = peers.get_calls(customers)
        assert run_slice(server.address, server.pid, calls, 8, 64, tmp_path).requests == 64
        calls.expected[5] = b"customers/nobody"
        with pytest.raises(NotVerified, match="1 of 64 answers are wrong"):
            run_slice(server.address, server.pid, calls, 8, 64, tmp_path)
    with http_server(404) as server, pytest.raises(NotVerified, match=r"the first: HTTP/1.1 404"):
        run_slice(server.address, server.pid, peers.get_calls(customers), 8, 64, tmp_path)


def test_a_peer_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(peers, "PACKAGES", ("sqlalchemy", "no_such_package"))
    assert not run.peer_can_run(said.append)
    assert said == ["the peer is left out: there is no no_such_package (make bench ARGS=--peers installs it)"]


def test_draws_are_the_same_in_each_run_and_of_all_customers() -> None:
    customers = [f"customers/c{number:07d}" for number in range(1000)]
    for zipf in (False, True):
        draws = [Spread(customers, 13, zipf=zipf).draw(20_000) for _ in range(2)]
        assert draws[0] == draws[1]
        assert Spread(customers, 14, zipf=zipf).draw(20_000) != draws[0]
        assert set(draws[0]) <= set(customers)
    [(_, most), (_, next_most)] = Counter(draws[0]).most_common(2)
    assert 1.7 < most / next_most < 2.3
    assert most / 20_000 == pytest.approx(0.13, abs=0.02)
    alike = Counter(Spread(customers, 13, zipf=False).draw(20_000))
    assert len(alike) == 1000
    assert alike.most_common(1)[0][1] < 50


def test_each_ratio_is_held_against_what_must_hold() -> None:
    results = rounds.Results()
    for what, (_, goals) in BESIDE_ECHO.items():
        for in_flight in goals:
            for of, seconds in (("zipf", 4.0), ("uniform", 1.0), ("echo", 1.0), ("peer", 6.0)):
                one = Slice(100, seconds, 0, 1.0, seconds, 1.0, 1.0)
                results.slices[f"{what} {of}", in_flight] = [one] * 3
    for in_flight in IDLE_WEB:
        results.slices["get, web open", in_flight] = results.slices["get uniform", in_flight]
    checks = {check.name: check for check in rounds.checks(results)}
    assert checks["GetCustomer / echo, 64 in flight, zipf"].value == 0.25
    assert checks["GetCustomer / echo, 64 in flight, zipf"].verdict == "below floor"
    assert checks["RecordPurchase, durable / echo, 8 in flight, uniform"].verdict == "met"
    assert checks["RecordPurchase p99 / echo p99, 64 in flight, zipf"].verdict == "below goal"
    assert checks["RecordPurchase, durable / peer, 8 in flight"].verdict == "met"
    assert checks["RecordPurchase, durable / peer, 64 in flight"].verdict == "below floor"
    assert len(checks) == 2 * (3 + 1 + 1 + 3) + 2 + 3 + sum(len(goals) for _, goals in BESIDE_PEER.values())


@pytest.mark.long
def test_what_a_tap_costs_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    assert tapped.main(["--rounds", "1", "--calls", "64"]) == 0
    printed = capfd.readouterr().out
    assert "64 in flight       tapped" in printed
    assert "a call costs" in printed
    assert "192 calls (192 OK)" in printed


def test_a_run_that_does_not_verify_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise NotVerified("64 purchases were sent and the ledger did not grow")

    monkeypatch.setattr(run, "measure", broken)
    assert run.main(["--quick"]) == 1
    assert "FAILED: 64 purchases were sent" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "better", "verdict"),
    [
        (0.9, "more", "met"),
        (0.7, "more", "below goal"),
        (0.5, "more", "below floor"),
        (0.5, "less", "met"),
        (0.7, "less", "below floor"),
    ],
)
def test_a_figure_is_held_against_goal_and_floor(value: float, better: str, verdict: str) -> None:
    goal, floor = (0.8, 0.6) if better == "more" else (0.55, 0.6)
    check = Check("ratio", value, value, value, goal, floor, better="more" if better == "more" else "less")
    assert check.verdict == verdict


def test_memory_that_grows_after_the_first_tenth_is_seen() -> None:
    watch = MemoryWatch(
        {}, {"server": [20.0, 50.0, *[55.0] * 17, 130.0], "client": [20.0, 90.0, *[60.0] * 18]}
    )
    assert (watch.growth_mib("server"), watch.peak_mib("server")) == (75.0, 130.0)
    assert watch.growth_mib("client") == 0.0
