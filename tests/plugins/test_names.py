"""Tests have the same names each time: where two workers do not agree on them, nothing runs at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S

ROOT = Path(__file__).resolve().parents[2]


def names(folder: Path, seed: int) -> list[str]:
    """Collect in a process of its own: in another second, and with sets in the order of a seed."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            folder,
        ],
        cwd=folder,
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.long
def test_tests_collected_twice_have_the_same_names() -> None:
    first, second = names(ROOT, 1), names(ROOT, 2)
    assert len(first) > 1000
    assert first == second


@pytest.mark.parametrize(
    "held",
    [
        "[str(time.time_ns())]",
        pytest.param("{'ann', 'bob', 'eve'}", marks=pytest.mark.long),
        pytest.param("[str(id(object()))]", marks=pytest.mark.long),
    ],
)
def test_a_name_that_holds_the_clock_chance_or_an_address_is_seen(tmp_path: Path, held: str) -> None:
    (tmp_path / "test_it.py").write_text(
        f"import time, pytest\n@pytest.mark.parametrize('a', {held})\ndef test_a(a): pass\n"
    )
    assert names(tmp_path, 1) != names(tmp_path, 2)
