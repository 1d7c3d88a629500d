"""A page parses of a recording what its rows need, and the rest on demand: characters read are counted."""

import json
import re
from pathlib import Path
from typing import Any, get_type_hints

from clientela_lab.page import page as module
from clientela_lab.page.page import HEADS, page
from clientela_lab.wire.decode.events import KINDS
from tests.lab.page import samples
from tests.lab.page.conftest import Open
from tests.lab.page.tape import Connection, Event, Tape
from tests.lab.page.test_page import data_of

SCRIPT = (Path(module.__file__).parent / "js/lines.js").read_text("utf-8")
TAB = "one\ttwo\nthree \\t four"


def lines_of(events: list[Event]) -> list[str]:
    return data_of(page(events)).strip().splitlines()[1:-1]


def carried() -> set[str]:
    found = re.search(r"const CARRIED = \[(.*?)\]", SCRIPT, re.DOTALL)
    assert found
    return set(re.findall(r'"(\w+)"', found[1]))


def test_all_that_is_left_for_later_is_found_later() -> None:
    kinds = {kind: set(get_type_hints(KINDS[kind])) for kind in HEADS}
    assert {key for kind, keys in kinds.items() for key in keys - HEADS[kind]} == carried()


def test_a_line_is_parted_once_and_whole_all_the_same() -> None:
    for line, event in zip(lines_of(samples.lost_reply(note=TAB)), samples.lost_reply(note=TAB), strict=True):
        parted = event["event"] in HEADS and bool(event.keys() - HEADS[event["event"]])
        assert line.count("\t") == parted
        assert json.loads(line.rstrip(",")) == json.loads(json.dumps(event))
        if parted:
            head = line.split("\t")[0].removesuffix(",") + "}"
            assert set(json.loads(head)) <= HEADS[event["event"]]


def read_of(opened: Open, events: list[Event]) -> float:
    """Return the share of a recording that was parsed when its page was drawn."""
    read = opened(events).evaluate("Number(document.documentElement.dataset.parsed)")
    return float(read) / len(data_of(page(events)))


def test_of_many_small_events_their_heads_are_read(opened: Open) -> None:
    assert 0 < read_of(opened, samples.many(3000)) < 0.3


def test_of_a_large_message_next_to_nothing_is_read_before_it_is_seen(opened: Open) -> None:
    head, *events = samples.large()
    before = [{"event": "say", "n": 10_000 + at, "t": 0.0, "text": "further down"} for at in range(100)]
    assert 0 < read_of(opened, [head, *before, *events]) < 0.02


def test_what_is_opened_and_searched_is_read_then(opened: Open) -> None:
    shown = opened(samples.lost_reply(note=TAB))
    shown.locator("[role=option]", has_text="RecordPurchaseRequest").first.click()
    note = shown.locator(".node", has=shown.locator(".name:text-is('note')"))
    assert note.text_content() == f"note{json.dumps(TAB)}"
    shown.locator("#text").fill("three")
    assert shown.locator("[role=option]").count() >= 2


PAGE = b"<html><title>502 Bad Gateway</title><script>document.title='owned'</script></html>"


def strange() -> list[Event]:
    """A proxy answers a call; somebody speaks HTTP/1.1, and somebody asks HTTP/2 for a page."""
    tape = Tape("strangers")
    line = Connection(tape, 1)
    call = line.begin("/shop.Till/Open")
    answer: Any = [(":status", "502"), ("content-type", "text/html")]
    line.headers("server", call.stream, answer)
    line.frame("server", samples.data_frame(call.stream, PAGE))
    raw = {"stream": 0, "kind": "RAW", "flags": [], "length": 9, "raw": "R0VUIC8gSFRU", "passed": True}
    tape.put("open", conn=2, peer="127.0.0.1:9", tls=False)
    for _ in range(2):
        tape.put("frame", conn=2, **{"from": "client"}, **raw, wrong="HTTP/1.1 GET /: not HTTP/2")
    return tape.events


def test_an_answer_that_is_no_grpc_and_another_protocol_are_shown_as_what_they_are(opened: Open) -> None:
    shown = opened(strange())
    title = shown.title()
    assert shown.locator(".is-message").count() == 0
    assert shown.locator(".is-call_end .label").text_content().startswith("no statusHTTP 502")
    assert shown.locator(".is-frame").count() == 1
    assert "HTTP/1.1 GET /: not HTTP/2" in (shown.locator(".is-frame").text_content() or "")
    shown.locator(".is-body").click()
    assert shown.locator("#panel-title").text_content() == "text/html"
    assert shown.locator("#panel pre").text_content() == PAGE.decode()
    assert shown.locator(".tree .node", has_text="body").count() == 1
    assert shown.title() == title
