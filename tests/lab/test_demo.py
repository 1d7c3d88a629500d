"""The demonstration runs to its end, and notices when a figure is off."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from clientela_lab.demo import Check
from clientela_lab.patience import HANG_S


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
