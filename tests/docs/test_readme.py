"""Every line that the README has one type goes on one's own server, in order, and prints what it shows."""

import re
import shlex
import sys
import textwrap
from pathlib import Path

import pytest

from clientela_client.cli.main import run
from tests.docs.copied import ROOT
from tests.docs.desk import Desk, typed
from tests.docs.walkthrough import agrees

README = (ROOT / "README.md").read_text("utf-8")
LINES = typed(README.partition("## Your own server")[2])
LINES_MAX = 140


@pytest.mark.long
def test_every_line_of_the_readme_goes_on_ones_own_server_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    serve, activate, *lines = LINES
    assert (serve.line, activate.line) == ("make serve", "source .venv/bin/activate")
    assert not any(each.line.startswith(("make", "source")) for each in lines)
    assert "clientela-server --dev" in (ROOT / "Makefile").read_text("utf-8")
    with Desk(tmp_path, monkeypatch).serving() as desk:
        desk.type_all(lines, capsys)


@pytest.mark.long
def test_the_readmes_python_goes_on_the_same_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [snippet] = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    with Desk(tmp_path, monkeypatch).serving() as desk:
        assert run(shlex.split("customers create --id blue-door --name Blue")) == 0
        assert run(shlex.split("purchases record blue-door 19.90 EUR")) == 0
        ended, printed = desk.shell([sys.executable, "-c", snippet])
        assert ended == 0 and "units: 19" in printed


def test_the_readme_is_short() -> None:
    assert README.count("\n") <= LINES_MAX


PLANTED = textwrap.dedent(
    """
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
    with Desk(tmp_path, monkeypatch).serving() as desk:
        ended = [desk.type(each.line, capsys)[0] for each in typed(PLANTED)[1:]]
    assert ended == [0, 3, 3, 0]


def test_another_answer_is_seen() -> None:
    assert not agrees("Stage NEW\n...\n", "Stage LOST\nKinds BUYER\n")
