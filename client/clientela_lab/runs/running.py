"""How a scenario is run: the stage is set, it plays, and what came of it is judged.

    server ─ proxy ─ run(lab) ─ the ledger over the wire ─ the checker ─ the server stopped, its file audited

Rules: a run is kept if every prediction came true, the checker found every promise kept and the file is
whole; the seed decides what a scenario draws by lot, not who comes first; nothing outlives the run but its
recording.
Read next: ledger_reader.py, history_extractor.py and checker.py, then console_reporter.py.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from clientela_lab.checking import journal, recorded_calls
from clientela_lab.checking.checker import Violation, check
from clientela_lab.checking.history_extractor import history
from clientela_lab.checking.ledger_reader import audit
from clientela_lab.checking.notes import Event, Notes
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Found
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.proxy.local_proxy import LocalProxy

_SHOWN = 3


def _nobody(_: Event) -> None:
    """Look away."""


@dataclass(frozen=True)
class Result:
    """What came of a run: every event of its recording, whether all was as wanted, how long it took.

    error: what broke it off, if anything did: then nothing is known of its predictions.
    """

    events: list[Any]
    kept: bool
    seconds: float
    error: Exception | None = None


def play(
    found: Found,
    *,
    without: str | None = None,
    seed: int = 0,
    show: Callable[[Event], None] = _nobody,
) -> Result:
    """Run a scenario once, and tell `show` of each event as it happens.

    without: what is left out of what protects, if anything.
    """
    began = time.monotonic()
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
        kept = error is None and _judged(lab)
        return Result(proxy.events(), kept, time.monotonic() - began, error)


def _announce(notes: Notes, found: Found, without: str | None) -> None:
    """Begin the recording with what is asked and foretold."""
    scenario = found.scenario
    notes.add(
        "scenario",
        name=found.name,
        question=scenario.question,
        prediction=scenario.prediction,
        protection=without or scenario.protection,
        without=scenario.protections[without] if without else None,
    )


def _play_out(found: Found, lab: Lab) -> Exception | None:
    """Let the scenario run to its end; give what broke it off."""
    try:
        with contextlib.closing(lab):
            found.run(lab)
    except Exception as error:  # noqa: BLE001  whatever it is, the recording up to there is wanted
        lab.server.kill()
        lab.notes.add("verdict", text=f"broke off: {type(error).__name__}: {error}", kept=False)
        return error
    return None


def _judged(lab: Lab) -> bool:
    """Hold everything against the truth; True where all is as wanted."""
    _bring_back(lab)
    broken = _broken_promises(lab)
    lab.server.stop()
    audited = audit(lab.server)
    checks = [event["right"] for event in lab.notes.events if event["event"] == "check"]
    kept = bool(checks) and all(checks) and not broken and audited.whole
    lab.notes.add("verdict", text=_verdict(checks, broken, audited.text), kept=kept)
    return kept


def _bring_back(lab: Lab) -> None:
    """Let the server run again, for the ledger is read from it."""
    if not lab.server.runs:
        lab.start_server()
    lab.server.thaw()


def _broken_promises(lab: Lab) -> list[Violation]:
    """Join the journal to the calls, and have the checker judge."""
    ledger = lab.ledger()
    calls = recorded_calls.calls(lab.proxy.events())
    for entry in journal.entries(ledger.changes, calls):
        lab.notes.add(**entry)
    return check(history(calls, ledger.rows, lab.unseen), ledger.rows, ledger.totals)


def _verdict(checks: list[bool], broken: list[Violation], audited: str) -> str:
    met = f"{sum(checks)} of {len(checks)} predictions met"
    promises = "; ".join(map(str, broken[:_SHOWN])) or "every promise kept"
    promises += f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return f"{met}.\nThe checker: {promises}.\nThe ledger's file: {audited}"
