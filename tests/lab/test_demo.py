"""The demonstration runs to its end, and notices when a figure is off."""

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from clientela_lab.demo import Check
from clientela_lab.kept_demo import NEXT_COMMANDS
from clientela_lab.patience import HANG_S


@pytest.mark.long
def test_the_demonstration_is_right_in_all_its_predictions(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "clientela_lab.demo"],
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not re.search("✗ .*: wanted", ended.stdout)
    assert ended.stdout.count("All as wanted") == 2
    assert "their amount, USD: wanted = 244091.94, got = 244091.94" in ended.stdout
    assert "▶ POST /clientela.v1.PurchaseService/GetPurchase" in ended.stdout
    assert "\x1b" not in ended.stdout, "no colours in a pipe"
    page = tmp_path / "clientela/lab/lost-reply.html"
    assert f"page: {page}" in ended.stdout and page.exists()


def test_a_demonstration_that_is_ended_leaves_no_server() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "clientela_lab.demo"], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        next(line for line in running.stdout if line.startswith("clientela-server ready"))
        (server,) = (
            child for child in psutil.Process(running.pid).children() if "clientela_server" in child.cmdline()
        )
        running.terminate()
        running.communicate(timeout=HANG_S)
    assert running.returncode == 143
    assert not server.is_running()


def test_a_figure_that_is_off_is_not_overlooked(capsys: pytest.CaptureFixture[str]) -> None:
    check = Check()
    right = []
    for wanted, got in ((1, 1), (2, 3), (3, 3)):
        check.that("it", wanted, got)
        right.append(check.all_right)
    assert right == [True, False, False]
    assert "✗ it: wanted = 2, got = 3" in capsys.readouterr().out


@pytest.mark.long
def test_a_demonstration_that_is_kept_serves_its_customers_and_says_what_to_ask(tmp_path: Path) -> None:
    env = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "clientela_lab.demo", "--keep"], env=env, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        told = list(iter(running.stdout.readline, "Serving until Ctrl-C.\n"))
        try:
            shown = "".join(told).partition("── It stays")[2]
            assert not re.search("✗ .*: wanted", "".join(told))
            [link] = re.findall(r"(http://127\.0\.0\.1:\d+)/#?\S*token=\S+", shown)
            with urllib.request.urlopen(link, timeout=HANG_S) as page:
                assert page.status == 200
            [settings] = [line.split()[1:] for line in told if line.startswith("  export ")]
            of_server = env | dict(each.split("=", 1) for each in settings)
            commands = [line.strip() for line in told if line.startswith("  clientela ")]
            assert commands == list(NEXT_COMMANDS) and len(commands) == 5
            for command in commands:
                assert answer(of_server, command), command
            assert len(answer(of_server, "clientela customers list -o name").splitlines()) == 2_357
        finally:
            running.send_signal(signal.SIGINT)
            ended, _ = running.communicate(timeout=HANG_S)
    assert "All as wanted" in ended and running.returncode == 0
    assert not Path(of_server["CLIENTELA_TOKEN_FILE"]).exists()


def answer(env: dict[str, str], line: str) -> str:
    """What a line of the command line prints; it must succeed."""
    return subprocess.run(
        [sys.executable, "-m", "clientela_client", *shlex.split(line)[1:]],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        timeout=HANG_S,
        check=True,
    ).stdout
