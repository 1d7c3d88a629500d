"""Two servers on one PostgreSQL behind Envoy, as `make scale` shows it, with few calls."""

import subprocess
import sys

import pytest

from clientela_lab.patience import HANG_S

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
