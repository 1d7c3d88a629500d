"""An event is one line: time, connection, direction, method, message. A slow terminal delays nothing."""

import io
import re
import threading
from typing import Any

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.runs.console_reporter import ConsoleReporter
from clientela_lab.wire.watch import terminal
from clientela_lab.wire.watch.event_format import EventFormat
from clientela_lab.wire.watch.terminal import Screen
from clientela_lab.wire.watch.watch_command import Tally, _note

BEGIN = {
    "event": "call_begin",
    "t": 0.5,
    "call": 1,
    "conn": 2,
    "stream": 3,
    "kind": "unary",
    "timeout_s": 4.0,
}
BEGIN |= {"method": "/clientela.v1.PurchaseService/RecordPurchase"}
FIELDS = [
    {"number": 1, "name": "parent", "value": "customers/blue-door"},
    {"number": 2, "name": "purchase", "fields": [{"number": 4, "name": "amount", "value": "2.40 EUR"}]},
    {"number": 9, "name": None, "value": 7},
    {"number": 10, "name": "lines", "fields": []},
]
MESSAGE = {
    "event": "message",
    "t": 0.6,
    "call": 1,
    "stream": 3,
    "from": "client",
    "passed": True,
    "length": 9,
}
MESSAGE |= {"type": "clientela.v1.RecordPurchaseRequest", "method": BEGIN["method"], "fields": FIELDS}
END = {"event": "call_end", "t": 1.5, "call": 1, "conn": 2, "stream": 3, "by": "server", "passed": True}
END |= {"status": "OK", "text": "", "ms": 1000.0}


def shown(*events: Any, frames: bool = False) -> list[str]:
    event_format = EventFormat(frames=frames)
    return [str(line) for event in events if event_format.wants(event) and (line := event_format.of(event))]


def test_a_call_is_shown_from_its_beginning_to_its_end() -> None:
    request = 'parent="customers/blue-door" purchase.amount="2.40 EUR" 9=7 lines={}'
    assert shown(BEGIN, MESSAGE, END) == [
        "    0.500  2/3    →  PurchaseService/RecordPurchase     unary call, within 4 s",
        f"    0.600  2/3    →  PurchaseService/RecordPurchase     {request}",
        "    1.500  2/3    ←  PurchaseService/RecordPurchase     OK  1000.0 ms",
    ]


def test_what_did_not_arrive_is_crossed_out() -> None:
    _, message, end = shown(BEGIN, MESSAGE | {"passed": False, "from": "server"}, END | {"passed": False})
    assert " ✗ " in message
    assert " ✗ " in end


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            {"event": "open", "conn": 1, "peer": "127.0.0.1:9", "tls": True},
            "1      ·  127.0.0.1:9 connects, TLS",
        ),
        ({"event": "close", "conn": 1, "by": "client", "why": "closed"}, "1      ·  closed by the client"),
        ({"event": "close", "conn": 1, "by": "tap", "why": "cut"}, "1      ·  closed by the tap: cut"),
        ({"event": "fault", "what": "refuse", "conn": 1, "text": "it was"}, "1      !  refuse: it was"),
        ({"event": "server", "what": "killed", "text": "it was killed"}, "       !  it was killed"),
        (END | {"by": "cut", "status": None, "text": "it ended"}, "2/3    ✗  no status  1000.0 ms  it ended"),
    ],
)
def test_other_events_have_a_line_too(event: Any, line: str) -> None:
    assert shown(event | {"t": 0}) == [f"    0.000  {line}"]


def test_frames_are_shown_where_they_are_asked_for() -> None:
    frame = {"event": "frame", "t": 0, "conn": 1, "stream": 3, "from": "server", "passed": True}
    frame |= {"kind": "RST_STREAM", "length": 4, "flags": [], "error_code": "CANCEL"}
    assert shown(frame) == []
    assert shown(frame, frames=True) == ["    0.000  1/3    ←  RST_STREAM 4 CANCEL"]


def test_what_somebody_sent_cannot_command_the_terminal() -> None:
    [line] = shown(MESSAGE | {"fields": [{"number": 1, "name": "a", "value": "\x1b[31m\n" + "x" * 99}]})
    assert "\x1b" not in line
    assert "\n" not in line
    assert line.endswith("xxx…")


