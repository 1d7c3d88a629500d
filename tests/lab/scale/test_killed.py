"""Two servers on one PostgreSQL behind Envoy, as `make scale` shows it, with few calls."""

import re
import subprocess
import sys

import pytest

from clientela_lab.patience import HANG_S
from tests.docs.copied import ROOT
from tests.docs.walkthrough import agrees

WITHIN_S = HANG_S


@pytest.mark.long
def test_a_server_killed_under_load_fails_no_call_and_loses_no_purchase() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "clientela_lab.scale", "--calls", "100"],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.count("✓") == 4
    assert "calls that failed: wanted = 0, got = 0" in shown.stdout
    assert agrees(without_figures(transcript()), without_figures(shown.stdout)), shown.stdout


def transcript() -> str:
    """Return what docs/operations.md shows of it."""
    document = (ROOT / "docs/operations.md").read_text("utf-8")
    return document.partition("$ make scale\n")[2].partition("```")[0]


def without_figures(text: str) -> str:
    """Return the text with a word for each number of calls, address and ledger; 0 stays."""
    return re.sub(r"\b[1-9]\d*\b|(?<=ledger_)\w+", "N", text)
