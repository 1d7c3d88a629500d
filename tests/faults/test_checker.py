"""The checker finds each kind of broken promise in a tiny history, and none in a right one."""

import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from clientela_lab.checking.checker import Kind, check
from clientela_lab.checking.history import Event, History, Row, read
from clientela_lab.checking.money import NANOS
from tests.faults.ledger import read_ledger
from tests.faults.trial import Trial
from tests.stores import new_url


def event(ev: str, key: str, op: str = "buy", cust: str = "ann", amount: int = 5, **facts: Any) -> Event:
    return {"ev": ev, "op": op, "key": key, "cust": cust, "amount": amount, "n": 1, **facts}


def asked(key: str, **facts: Any) -> Event:
    return event("invoke", key, **facts)


def done(key: str, revision: int, **facts: Any) -> Event:
    return event("ok", key, id=f"p/{key}", rev=revision, **facts)


def ended(key: str, code: str, **facts: Any) -> Event:
    return event("err", key, code=code, **facts)


def row(revision: int, key: str, amount: int = 5, cust: str = "ann") -> Row:
    return Row(revision, f"p/{key}", key, cust, amount)


def kinds(hist: list[Event], rows: list[Row], totals: dict[str, int], *watches: Any) -> set[Kind]:
    return {violation.kind for violation in check(hist, rows, totals, watches)}


RIGHT = [
    asked("a"),
    done("a", 1),
    asked("b"),
    ended("b", "UNAVAILABLE"),
    asked("b"),
    done("b", 2),
    asked("b"),
    done("b", 2),  # sent again, answered again
    asked("c", amount=-5),
    ended("c", "INVALID_ARGUMENT", amount=-5),
    asked("d"),  # never ended, and written
    asked("e"),
    ended("e", "DEADLINE_EXCEEDED"),  # unknown, and not written
    asked("f", op="refund", amount=-5),
    done("f", 4, op="refund", amount=-5),
    asked("", op="read", n=9),
    event("ok", "", op="read", n=9, total=10, rev=4),
    asked("a", op="reuse", amount=6),
    ended("a", "ALREADY_EXISTS", op="reuse", amount=6),
]
ROWS = [row(1, "a"), row(2, "b"), row(3, "d"), row(4, "f", -5)]
SAW = [(1, "a", 5), (2, "b", 5), (3, "d", 5), (4, "f", -5)]


def test_a_right_history_breaks_nothing() -> None:
    assert check(RIGHT, ROWS, {"ann": 10}, [SAW, SAW]) == []


A_DONE = [asked("a"), done("a", 1)]
AB_DONE = [*A_DONE, asked("b"), done("b", 2)]


@pytest.mark.parametrize(
    ("kind", "hist", "rows", "total"),
    [
        (Kind.LOST, A_DONE, [], 0),
        (Kind.DOUBLED, A_DONE, [row(1, "a"), row(2, "a")], 10),
        (Kind.DOUBLED, [asked("a")], [row(1, "a"), row(2, "a")], 10),
        (Kind.REFUSED_YET_WRITTEN, [asked("a"), ended("a", "ABORTED")], [row(1, "a")], 5),
        (Kind.ANSWERS_DIFFER, [*A_DONE, asked("a"), done("a", 2)], [row(1, "a")], 5),
        (Kind.ANSWER_UNTRUE, [asked("a"), done("a", 7)], [row(1, "a")], 5),
        (Kind.CHANGED, A_DONE, [row(1, "a", 6)], 6),
        (Kind.CHANGED, A_DONE, [row(1, "a", cust="bob")], 5),
        (Kind.FOREIGN, A_DONE, [row(1, "a"), row(2, "z")], 10),
        (Kind.FOREIGN, A_DONE, [row(1, "a"), row(2, "")], 10),
        (Kind.REVISIONS, A_DONE, [row(1, "a"), row(3, "a")], 10),
        (Kind.REVISIONS, A_DONE, [row(1, "a"), row(1, "a")], 10),
        (
            Kind.REORDERED,
            [asked("a"), done("a", 2), asked("b"), done("b", 1)],
            [row(1, "b"), row(2, "a")],
            10,
        ),
        (Kind.TOTAL_WRONG, A_DONE, [row(1, "a")], 4),
        (Kind.SUM_IMPOSSIBLE, A_DONE, [row(1, "a", 4)], 4),
        (Kind.SUM_IMPOSSIBLE, [asked("a"), ended("a", "NOT_FOUND")], [row(1, "a")], 5),
        (Kind.HARNESS, [*A_DONE, asked("a", amount=6)], [row(1, "a")], 5),
        (Kind.KEY_REUSED, [*A_DONE, asked("a", op="reuse"), done("a", 1, op="reuse")], [row(1, "a")], 5),
    ],
)
def test_a_broken_promise_is_found(kind: Kind, hist: list[Event], rows: list[Row], total: int) -> None:
    assert kind in kinds(hist, rows, {"ann": total})


