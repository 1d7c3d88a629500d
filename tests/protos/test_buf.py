"""buf has no complaint about the protos, nor about what changed since a release; of bad ones it has."""

import shutil
import subprocess
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S
from tests.protos.description import ROOT

BUF = shutil.which("buf")
RELEASES = sorted((ROOT / "protos/released").glob("*.binpb.gz"))

pytestmark = pytest.mark.skipif(BUF is None, reason="buf is not installed")


def buf(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    assert BUF
    command = [BUF, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=HANG_S, check=False)


def breaking(folder: Path, release: Path, image: Path) -> subprocess.CompletedProcess[str]:
    """Compare the protos in a folder with those of a release."""
    assert buf(folder, "build", "--path", "protos/clientela", "-o", image).returncode == 0
    return buf(folder, "breaking", image, "--against", release, "--exclude-imports")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the protos, to plant bugs in."""
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    shutil.copytree(ROOT / "protos", tmp_path / "protos", ignore=shutil.ignore_patterns("gen"))
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    customers = folder / "protos/clientela/v1/customers.proto"
    text = customers.read_text()
    assert old in text
    customers.write_text(text.replace(old, new))


def test_buf_lint_is_clean() -> None:
    result = buf(ROOT, "lint")
    assert (result.returncode, result.stdout) == (0, "")


def test_buf_lint_sees_a_planted_bug(copy: Path) -> None:
    edit(copy, "SMS = 3;", "SMS = 3;\n  Telegram = 9;")
    result = buf(copy, "lint")
    assert result.returncode == 100
    assert "Telegram" in result.stdout


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: str(path.name))
def test_nothing_that_was_released_is_broken(release: Path, tmp_path: Path) -> None:
    result = breaking(ROOT, release, tmp_path / "now.binpb")
    assert (result.returncode, result.stdout) == (0, "")


def test_a_planted_break_is_seen(copy: Path) -> None:
    edit(copy, "string uid = 2", "string uid = 77")
    result = breaking(copy, RELEASES[-1], copy / "now.binpb")
    assert result.returncode == 100
    assert 'field "2" with name "uid"' in result.stdout
