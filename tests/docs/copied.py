"""A copy of the checkout in which a reader's steps are taken.

Its .venv holds the programs of the running environment; PYTHONPATH makes them use the copy's sources. Nothing
of the user's own folders is touched, and what was started in the background is stopped at the end.
Read next: walkthrough.py.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from clientela_lab.patience import HANG_S
from clientela_lab.servers.ports import free_port
from tests.docs.walkthrough import Command, Edit, agrees

ROOT = Path(__file__).resolve().parents[2]
# What a document calls the server's address, and what a walk has in its place: any port may be taken.
PORTS = ("50051", "50052")
TIMEOUT_S = HANG_S


class StepFailed(AssertionError):
    """A step that did not go as its document says."""


class Copy:
    """A checkout in a folder of its own, from entering to leaving the context."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clientela"
        self._ports = {port: str(free_port()) for port in PORTS}
        self._running: list[subprocess.Popen[str]] = []
        self.env = _environment(self.root, folder) | {
            "CLIENTELA_SERVER": f"127.0.0.1:{self._ports[PORTS[0]]}",
            "CLIENTELA_OUTPUT": "table",
        }

    def __enter__(self) -> Self:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=TIMEOUT_S,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)
        if (ROOT / ".mypy_cache").is_dir():
            shutil.copytree(ROOT / ".mypy_cache", self.root / ".mypy_cache")
        # The linter leaves out what git ignores, and only in a repository.
        _commit_all(self.root)
        _make_environment(self.root / ".venv")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._running):
            process.terminate()
            process.communicate(timeout=TIMEOUT_S)

    def take(self, step: Edit | Command) -> None:
        """Take one step; StepFailed says what was printed where that is not what the document shows."""
        if isinstance(step, Edit):
            self._write(step)
        elif step.line.endswith("&"):
            self._start(step)
        elif step.line == "fg":
            self._interrupt(step)
        else:
            self._run(step)

    def _write(self, edit: Edit) -> None:
        path = self.root / edit.path
        if path.exists() == (edit.where == "new"):
            raise StepFailed(f"{edit}: the file is {'' if path.exists() else 'not '}there")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edit.applied(path.read_text() if path.exists() else ""))

    def _run(self, command: Command) -> None:
        ended = subprocess.run(
            ["bash", "-c", self._with_ports(command.line)],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if (ended.returncode != 0) != command.fails:
            raise StepFailed(f"{command}\nexit code {ended.returncode}\n{ended.stdout}")
        _compare(command, ended.stdout)

    def _start(self, command: Command) -> None:
        """Start what goes on, and wait until it says that it does."""
        process = subprocess.Popen(
            ["bash", "-c", "exec " + self._with_ports(command.line.rstrip("& "))],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        assert process.stdout
        for line in process.stdout:
            if re.search(r"\b(ready|listening)\b", line):
                return
        raise StepFailed(f"{command}\nended before it was ready")

    def _interrupt(self, command: Command) -> None:
        """Press Ctrl-C in what was started last, and see what it printed since it was ready."""
        process = self._running.pop()
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=TIMEOUT_S)
        _compare(command, printed)

    def _with_ports(self, line: str) -> str:
        for shown, real in self._ports.items():
            line = line.replace(shown, real)
        return line


def _commit_all(root: Path) -> None:
    """Make a repository with one commit of all, so that a walk can say what it changed."""
    author = ["-c", "user.name=reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "as it was"]):
        subprocess.run(["git", *arguments], cwd=root, check=True, timeout=TIMEOUT_S)


def _compare(command: Command, printed: str) -> None:
    if command.output.strip() and not agrees(command.output, printed):
        raise StepFailed(f"{command}\nshown:\n{command.output}\nprinted:\n{printed}")


def _environment(root: Path, folder: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "CLIENTELA_", "XDG_", "MAKE")) and name != "PYTHONPATH"
    }
    sources = (root / "protos/gen", root / "server", root / "client")
    return kept | {
        "HOME": str(folder / "home"),
        "PATH": f"{root / '.venv/bin'}:{os.environ['PATH']}",
        "PYTHONPATH": ":".join(map(str, sources)),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }


def _make_environment(venv: Path) -> None:
    """Make what `make` takes for an environment that is set up: the running one's programs, and ours."""
    programs = venv / "bin"
    programs.mkdir(parents=True)
    for program in Path(sys.executable).parent.iterdir():
        (programs / program.name).symlink_to(program)
    ours = {
        "python": "",
        "clientela": " -m clientela_client",
        "clientela-server": " -m clientela_server",
        "uv": " -m uv",
    }
    for name, module in ours.items():
        (programs / name).unlink(missing_ok=True)
        # Not a link: an interpreter looks for its environment beside the name that it is called by.
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{module} "$@"\n')
        (programs / name).chmod(0o755)
    for stamp in (".runtime", ".dev"):
        (venv / stamp).touch()
