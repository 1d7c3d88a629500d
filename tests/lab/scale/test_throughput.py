"""One and two servers on a real PostgreSQL, measured for a moment: what is shown, and losses are seen."""

import re
import subprocess
import sys
from contextlib import ExitStack

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.scale.__main__ import main
from clientela_lab.scale.throughput import SETTINGS, Bench, Plan
from tests.docs.copied import ROOT

QUICK = Plan(rounds=1, seconds=0.2, callers=8, customers=50)


@pytest.mark.parametrize(
    "words",
    [["--rounds", "0"], ["--callers", "-1"], ["--seconds", "0"], ["--seconds", "nan"], ["--calls", "x"]],
)
def test_a_figure_that_measures_nothing_is_refused(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["scale", "--throughput", *words])
    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert f"argument {words[0]}: {words[1]} is no" in capsys.readouterr().err


@pytest.mark.long
def test_it_measures_all_settings_and_shows_what_the_document_shows() -> None:
    options = ["--throughput", "--rounds", "1", "--seconds", "0.2", "--callers", "8"]
    shown = subprocess.run(
        [sys.executable, "-m", "clientela_lab.scale", *options],
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shape(shown.stdout) == shape(transcript())


@pytest.mark.long
def test_a_purchase_more_or_less_than_acknowledged_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as stack:
        bench = Bench(stack, QUICK)
        slices = [bench.measure(setting) for setting in SETTINGS]
        right = bench.verify()
        bench.acknowledged += 1
        wrong = bench.verify()

    assert all(one.calls >= QUICK.callers for one in slices)
    assert all(one.batches > 0 for one in slices if one.setting.startswith("writes"))
    assert (right, wrong) == (True, False)
    assert "✗ purchases in the ledgers" in capsys.readouterr().out


def transcript() -> str:
    """Return what docs/scale.md shows of it."""
    document = (ROOT / "docs/scale.md").read_text("utf-8")
    return document.partition("$ make scale ARGS=--throughput\n")[2].partition("```")[0]


def shape(text: str) -> list[list[str]]:
    """Return the words of each line, those with a figure in them replaced."""
    lines = [[re.sub(r"\d[\d.,]*", "N", word) for word in line.split()] for line in text.splitlines()]
    return [line for line in lines if line]
