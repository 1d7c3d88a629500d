"""docs/watch.md tells the faults there are, each as it can be written."""

import re
from pathlib import Path

from clientela_lab.wire.faults.rule_script import KINDS, parse_rule

TEXT = (Path(__file__).parents[4] / "docs/watch.md").read_text(encoding="utf-8")


def test_each_fault_has_a_row_and_each_row_a_fault() -> None:
    rows = re.findall(r"^\| `([a-z-]+)[^`]*` \| [^|`]", TEXT.replace(r"\|", "/"), re.MULTILINE)
    assert set(rows) - {"up", "connection", "chance", "from"} == set(KINDS)


def test_each_fault_that_is_shown_can_be_read() -> None:
    shown = re.findall(r'--fault "([^"]+)"', TEXT)
    assert len(shown) > 4
    for text in shown:
        parse_rule(text)