def test_an_unknown_refund_may_lower_the_sum_and_a_refused_one_may_not() -> None:
    bought = [asked("a"), done("a", 1)]
    back = asked("f", op="refund", amount=-5)
    rows = [row(1, "a"), row(2, "f", -5)]

    assert kinds([*bought, back], rows, {"ann": 0}) == set()
    refused = ended("f", "FAILED_PRECONDITION", op="refund", amount=-5)
    assert Kind.SUM_IMPOSSIBLE in kinds([*bought, back, refused], rows, {"ann": 0})


def imported(key: str) -> list[Event]:
    return [asked(key, op="import"), event("ok", key, op="import", id=f"p/{key}", rev=None)]


def test_an_import_tells_no_revision_and_is_held_to_all_else() -> None:
    assert kinds([*imported("a"), *imported("a")], [row(1, "a")], {"ann": 5}) == set()
    assert Kind.LOST in kinds(imported("a"), [], {})
    assert Kind.DOUBLED in kinds(imported("a"), [row(1, "a"), row(2, "a")], {"ann": 10})
    other = [asked("a", op="import"), event("ok", "a", op="import", id="p/z", rev=None)]
    assert Kind.ANSWER_UNTRUE in kinds(other, [row(1, "a")], {"ann": 5})


def read_of(total: int, revision: int) -> list[Event]:
    return [asked("", op="read", n=9), event("ok", "", op="read", n=9, total=total, rev=revision)]


@pytest.mark.parametrize(
    ("total", "revision", "found"),
    [
        (10, 2, set()),
        (5, 1, {Kind.READ_STALE}),
        (5, 2, {Kind.READ_UNTRUE}),
        (15, 2, {Kind.READ_UNTRUE}),
    ],
)
def test_a_read_is_fresh_and_true(total: int, revision: int, found: set[Kind]) -> None:
    rows = [row(1, "a"), row(2, "b")]

    assert kinds([*AB_DONE, *read_of(total, revision)], rows, {"ann": 10}) == found


def test_a_read_under_way_may_show_what_it_likes_of_what_is_under_way() -> None:
    begun, shown = read_of(5, 1)

    assert kinds([begun, *AB_DONE, shown], [row(1, "a"), row(2, "b")], {"ann": 10}) == set()


def test_a_version_that_was_updated_twice_is_found() -> None:
    def updated(key: str, revision: int, etag: str) -> list[Event]:
        facts = {"op": "update", "amount": 0, "etag": etag}
        return [asked(key, **facts), done(key, revision, **facts)]

    rows = [row(1, "a", 0), row(2, "b", 0)]
    assert kinds([*updated("a", 1, "v1"), *updated("b", 2, "v2")], rows, {}) == set()
    assert kinds([*updated("a", 1, "v1"), *updated("b", 2, "v1")], rows, {}) == {Kind.OVERWRITTEN}


@pytest.mark.parametrize(
    ("saw", "found"),
    [
        (SAW, set()),
        (SAW[:2], {Kind.FEED_SHORT}),
        ([SAW[0], *SAW[2:]], {Kind.FEED_WRONG, Kind.FEED_SHORT}),
        ([SAW[0], *SAW], {Kind.FEED_WRONG}),
        ([SAW[1], SAW[0], *SAW[2:]], {Kind.FEED_WRONG}),
        ([*SAW[:3], (4, "f", 5)], {Kind.FEED_WRONG}),
        ([*SAW, (5, "z", 5)], {Kind.FEED_WRONG}),
    ],
)
def test_a_watcher_sees_the_journal(saw: list[Any], found: set[Kind]) -> None:
    assert kinds(RIGHT, ROWS, {"ann": 10}, SAW, saw) == found


def test_a_history_is_read_back_as_it_was_noted(tmp_path: Path) -> None:
    with History(tmp_path / "history.jsonl") as history:
        attempts = [history.invoke("buy", key=key, cust="ann", amount=5) for key in "ab"]
        attempts[1].err("UNAVAILABLE")
        threading.Thread(target=attempts[0].ok, kwargs={"id": "x", "rev": 1}).start()
    with history.path.open("a") as file:
        file.write('{"t": 1, "ev": "inv')

    events = read(history.path)
    assert [(each["ev"], each["key"]) for each in events[:3]] == [
        ("invoke", "a"),
        ("invoke", "b"),
        ("err", "b"),
    ]
    assert all(left["t"] <= right["t"] for left, right in pairwise(events))


def test_a_server_that_nothing_befalls_keeps_every_promise(tmp_path: Path) -> None:
    with (
        Trial("nothing", tmp_path / "trial", seed=1, tries=0, database=new_url()) as trial,
        trial.load() as load,
    ):
        load.start()
        load.wait_for(300)
        load.stop()
        load.settle()
    rows, totals = read_ledger(trial.server.database)

    assert trial.verdict(load.watches).complaints() == []
    assert check(read(trial.history.path), rows, totals, load.watches) == []
    assert {each["op"] for each in trial.history.events} == {
        "create",
        "buy",
        "refund",
        "read",
        "update",
        "reuse",
        "import",
    }
    assert {each["code"] for each in trial.history.events if each["ev"] == "err"} >= {
        "ABORTED",
        "ALREADY_EXISTS",
        "INVALID_ARGUMENT",
    }
    assert all(total % (NANOS // 100) == 0 for total in totals.values())
