"""Every line that the README has one type goes on one's own server, in order, and prints what it shows."""

import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from clientela_client.cli.main import run
from clientela_lab.catalogue import find
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.docs.copied import ROOT
from tests.docs.walkthrough import agrees

README = (ROOT / "README.md").read_text("utf-8")
_SERVE = "make serve"
# What is shown of a shop with more clients than a new server has, or differs from call to call.
_OF_OTHER_FIGURES = ("clientela economics ", "clientela purchases get ")
_TYPED = re.compile(
    r"^    (?P<block>(?:clientela|clientela-server|grpcurl|make|source) (?:.*\\\n)*.*)$"
    r"|^\$ (?P<shown>.*)\n(?P<output>(?:(?!\$ |```).*\n)*)"
    r"|`(?P<inline>clientela(?:-server)? [^`]+)`",
    re.MULTILINE,
)
# Stands for grpcurl, which few have: a call as JSON, by the services that the server describes.
_GRPCURL = """
import sys, grpc
from google.protobuf import json_format
from clientela.v1 import customers_pb2 as pb
plaintext, _, header, _, request, address, method = sys.argv[1:]
name, value = header.split(": ", 1)
call = grpc.insecure_channel(address).unary_unary(
    f"/{method}", pb.GetCustomerRequest.SerializeToString, pb.Customer.FromString
)
asked = json_format.Parse(request, pb.GetCustomerRequest())
print(json_format.MessageToJson(call(asked, metadata=[(name, value)], timeout=60)))
"""


@dataclass(frozen=True)
class Typed:
    """A line to be typed, and what is shown of what it prints."""

    line: str
    output: str = ""


def typed(document: str) -> list[Typed]:
    """Read what a document has its reader type on a server of their own, in order."""
    found = []
    for match in _TYPED.finditer(document.partition("## Your own server")[2]):
        line = match["block"] or match["shown"] or match["inline"]
        if not re.search(r"HOST|^make (?!serve)", line):
            found.append(Typed(re.sub(r"\s+# .*|\\\n\s*", "", line), match["output"] or ""))
    return found


class Desk:
    """Where the lines are typed: a home folder of its own, and the server that `make serve` starts there."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home = home
        self.server = LocalServer("--dev", web="127.0.0.1:0", folder=home / ".local/share/clientela")
        self.server.folder.mkdir(parents=True)
        programs = home / "bin"
        programs.mkdir()
        for name, code in (
            ("clientela", "-m clientela_client"),
            ("clientela-server", "-m clientela_server"),
            ("grpcurl", f"-c {shlex.quote(_GRPCURL)}"),
        ):
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

    def serve(self) -> None:
        self.server.start()
        self.env["CLIENTELA_SERVER"] = self.server.address
        for name, value in self.env.items():
            self._monkeypatch.setenv(name, value)

    def type(self, line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
        """Type a line; return how it ends, and what it prints."""
        line = line.replace("127.0.0.1:50051", self.server.address)
        line = line.replace("http://127.0.0.1:8080", self.server.url)
        if line.startswith("clientela "):
            exit_code = run(shlex.split(line)[1:])  # as the program does, without another start of it
            written = capsys.readouterr()
            return exit_code, written.out + written.err
        return self.shell(["bash", "-c", line])

    def shell(self, words: list[str]) -> tuple[int, str]:
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
        with subprocess.Popen(
            shlex.split(line), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as watching:
            assert watching.stdout is not None
            header = watching.stdout.readline()
            assert run(["customers", "update", "blue-door", "--label", "tier=gold"]) == 0
            change = watching.stdout.readline()
            watching.send_signal(signal.SIGINT)
            watching.communicate(timeout=HANG_S)
        return header + change


def without_days(text: str) -> str:
    """Days differ from run to run, too."""
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "DAY", text)


def fails(shown: Typed) -> bool:
    """Tell whether a line is shown to be refused."""
    return shown.output.startswith("Invalid: ")


def test_every_line_of_the_readme_goes_on_ones_own_server_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = typed(README)
    desk = Desk(tmp_path, monkeypatch)
    assert [each.line for each in lines].count(_SERVE) == 1 and lines[0].line == _SERVE
    assert "clientela-server --dev" in (ROOT / "Makefile").read_text("utf-8")
    try:
        desk.serve()
        for each in dict.fromkeys(lines[1:]):
            if each.line.startswith("source "):
                assert each.line == "source .venv/bin/activate"
            elif each.line.startswith("clientela lab run "):
                scenario = find(each.line.split()[3]).scenario  # tests/lab/scenarios plays each, both ways
                assert each.line.partition(" --without ")[2] in ("", scenario.protection)
            elif each.line.startswith("clientela watch"):
                assert "UpdateCustomer" in desk.watch(each.line)
            else:
                ended, printed = desk.type(each.line, capsys)
                assert (ended != 0) == fails(each), f"$ {each.line}\n{printed}"
                if each.output and not each.line.startswith(_OF_OTHER_FIGURES):
                    assert agrees(without_days(each.output), without_days(printed)), printed
    finally:
        desk.server.kill()


def test_the_readmes_python_goes_on_the_same_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [snippet] = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    desk = Desk(tmp_path, monkeypatch)
    try:
        desk.serve()
        assert run(shlex.split("customers create --id blue-door --name Blue")) == 0
        assert run(shlex.split("purchases record blue-door 19.90 EUR")) == 0
        ended, printed = desk.shell([sys.executable, "-c", snippet])
        assert ended == 0 and "units: 19" in printed
    finally:
        desk.server.kill()


PLANTED = textwrap.dedent(
    """
    ## Your own server

        make serve

    ```
    $ clientela customers create --id blue-door --name Blue
    $ clientela purchases get blue-door/1
    ```

    Ask `clientela customers get 19339`, or `clientela lab watch --upstream HOST:PORT`.

        clientela customers list \\
            -o name
        make scale
    """
)


def test_the_lines_of_a_document_are_found_in_their_order() -> None:
    assert [each.line for each in typed(PLANTED)] == [
        "make serve",
        "clientela customers create --id blue-door --name Blue",
        "clientela purchases get blue-door/1",
        "clientela customers get 19339",
        "clientela customers list -o name",
    ]


def test_a_line_that_a_new_server_cannot_do_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path, monkeypatch)
    try:
        desk.serve()
        ended = [desk.type(each.line, capsys)[0] for each in typed(PLANTED)[1:]]
    finally:
        desk.server.kill()
    assert ended == [0, 3, 3, 0]


def test_another_answer_is_seen() -> None:
    assert not agrees("Stage NEW\n...\n", "Stage LOST\nKinds BUYER\n")
