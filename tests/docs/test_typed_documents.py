"""What other documents have one type on the server of the README goes as they show it.

Elsewhere: the walks (test_walks.py), docs/operations.md and docs/web.md (beside this), docs/economics.md
(tests/cli/economics/test_economics_commands.py), other languages (tests/e2e), `make scale`
(tests/lab/scale).
"""

import re
from pathlib import Path

import pytest

from tests.docs.copied import ROOT
from tests.docs.desk import Desk, Typed, typed
from tests.docs.test_readme import LINES

SECTIONS = (
    ("command-line.md", "## What crossed the wire"),
    ("command-line.md", "## What an answer looks like"),
    ("business.md", "# What a client is to us: the rules, and where they come from"),
    ("command-line.md", "## Ask it something"),
)


def section(document: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one."""
    text = (ROOT / "docs" / document).read_text("utf-8")
    parts = re.split(r"^(#+ .*)$", text, flags=re.MULTILINE)
    return parts[parts.index(heading) + 1]


def lines_of(document: str, heading: str) -> list[Typed]:
    """Read the lines of a section; there must be some."""
    lines = typed(section(document, heading))
    assert lines, f"{document} has nothing to type under {heading}"
    return lines


def blue_door() -> list[Typed]:
    """Return the lines of the README that make its customer and the first purchase."""
    made = [
        each for each in LINES if each.line.startswith(("clientela customers c", "clientela purchases r"))
    ]
    return made[:2]


@pytest.mark.long
def test_every_line_of_a_section_goes_on_the_server_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Desk(tmp_path, monkeypatch).serving() as desk:
        desk.type_all(blue_door(), capsys)
        for place in SECTIONS:
            desk.type_all(lines_of(*place), capsys)


@pytest.mark.long
def test_the_run_that_the_lab_shows_comes_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [shown] = [each for each in lines_of("lab.md", "## A run") if each.output]
    Desk(tmp_path, monkeypatch).type_all([shown], capsys)


def test_a_heading_that_is_not_there_is_seen() -> None:
    with pytest.raises(ValueError, match="not in list"):
        lines_of("lab.md", "## Nowhere")