@pytest.mark.parametrize("color", [True, False])
def test_a_line_is_coloured_on_a_terminal_and_plain_in_a_pipe(color: bool) -> None:
    out = io.StringIO()
    screen = Screen(out, EventFormat(frames=False), color=color)
    screen.show(BEGIN)
    screen.show(MESSAGE | {"fields": FIELDS * 9})
    screen.close()
    assert ("\x1b[" in out.getvalue()) is color
    assert out.getvalue().count("\n") == 2
    assert "…" in out.getvalue()


def test_nobody_waits_for_a_terminal_and_what_it_missed_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_WAITING_MAX", 10)
    go_on = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            go_on.wait(HANG_S)
            return super().write(text)

    out = Stuck()
    screen = Screen(out, EventFormat(frames=False), color=False)
    for _ in range(100):
        screen.show(BEGIN)
    go_on.set()
    screen.close()
    lines = out.getvalue().splitlines()
    assert len(lines) < 20
    assert lines[-1].endswith("events are not shown here")


def test_a_reader_who_leaves_ends_nothing_but_the_showing() -> None:
    class Left(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    left: list[bool] = []
    screen = Screen(Left(), EventFormat(frames=False), color=False, on_left=lambda: left.append(True))
    for _ in range(3):
        screen.show(BEGIN)
    screen.close()
    assert left == [True]


# What a terminal may obey, or what reorders its line: C0, DEL, C1, bidirectional controls, line ends, tags.
COMMANDS = "\x1b]0;mine\x07 \x00 \x7f \x9b31m \u061c \u200e \u202e \u2066 \u2028 \U000e0041 \r\n\t"
HARMFUL = set(COMMANDS) - set(" mine0;]31")
FROM_THE_WIRE = [
    BEGIN | {"method": f"/shop.{COMMANDS}/Buy{COMMANDS}"},
    MESSAGE | {"fields": [{"number": 1, "name": COMMANDS, "value": COMMANDS}], "type": None},
    MESSAGE | {"method": COMMANDS, "fields": [{"number": 1, "name": None, "value": {"of": [COMMANDS]}}]},
    END | {"status": COMMANDS, "text": COMMANDS},
    {"event": "open", "t": 0.1, "conn": 1, "peer": COMMANDS, "tls": False},
    {"event": "close", "t": 0.1, "conn": 1, "by": "client", "why": COMMANDS},
    {"event": "fault", "t": 0.1, "what": COMMANDS, "text": COMMANDS, "conn": 1},
    {"event": "server", "t": 0.1, "what": "killed", "text": COMMANDS},
    {"event": "say", "t": 0.1, "text": COMMANDS},
    {"event": "frame", "t": 0.1, "conn": 1, "stream": 1, "kind": COMMANDS, "length": 1, "flags": [COMMANDS]}
    | {"from": "client", "passed": True, "wrong": COMMANDS, "error_code": COMMANDS, "settings": COMMANDS},
]


@pytest.mark.parametrize("event", FROM_THE_WIRE, ids=lambda event: event["event"])
@pytest.mark.parametrize("color", [False, True])
def test_nothing_off_the_wire_commands_a_terminal(event: Any, color: bool) -> None:
    out = io.StringIO()
    screen = Screen(out, EventFormat(frames=True), color=color)
    screen.show(BEGIN | {"call": 9})
    screen.show(event)
    screen.close()
    written = out.getvalue()
    ours = re.sub(r"\x1b\[[0-9;]*m", "", written) if color else written
    assert len(ours.splitlines()) == 2
    assert not HARMFUL & set(ours.replace("\n", ""))


def test_the_summary_of_a_watch_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    tally.take(END | {"status": COMMANDS})
    _note(str(tally))
    assert not HARMFUL & set(capsys.readouterr().err.removesuffix("\n"))


@pytest.mark.parametrize("color", [False, True])
def test_a_scenario_is_reported_without_commands_to_the_terminal(
    color: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    reporter = ConsoleReporter(color=color)
    told = {"about": COMMANDS, "value": COMMANDS}
    for event in (
        *FROM_THE_WIRE,
        {"event": "say", "text": COMMANDS, "who": COMMANDS},
        {"event": "check", "what": COMMANDS, "wanted": COMMANDS, "got": COMMANDS, "right": False},
        {"event": "belief", "client": COMMANDS, "outcome": "done", **told},
        {"event": "truth", **told},
        {"event": "verdict", "text": COMMANDS, "kept": False},
    ):
        reporter(event)
    written = capsys.readouterr().out
    ours = re.sub(r"\x1b\[[0-9;]*m", "", written) if color else written
    assert not HARMFUL & set(ours.replace("\n", ""))
