"""buf has no complaint about the protos, and would have one about a bad one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.protos.description import ROOT

BUF = shutil.which("buf")

pytestmark = pytest.mark.skipif(BUF is None, reason="buf is not installed")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    assert BUF
    return subprocess.run([BUF, "lint"], cwd=folder, capture_output=True, text=True, timeout=30, check=False)


def test_buf_lint_is_clean() -> None:
    result = lint(ROOT)
    assert (result.returncode, result.stdout) == (0, "")


def test_buf_lint_sees_a_planted_bug(tmp_path: Path) -> None:
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    shutil.copytree(ROOT / "protos", tmp_path / "protos", ignore=shutil.ignore_patterns("gen"))
    customers = tmp_path / "protos/clientela/v1/customers.proto"
    customers.write_text(customers.read_text().replace("SMS = 3;", "SMS = 3;\n  Telegram = 9;"))
    result = lint(tmp_path)
    assert result.returncode == 100
    assert "Telegram" in result.stdout
