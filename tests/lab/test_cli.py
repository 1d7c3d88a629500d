"""`clientela lab`: what it refuses, what it leaves, and that the same seed brings the same run."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.shell_completion import ShellComplete

from clientela_client.cli.main import root, run
from clientela_lab import cdnow
from clientela_lab.catalogue import find
from clientela_lab.patience import HANG_S
from clientela_lab.runs.repeat_runner import run_repeatedly
from clientela_lab.runs.running import play
from clientela_lab.runs.scenario import NamedScenario, Scenario

COMMAND = [sys.executable, "-m", "clientela_client", "lab", "run", "first-call"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lab run frst-call", 'did you mean "first-call"'),
        ("lab run lost-reply --without deadline", 'what can be left out is "request-id"'),
        ("lab run lost-reply --seeds 2", "say --seed"),
        ("lab run all --seed 2", "takes --seeds only"),
        ("lab run", "Missing argument"),
        ("lab run lost-reply --page no/where.html", "there is no folder"),
        ("lab run lost-reply --record no/where.jsonl", "there is no folder"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    assert said in capsys.readouterr().err


def test_names_are_completed() -> None:
    shell = ShellComplete(root, {}, "clientela", "_COMPLETE")
    offered = [item.value for item in shell.get_completions(["lab", "run"], "lo")]
    assert offered == ["lost-reply"]


def test_the_sample_is_written_for_both_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["lab", "sample", "cdnow.csv", "--customers", "clients.csv"]) == 0
    assert capsys.readouterr().out == (
        f"{tmp_path}/cdnow.csv: 6,919 purchases\n{tmp_path}/clients.csv: 2,357 customers\n"
    )
    assert len(Path("cdnow.csv").read_text().splitlines()) == 1 + cdnow.PURCHASES
    assert len(Path("clients.csv").read_text().splitlines()) == 1 + cdnow.CUSTOMERS


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lab sample mine.csv", "mine.csv is there already, and is not overwritten"),
        ("lab sample new.csv --customers mine.csv", "mine.csv is there already, and is not overwritten"),
        ("lab sample dangling.csv", "dangling.csv is there already, and is not overwritten"),
        ("lab sample folder.csv", "is a directory"),
        ("lab sample no/where.csv", "there is no folder"),
        ("lab sample new.csv --customers new.csv", "a file each"),
    ],
)
def test_the_sample_overwrites_nothing_and_of_two_files_writes_both_or_none(
    line: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("mine")
    Path("dangling.csv").symlink_to("nowhere.csv")
    Path("folder.csv").mkdir()
    assert run(line.split()) == 2
    assert said in capsys.readouterr().err
    assert Path("mine.csv").read_text() == "mine"
    assert sorted(path.name for path in Path().iterdir()) == ["dangling.csv", "folder.csv", "mine.csv"]


def told(found: NamedScenario, seed: int) -> list[Any]:
    """Return what a run checks, and what it believes."""
    events = play(found, seed=seed).events
    return [
        [event["what"], event["got"]] if event["event"] == "check" else [event["about"], event["value"]]
        for event in events
        if event["event"] in ("check", "belief")
    ]


@pytest.mark.long
def test_the_same_seed_draws_the_same_and_another_one_another() -> None:
    found = find("lost-reply")
    assert told(found, 7) == told(found, 7)
    assert told(found, 7) != told(found, 8)


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_run_leaves_its_page_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = children()

    assert run(["lab", "run", "first-call"]) == 0

    [page] = (tmp_path / "state/clientela/lab").iterdir()
    assert page.name == "first-call.html"
    assert f"page: {page}" in capsys.readouterr().out
    assert list(temporary.iterdir()) == []
    assert children() == before


def breaks(lab: Any) -> None:
    """Break off in the middle."""
    lab.customer("blue-door")
    raise ZeroDivisionError("planted")


def test_a_scenario_that_breaks_off_is_neither_right_nor_red() -> None:
    scenario = Scenario(question="?", prediction=".", protection="none", without=".")
    result = play(NamedScenario("planted", scenario, breaks))
    assert isinstance(result.error, ZeroDivisionError)
    assert not result.kept
    assert result.events[-1]["text"] == "broke off: ZeroDivisionError: planted"


def agrees(lab: Any) -> None:
    """Come as predicted, whatever protects."""
    lab.that("it", 1, 1)


@pytest.mark.long
@pytest.mark.parametrize(
    ("run_of", "wrong"),
    [(agrees, ["off, seed 3: NOT as wanted"]), (breaks, ["on, seed 3: Zero", "off, seed 3: Zero"])],
)
def test_a_scenario_that_cannot_come_out_red_is_found_out(run_of: Any, wrong: list[str]) -> None:
    scenario = Scenario(question="?", prediction=".", protection="none", without=".")
    outcome = run_repeatedly(NamedScenario("planted", scenario, run_of), [3])
    assert not outcome.right
    assert all(each in outcome.line for each in wrong)


@pytest.mark.long
def test_all_are_run_on_and_off_with_a_line_for_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clientela_lab.catalogue.names", lambda: ["two-editors"])
    assert run(["lab", "run", "all", "--seeds", "1"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("two-editors ") and "on: as wanted, off: red  (2 runs" in line


def says_nothing(lab: Any) -> None:
    """Check nothing."""


def test_a_scenario_that_checks_nothing_is_not_kept() -> None:
    scenario = Scenario(question="?", prediction=".", protection="none", without=".")
    assert not play(NamedScenario("planted", scenario, says_nothing)).kept


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_no_server(how: signal.Signals, tmp_path: Path) -> None:
    env = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, env=env) as running:
        assert running.stdout is not None
        next(line for line in running.stdout if "One command" in line)
        left = psutil.Process(running.pid).children(recursive=True)
        assert any("clientela_server" in child.cmdline() for child in left)
        running.send_signal(how)
        running.communicate(timeout=HANG_S)
    assert running.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[how]
    _, alive = psutil.wait_procs(left, timeout=HANG_S)
    assert alive == []
