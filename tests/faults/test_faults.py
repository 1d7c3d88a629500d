"""Under each fault, a few times: nothing acknowledged is lost, nothing is done twice, the feed has no gap.

Those of the disk are in test_disk_faults.py. `make torture` does the same many times over, and judges how
long restarts take, which beside other tests would be chance. Where one fails, the folder named holds all.
"""

from pathlib import Path

import pytest

from tests.faults.catalogue import FAULTS, POSTGRES_FAULTS, PROCESS_FAULTS, QUICK, Fault, each
from tests.faults.flapping import most_within_a_second
from tests.faults.proxy import CutAfter, LoseSecondReply
from tests.faults.table import Result
from tests.faults.torture import main
from tests.faults.victim import ROOT

SEED = 1


@each([*PROCESS_FAULTS, *POSTGRES_FAULTS])
def test_every_promise_is_kept_under(fault: Fault, tmp_path: Path) -> None:
    if why := fault.missing():
        pytest.skip(why)

    result = fault.attempt(tmp_path / fault.name, SEED, fault.small)

    assert result.kept, [f"see {tmp_path}", *result.complaints()]


def test_the_faults_have_names_of_their_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len({fault.about for fault in FAULTS}) == len(FAULTS)


def test_those_that_are_quick_are_there() -> None:
    assert {fault.name for fault in FAULTS} > QUICK


def test_what_is_done_stands_in_the_document() -> None:
    document = (ROOT / "docs/reliability.md").read_text("utf-8")

    assert [fault.name for fault in FAULTS if f"`{fault.name}`" not in document] == []


@pytest.mark.parametrize("names", ["kill", "kills,nothing"])
def test_an_unknown_fault_is_reported(capsys: pytest.CaptureFixture[str], names: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", names])

    assert ended.value.code == 2
    assert "second-server" in capsys.readouterr().err


@pytest.mark.parametrize(("restart_s", "exit_code"), [(4.9, 0), (5.1, 1)])
def test_torture_fails_where_a_restart_is_slower_than_promised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, restart_s: float, exit_code: int
) -> None:
    def attempt(fault: Fault, folder: Path, *_: object) -> Result:
        folder.mkdir(parents=True)
        return Result(fault.about, 1, 1, slowest_restart_s=restart_s)

    monkeypatch.setattr(Fault, "attempt", attempt)
    monkeypatch.setattr("tests.stores.stop", lambda: None)  # the databases are those of other tests too

    assert main(["--only", "kills", "--keep", str(tmp_path)]) == exit_code


# ---- what the proxy is made of


def test_a_line_is_cut_after_so_many_bytes_of_one_direction() -> None:
    rule = CutAfter(upwards=True, count=5)

    assert rule.pass_on(False, b"whatever") == (b"whatever", True)
    assert rule.pass_on(True, b"abc") == (b"abc", True)
    assert rule.pass_on(True, b"defg") == (b"de", False)


def frame(kind: int, flags: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + bytes(4) + payload


@pytest.mark.parametrize("pieces_of", [1, 7, 1000])
def test_a_reply_is_lost_as_a_whole_and_the_one_before_it_is_not(pieces_of: int) -> None:
    settings, begin, body, end = frame(4, 0), frame(1, 4, b"200"), frame(0, 0, b"answer"), frame(1, 5, b"0")
    losses: list[None] = []
    rule = LoseSecondReply(lambda: losses.append(None))
    sent = settings + begin + body + end + begin + body + end
    pieces = [sent[at : at + pieces_of] for at in range(0, len(sent), pieces_of)]

    passed = [rule.pass_on(False, piece) for piece in pieces]

    assert b"".join(data for data, _ in passed) == settings + begin + body + end
    assert [holds for _, holds in passed] == [True] * (len(pieces) - 1) + [False]
    assert len(losses) == 1


def test_the_most_connections_within_a_second_are_counted() -> None:
    assert most_within_a_second([]) == 0
    assert most_within_a_second([0.0, 0.9, 1.1, 1.8, 1.85, 5.0]) == 4
