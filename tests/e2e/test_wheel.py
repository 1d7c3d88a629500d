"""The wheel alone is enough: built, installed into an empty environment far from the checkout, and used."""

import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"buf", "clientela", "clientela_client", "clientela_lab", "clientela_server"}
UV = shutil.which("uv")

pytestmark = pytest.mark.skipif(UV is None, reason="uv is not installed")


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, check=False, env=env)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=HANG_S,
    )
    return next(folder.glob("clientela-*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with the locked versions, and give the folder of its programs."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    to = ("--python", folder / "bin/python", "-q")
    assert UV
    run(UV, "pip", "install", *to, "--require-hashes", "-r", ROOT / "requirements/runtime.txt")
    run(UV, "pip", "install", *to, "--no-deps", "--offline", wheel)
    run(UV, "pip", "check", "--python", folder / "bin/python")
    return folder / "bin"


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """An environment that knows nothing of the checkout, with a home of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "XDG_", "CLIENTELA_"))
    }
    return {**kept, "HOME": str(tmp_path)}


@pytest.fixture
def server(programs: Path, alone: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Start the installed server, and give its address."""
    command: list[str | Path] = [
        programs / "clientela-server",
        "--listen",
        "127.0.0.1:0",
        "--web",
        "127.0.0.1:0",
        "--database",
        tmp_path / "ledger.db",
    ]
    with subprocess.Popen(
        command, env=alone, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            ready = process.stdout.readline()
            found = re.search(r"ready grpc=(\S+)", ready)
            assert found, f"not a ready line: {ready!r}"
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=HANG_S)
    assert code == 0


def test_the_wheel_holds_all_parts_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == PARTS
    typed = {name.rpartition("/")[0] for name in names if name.endswith("/py.typed")}
    assert typed >= {"clientela/v1", "buf/validate", "clientela_client", "clientela_server"}


@pytest.mark.long
def test_the_programs_start(programs: Path, alone: dict[str, str]) -> None:
    assert run(programs / "clientela", "--version", env=alone).strip().endswith("0.1.0")
    assert "--listen" in run(programs / "clientela-server", "--help", env=alone)


@pytest.mark.long
def test_the_installed_client_reaches_the_installed_server(
    server: str, programs: Path, alone: dict[str, str]
) -> None:
    create = ("customers", "create", "--id", "ann", "--name", "Ann")
    run(programs / "clientela", "--server", server, *create, env=alone)
    listed = run(programs / "clientela", "--server", server, "-o", "name", "customers", "list", env=alone)
    assert listed == "customers/ann\n"
