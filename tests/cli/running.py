"""The command line as tests call it: in this process where that will do, else as a process of its own."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from clientela_client.cli.main import run
from clientela_lab.patience import HANG_S

TIMEOUT_S = HANG_S
_numbers = itertools.count(1)


def new_id(stem: str) -> str:
    """Make an id that no other test uses on the shared server, of this or of another worker."""
    return f"{stem}-{os.getpid()}-{next(_numbers)}"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def facts(self) -> dict[str, str]:
        """The rows of one resource, as they go into a pipe."""
        return dict(line.split("\t", 1) for line in self.stdout.splitlines())

    @property
    def rows(self) -> list[list[str]]:
        """The rows of a list, as they go into a pipe."""
        return [line.split("\t") for line in self.stdout.splitlines()]


@dataclass(frozen=True)
class Cli:
    """`clientela ...` in this process."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Ended:
        self.capsys.readouterr()
        exit_code = run(list(words))
        written = self.capsys.readouterr()
        return Ended(exit_code, written.out, written.err)

    def done(self, *words: str) -> Ended:
        """Run a command that must succeed."""
        ended = self(*words)
        assert ended.exit_code == 0, ended.stderr
        return ended


def command(*words: str) -> list[str]:
    """Return the command line of a process of its own."""
    return [sys.executable, "-m", "clientela_client", *words]


def run_process(env: Mapping[str, str], *words: str) -> Ended:
    """Run `clientela ...` as a process."""
    ended = subprocess.run(
        command(*words), env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
