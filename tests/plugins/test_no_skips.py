"""The plugin that CI loads: a skipped test fails; an expected failure stays expected."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S

HERE = Path(__file__).resolve().parent


def run(folder: Path, source: str, plugin: str = "no_skips", *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(f"import pytest\n{source}")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            plugin,
            "-p",
            "no:cacheprovider",
            "--rootdir",
            folder,
            *more,
            folder,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.skip(reason='later')\ndef test_a(): pass",
        pytest.param("def test_a(): pytest.skip('not here')", marks=pytest.mark.long),
        pytest.param("pytest.skip('no such tool', allow_module_level=True)", marks=pytest.mark.long),
    ],
)
def test_a_skip_fails_and_says_why(tmp_path: Path, source: str) -> None:
    result = run(tmp_path, source)
    assert result.returncode != 0
    assert "skipped, which CI does not allow" in result.stdout


def test_passes_and_expected_failures_stay(tmp_path: Path) -> None:
    result = run(tmp_path, "def test_a(): pass\n@pytest.mark.xfail\ndef test_b(): assert False")
    assert result.returncode == 0
    assert "1 passed, 1 xfailed" in result.stdout
