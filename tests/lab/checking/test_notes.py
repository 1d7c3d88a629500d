"""Notes wait for what happens, past or to come, and tell it on a terminal."""

import threading
from typing import Any

import pytest

from clientela_lab.checking.notes import Notes
from clientela_lab.patience import HANG_S
from clientela_lab.runs.console_reporter import ConsoleReporter


def notes() -> Notes:
    def record(event: Any) -> None:
        made.take(event)

    made = Notes(record, lambda _: None)
    return made


def test_what_has_happened_need_not_be_waited_for() -> None:
    made = notes()
    made.say("one")
    made.say("two")
    assert made.wait_for("two", lambda event: event["text"] == "two", 0.0)["text"] == "two"


def test_what_is_to_come_is_waited_for_and_each_event_is_looked_at_once() -> None:
    made, seen = notes(), []

    def third(event: Any) -> bool:
        seen.append(event["text"])
        if len(seen) < 3:
            threading.Thread(target=made.say, args=(f"{len(seen) + 1}",)).start()
        return len(seen) == 3

    made.say("1")
    assert made.wait_for("the third", third, HANG_S)["text"] == "3"
    assert seen == ["1", "2", "3"]


def test_what_does_not_happen_is_named() -> None:
    with pytest.raises(TimeoutError, match="it did not happen: a miracle"):
        notes().wait_for("a miracle", lambda _: True, 0.01)


def test_a_value_that_json_does_not_know_is_told_as_text() -> None:
    made = notes()
    made.check("it", ("a", {1: b"x"}), ["a", {1: b"x"}])
    [event] = made.events
    assert event["wanted"] == event["got"] == ["a", {"1": "b'x'"}]
    assert event["right"] is False, "what is compared are the values, not their texts"


def told(*events: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    reporter = ConsoleReporter(color=True)
    for event in events:
        reporter(event)
    reporter({"event": "verdict", "text": "so it is", "kept": True})
    return capsys.readouterr().out


RED = "\x1b[31m"


@pytest.mark.parametrize(
    ("outcome", "value", "true", "red"),
    [
        ("done", "5 EUR", "5 EUR", False),
        ("done", "5 EUR", "10 EUR", True),
        ("in doubt", None, "5 EUR", True),
        ("not done", "nothing", "nothing", False),
        ("done", None, "whatever", False),
    ],
)
def test_belief_and_truth_stand_side_by_side_and_are_red_where_they_differ(
    outcome: str, value: str | None, true: str, red: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    belief = {"event": "belief", "client": "till", "about": "beans", "outcome": outcome, "value": value}
    out = told(belief, {"event": "truth", "about": "beans", "value": true}, capsys=capsys)
    [row] = [line for line in out.splitlines() if "beans" in line]
    assert f"till: {outcome}" in row and f"server: {true}" in row
    assert (RED in row) is red


def test_a_belief_that_was_held_against_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    belief = {"event": "belief", "client": "till", "about": "beans", "outcome": "done", "value": "5 EUR"}
    assert "nobody looked" in told(belief, capsys=capsys)


def test_of_what_crosses_the_first_lines_are_reported_and_the_rest_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    faults = [{"event": "fault", "t": 0.0, "what": "delay", "text": f"{n} ms"} for n in range(50)]
    out = told(*faults, capsys=capsys)
    assert out.count("delay: ") == 40
    assert "and 10 lines more of what crossed" in out


def test_a_prediction_that_failed_has_a_cross(capsys: pytest.CaptureFixture[str]) -> None:
    check = {"event": "check", "what": "sales", "wanted": 1, "got": 2, "right": False}
    assert f"{RED}✗\x1b[0m sales: wanted = 1, got = 2" in told(check, capsys=capsys)
