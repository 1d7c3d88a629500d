"""Runs one scenario: sets up server and proxy, plays it, and checks the result.

    server ─ proxy ─ run(lab) ─ the ledger over the wire ─ the checker ─ the server stopped, its file audited

Rules: a run is kept if every prediction came true, the checker found every promise kept and the file is
whole; the seed decides what a scenario draws by lot, not who comes first; nothing outlives the run but its
recording.
Read next: ledger_reader.py, history_extractor.py and checker.py, then console_reporter.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from clientela_lab.checking import journal, recorded_calls
from clientela_lab.checking.checker import Violation, check
from clientela_lab.checking.history_extractor import extract_history
from clientela_lab.checking.ledger_reader import audit
from clientela_lab.checking.notes import Event, Notes
from clientela_lab.clock import monotonic
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import NamedScenario
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.proxy.local_proxy import LocalProxy

_SHOWN = 3


def _ignore(_: Event) -> None:
    """Ignore an event."""


@dataclass(frozen=True)
class Result:
    """The result of a run: its recording's events, whether it was kept, its seconds.

    error: the exception that broke it off, if any: then its predictions are not checked.
    """

    events: list[Any]
    kept: bool
    seconds: float
    error: Exception | None = None


def play(
    found: NamedScenario,
    *,
    without: str | None = None,
    seed: int = 0,
    show: Callable[[Event], None] = _ignore,
) -> Result:
    """Run a scenario once, calling `show` with each event as it happens.

    without: the protection that is left out, if any.
    """
    began = monotonic()
    with ExitStack() as stack:
        web = "127.0.0.1:0" if found.scenario.web else "off"
        server = stack.enter_context(LocalServer(*found.scenario.server, web=web))
        rules = Rules(seed=seed)
        proxy = stack.enter_context(LocalProxy(server.address, rules=rules, server=server, title=found.name))
        notes = Notes(proxy.record, show)
        proxy.listen(notes.take)
        _announce(notes, found, without)
        lab = Lab(server, proxy, notes, seed=seed, without=without)
        error = _play_out(found, lab)
        kept = error is None and _check_run(lab)
        return Result(proxy.events(), kept, monotonic() - began, error)


def _announce(notes: Notes, found: NamedScenario, without: str | None) -> None:
    """Record the question and the prediction."""
    scenario = found.scenario
    notes.add(
        "scenario",
        name=found.name,
        question=scenario.question,
        prediction=scenario.prediction,
        protection=without or scenario.protection,
        without=scenario.protections[without] if without else None,
    )


def _play_out(found: NamedScenario, lab: Lab) -> Exception | None:
    """Run the scenario; return the exception that broke it off, if any."""
    try:
        with contextlib.closing(lab):
            found.run(lab)
    except Exception as error:  # noqa: BLE001  whatever it is, the recording up to there is wanted
        lab.server.kill()
        lab.notes.add("verdict", text=f"broke off: {type(error).__name__}: {error}", kept=False)
        return error
    return None


def _check_run(lab: Lab) -> bool:
    """Check the run against the ledger; return whether all is as predicted."""
    _ensure_running(lab)
    broken = _violations(lab)
    lab.server.stop()
    audited = audit(lab.server)
    checks = [event["right"] for event in lab.notes.events if event["event"] == "check"]
    kept = bool(checks) and all(checks) and not broken and audited.whole
    lab.notes.add("verdict", text=_verdict(checks, broken, audited.text), kept=kept)
    return kept


def _ensure_running(lab: Lab) -> None:
    """Start the server where it is down: the ledger is read from it."""
    if not lab.server.runs:
        lab.start_server()
    lab.server.thaw()


def _violations(lab: Lab) -> list[Violation]:
    """Record the journal's entries with their calls, and return the checker's violations."""
    ledger = lab.ledger()
    calls = recorded_calls.calls(lab.proxy.events())
    for entry in journal.entries(ledger.changes, calls):
        lab.notes.add(**entry)
    return check(extract_history(calls, ledger.rows, lab.unrecorded), ledger.rows, ledger.totals)


def _verdict(checks: list[bool], broken: list[Violation], audited: str) -> str:
    met = f"{sum(checks)} of {len(checks)} predictions met"
    promises = "; ".join(map(str, broken[:_SHOWN])) or "every promise kept"
    promises += f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return f"{met}.\nThe checker: {promises}.\nThe ledger's file: {audited}"
