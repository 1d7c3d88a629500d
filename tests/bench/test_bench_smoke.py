"""The benchmark works, and its verification notices what it is there to notice.

Rule: speed is not tested here, since a busy machine is slow; counts are.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import run
import tapped
from arena import Contender, measure, open_arena, same_answers, standings
from calls import BUYING_CUSTOMER, GET_PATH, NotVerified, record_request
from h2load import Call, available
from memory import MemoryWatch
from report import Check
from servers import echo_server

from clientela_lab.patience import HANG_S

pytestmark = pytest.mark.skipif(
    not available(), reason="h2load is not installed (Debian package nghttp2-client)"
)


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Contender]]:
    folder = tmp_path_factory.mktemp("arena")
    with open_arena(customers=10, folder=folder, progress=lambda _: None) as contenders:
        yield contenders


@pytest.mark.long
def test_a_quick_run_is_verified_and_prints_every_ratio(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    command = [sys.executable, str(Path(run.__file__)), "--quick", "--rows", "2000", "--json", str(result)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, check=False)
    assert done.returncode == 0, done.stderr
    checks = {check["name"]: check for check in json.loads(result.read_text(encoding="utf-8"))["checks"]}
    for call in ("GetCustomer", "GetStanding", "RecordPurchase, durable"):
        for in_flight in (1, 8, 64):
            name = f"{call} / echo, {in_flight} in flight"
            assert checks[name]["value"] > 0
            assert name in done.stdout
    assert checks["import rows/s / raw executemany"]["value"] > 0
    assert checks["memory growth of the server, import"]["verdict"] == "met"
    assert str(tmp_path) not in done.stdout


@pytest.mark.parametrize("name", ["get", "get echo", "standing", "standing echo", "record", "record echo"])
def test_a_sound_slice_verifies(arena: dict[str, Contender], tmp_path: Path, name: str) -> None:
    assert measure(arena[name], 8, 64, tmp_path).requests == 64


def test_standings_of_another_length_are_noticed(arena: dict[str, Contender], tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="bytes of times"):
        measure(replace(arena["standing"], verify=standings(10)), 8, 64, tmp_path)


def test_an_answer_of_another_length_is_noticed(tmp_path: Path) -> None:
    with echo_server({GET_PATH: b"\x1a\x01a"}, tmp_path) as echo:
        longer = Contender(echo, Call(GET_PATH, b""), lambda: None, same_answers(4))
        with pytest.raises(NotVerified, match="64 answers should hold 576 bytes, they hold 512"):
            measure(longer, 8, 64, tmp_path)


@pytest.mark.parametrize("name", ["get", "record"])
def test_refused_calls_are_noticed(arena: dict[str, Contender], tmp_path: Path, name: str) -> None:
    refused = replace(arena[name], call=replace(arena[name].call, token="clt_unknown"))
    with pytest.raises(NotVerified):
        measure(refused, 8, 64, tmp_path)


def test_a_write_that_is_answered_and_not_written_is_noticed(
    arena: dict[str, Contender], tmp_path: Path
) -> None:
    request = record_request(BUYING_CUSTOMER)
    request.validate_only = True
    call = replace(arena["record"].call, request=request.SerializeToString())
    with pytest.raises(NotVerified, match="the ledger did not grow"):
        measure(replace(arena["record"], call=call), 8, 64, tmp_path)


def test_a_write_that_is_written_once_for_many_answers_is_noticed(
    arena: dict[str, Contender], tmp_path: Path
) -> None:
    request = record_request(BUYING_CUSTOMER)
    request.request_id = "6f0e2d0e-5d3a-4f0e-9a3b-0d3c5b7a9e11"
    call = replace(arena["record"].call, request=request.SerializeToString())
    with pytest.raises(NotVerified, match=r"64 purchases were sent and the ledger grew by .*=1\)"):
        measure(replace(arena["record"], call=call), 8, 64, tmp_path)


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
