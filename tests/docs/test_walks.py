"""The documents that are walks hold: their steps are taken, in order, in a copy of the checkout.

Each command must do what the document shows. What checks them is shown to find a planted fault.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.copied import ROOT, Copy, StepFailed
from tests.docs.walkthrough import Command, Edit, NotAStep, agrees, steps

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout of git")

SERVICE = ROOT / "docs/add-a-service.md"
WALKS = (
    "add-an-rpc.md",
    "add-a-scenario.md",
    "add-a-service.md",
)


@pytest.mark.long
@pytest.mark.parametrize("document", WALKS)
def test_every_step_of_the_walk_goes_as_it_says(document: str, tmp_path: Path) -> None:
    with Copy(tmp_path) as copy:
        for step in steps((ROOT / "docs" / document).read_text("utf-8")):
            copy.take(step)


def test_a_noun_costs_no_more_than_it_may() -> None:
    """The walk shows, and so holds, how many files and lines one is beside what is generated."""
    shown = re.search(r"^ (\d+) files changed, (\d+) insertions", SERVICE.read_text("utf-8"), re.MULTILINE)
    assert shown
    assert (int(shown[1]) <= 18, int(shown[2]) <= 350) == (True, True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy to plant faults in."""
    with Copy(tmp_path_factory.mktemp("planted")) as copy:
        yield copy


@pytest.mark.parametrize(
    "step",
    [
        Edit("README.md", "after", "a line that nobody wrote", "x\n"),
        Edit("README.md", "after", "the", "x\n"),
    ],
    ids=str,
)
def test_an_edit_that_could_go_nowhere_or_anywhere_is_found(copy: Copy, step: Edit) -> None:
    with pytest.raises(ValueError, match=r"README.md has \d+ lines"):
        copy.take(step)


@pytest.mark.parametrize(
    "step",
    [
        Edit("README.md", "new", "", "x\n"),
        Edit("no-such-file.md", "end", "", "x\n"),
        Command("false", fails=False, output=""),
        Command("true", fails=True, output=""),
        Command("echo two", fails=False, output="one\n"),
        Command("false &", fails=False, output=""),
    ],
    ids=str,
)
def test_a_step_that_does_not_go_as_shown_is_found(copy: Copy, step: Edit | Command) -> None:
    with pytest.raises(StepFailed):
        copy.take(step)


def test_code_that_goes_nowhere_is_found() -> None:
    with pytest.raises(NotAStep):
        steps("Write this:\n\n```python\nx = 1\n```\n")


def test_what_differs_from_run_to_run_may_differ_and_nothing_else() -> None:
    shown = "made 2026-11-22 09:36:56\n...\n3 passed in 0.1s\n"
    assert agrees(shown, "made 2027-01-01 00:00:00\nmore\nand more\n7 passed in 72.0s (0:01:12)\n")
    assert agrees(shown, "made 2027-01-01 00:00:00\n7 passed in 12.0s\n")
    assert not agrees(shown, "made 2027-01-01 00:00:00\n7 failed in 12.0s\n")
    assert not agrees("one\n", "one\ntwo\n")
