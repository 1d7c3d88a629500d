"""A few storms in each run of the tests; `make phone-storm` has a hundred. And: would the judge see it?"""

from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.phone.storm import Storm, judge, run


@pytest.mark.parametrize("seed", [11, 12])
def test_a_storm_loses_nothing(browser: Browser, seed: int) -> None:
    storm = run(browser, seed)
    assert storm.sold
    assert not storm.faults


def _entry(number: int, name: str) -> Any:
    return SimpleNamespace(name=name, revision=number + 1, amount=SimpleNamespace(units=number))


def _item(number: int, name: str, state: str = "accepted") -> dict[str, Any]:
    return {"about": name, "state": state, "revision": str(number + 1) if state == "accepted" else None}


@pytest.mark.parametrize(
    ("entries", "items", "fault"),
    [
        ([], [_item(1, "a")], "sale 1 is in the ledger 0 times"),
        ([_entry(1, "a"), _entry(1, "b")], [_item(1, "a")], "sale 1 is in the ledger 2 times"),
        ([_entry(1, "a")], [_item(1, "a", "doubt")], "the phone says ('doubt', 0) of a, the ledger 2"),
        ([_entry(1, "a")], [], "the outbox holds 0 of 1"),
    ],
)
def test_the_judge_sees(entries: list[Any], items: list[dict[str, Any]], fault: str) -> None:
    storm = Storm(seed=0, sold=1)
    hand: Any = SimpleNamespace(outbox=lambda: items, faults=[])
    books: Any = SimpleNamespace(entries=lambda: entries)
    judge(storm, hand, books)
    assert fault in storm.faults
