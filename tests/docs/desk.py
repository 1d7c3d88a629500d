"""A desk at which the lines of a document are typed, on a server of one's own, as a reader would.

Read next: test_readme.py and test_typed_documents.py, which say what of which document is typed.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import pytest

from clientela_client.cli.main import run
from clientela_lab.catalogue import find
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.docs.walkthrough import agrees

_TYPED = re.compile(
    r"^    (?P<block>(?:clientela|clientela-server|make|source) (?:.*\\\n)*.*)$"
    r"|^\$ (?P<shown>.*)\n(?P<output>(?:(?!\$ |```).*\n)*)"
    r"|`(?P<inline>clientela(?:-server)? [^`]+)`",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Typed:
    """A line to be typed, and what is shown of what it prints."""

    line: str
    output: str = ""

    @property
    def fails(self) -> bool:
        """Return whether the line is shown to be refused, or a scenario is run without what protects."""
        return self.output.startswith("Invalid: ") or " --without " in self.line


def typed(text: str) -> list[Typed]:
    """Read what a part of a document has its reader type on a server of their own, in order."""
    found = []
    for match in _TYPED.finditer(text):
        line = match["block"] or match["shown"] or match["inline"]
        if not re.search(r"HOST|^make (?!serve)", line):
            found.append(Typed(re.sub(r"\s+# .*|\\\n\s*", "", line), match["output"] or ""))
    return found


def without_days(text: str) -> str:
    """Return the text with a word for each day, which differs from run to run."""
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "DAY", text)


class Desk:
    """Where the lines are typed: a home folder of its own, and the server that `make serve` starts there."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home = home
        self.server = LocalServer("--dev", web="127.0.0.1:0", folder=home / ".local/share/clientela")
        self.server.folder.mkdir(parents=True)
        programs = home / "bin"
        programs.mkdir()
        for name, code in (("clientela", "-m clientela_client"), ("clientela-server", "-m clientela_server")):
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {code} "$@"\n')
            (programs / name).chmod(0o755)
        self.env = self.server.env | {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "CLIENTELA_OUTPUT": "table",
        }
        monkeypatch.chdir(home)
        self._monkeypatch = monkeypatch

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Run the server, and set the environment of this process to what a reader has."""
        try:
            self.server.start()
            self.env["CLIENTELA_SERVER"] = self.server.address
            for name, value in self.env.items():
                self._monkeypatch.setenv(name, value)
            yield self
        finally:
            self.server.kill()

    def type(self, line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
        """Type a line; return how it ends, and what it prints."""
        line = line.replace("127.0.0.1:50051", self.server.address)
        line = line.replace("http://127.0.0.1:8080", self.server.url)
        # As the program does, without another start of it; of --wire it counts what is printed first.
        if line.startswith("clientela ") and "--wire" not in line:
            exit_code = run(shlex.split(line)[1:])
            written = capsys.readouterr()
            return exit_code, written.out + written.err
        return self.shell(["bash", "-c", line])

    def type_all(self, lines: Iterable[Typed], capsys: pytest.CaptureFixture[str]) -> None:
        """Type lines in order, the same one with the same answer once; each must do what is shown of it."""
        for each in dict.fromkeys(lines):
            if each.line.startswith("clientela lab run ") and not each.output:
                scenario = find(each.line.split()[3]).scenario  # tests/lab/scenarios plays each, both ways
                assert each.line.partition(" --without ")[2] in ("", scenario.protection)
            elif each.line.startswith("clientela watch"):
                assert "UpdateCustomer" in self.watch(each.line)
            else:
                ended, printed = self.type(each.line, capsys)
                assert (ended != 0) == each.fails, f"$ {each.line}\n{printed}"
                if each.output:
                    assert agrees(without_days(each.output), without_days(printed)), printed

    def shell(self, words: list[str]) -> tuple[int, str]:
        """Run a program; return how it ends, and what it prints."""
        ended = subprocess.run(
            words,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=HANG_S,
            check=False,
        )
        return ended.returncode, ended.stdout

    def watch(self, line: str) -> str:
        """Watch until a change comes, and press Ctrl-C."""
        with (
            ThreadPoolExecutor(1) as reader,
            subprocess.Popen(
                shlex.split(line), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as watching,
        ):
            try:
                header_and_change = reader.submit(_lines, watching.stdout, 2)
                # The header comes before the server begins to watch: a change between is not shown.
                for number in range(int(HANG_S)):
                    assert run(["customers", "update", "blue-door", "--label", f"tier={number}"]) == 0
                    if wait([header_and_change], timeout=1).done:
                        break
                watching.send_signal(signal.SIGINT)
                return header_and_change.result(timeout=HANG_S)
            finally:
                watching.kill()


def _lines(stream: IO[str] | None, count: int) -> str:
    assert stream is not None
    return "".join(stream.readline() for _ in range(count))
