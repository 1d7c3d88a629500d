"""`clientela-server ...` in this process, and what it printed."""

from dataclasses import dataclass

import pytest

from clientela_server.__main__ import main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Command:
    """Runs commands; `done` those that must succeed."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: object) -> Ended:
        self.capsys.readouterr()
        exit_code = main([str(word) for word in words])
        written = self.capsys.readouterr()
        assert "Traceback" not in written.err
        return Ended(exit_code, written.out, written.err)

    def done(self, *words: object) -> Ended:
        ended = self(*words)
        assert ended.exit_code == 0, ended.stdout + ended.stderr
        return ended
