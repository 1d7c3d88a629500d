"""A run is judged by its predictions, by the promises, and by the database file."""

from typing import Any

import apsw
import pytest

from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros
from clientela_lab.runs.running import Result, play
from clientela_lab.runs.scenario import NamedScenario, Scenario


def played(run: Any) -> Result:
    scenario = Scenario(question="?", prediction=".", protection="none", without=".")
    return play(NamedScenario("planted", scenario, run))


def verdict(result: Result) -> str:
    [event] = [event for event in result.events if event["event"] == "verdict"]
    return str(event["text"])


@pytest.mark.long
def test_each_client_has_a_connection_of_its_own() -> None:
    def run(lab: Any) -> None:
        customer = lab.customer()
        for name in ("desk", "phone"):
            lab.connect(name).customers.get(customer)
        lab.that("it", 1, 1)

    result = played(run)
    assert result.kept, verdict(result)
    assert [event["event"] for event in result.events].count("open") == 2


@pytest.mark.long
def test_an_entry_is_joined_to_the_call_that_made_it() -> None:
    def run(lab: Any) -> None:
        customer = lab.customer()
        lab.connect("till").purchases.record(customer, Purchase(amount=euros(500), note="tea"))
        lab.that("it", 1, 1)

    events = played(run).events
    [call] = [event["call"] for event in events if event["event"] == "call_begin"]
    entries = [event for event in events if event["event"] == "entry"]
    assert [(entry["revision"], entry["call"]) for entry in entries] == [(1, None), (2, call)]
    assert entries[1]["after"]["note"] == "tea"


@pytest.mark.long
def test_a_server_that_was_left_dead_or_frozen_is_brought_back_to_be_asked() -> None:
    def run(lab: Any) -> None:
        lab.customer("ann")
        lab.kill_server()
        lab.start_server()
        lab.customer("bob")
        lab.freeze_server()
        lab.that("it", 1, 1)

    def dies(lab: Any) -> None:
        lab.customer("ann")
        lab.kill_server()
        lab.that("it", 1, 1)

    assert played(run).kept
    assert played(dies).kept


def test_a_sale_that_was_answered_and_is_gone_is_not_overlooked() -> None:
    def run(lab: Any) -> None:
        customer = lab.customer()
        lab.connect("till").purchases.record(customer, Purchase(amount=euros(500), note="tea"))
        lab.kill_server()
        with apsw.Connection(str(lab.server.file)) as file:
            file.execute("DELETE FROM journal WHERE revision = 2")
        lab.start_server()
        lab.that("it", 1, 1)

    result = played(run)
    assert not result.kept
    assert "LOST: acknowledged, and not in the ledger: tea" in verdict(result)


def test_one_prediction_that_fails_is_enough() -> None:
    def run(lab: Any) -> None:
        lab.that("it", 1, 1)
        lab.that("that", 1, 2)

    result = played(run)
    assert not result.kept
    assert verdict(result).startswith("1 of 2 predictions met.\nThe checker: every promise kept.")
