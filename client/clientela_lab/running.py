"""How a scenario is run: the stage is set, it plays, and what came of it is judged.

    server ─ tap ─ run(lab) ─ the ledger over the wire ─ the checker ─ the server stopped, its file audited

Rules: a run is kept if every prediction came true, the checker found every promise kept and the file is
whole; the seed decides all that is left to chance; nothing outlives the run but its recording.
Read next: truth.py and checker.py, then telling.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from clientela_lab.lab import Lab
from clientela_lab.line import Line
from clientela_lab.local_server import LocalServer
from clientela_lab.notes import Event, Notes
from clientela_lab.scenario import Found
from clientela_lab.truth import audit


def _nobody(_: Event) -> None:
    """Look away."""


@dataclass(frozen=True)
class Result:
    """What came of a run: every event of its recording, whether all was as wanted, and how long it took."""

    events: list[Event]
    kept: bool
    seconds: float


def play(
    found: Found,
    *,
    protected: bool = True,
    seed: int = 0,
    show: Callable[[Event], None] = _nobody,
) -> Result:
    """Run a scenario once, and tell `show` of each event as it happens."""
    began = time.monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(LocalServer(*found.scenario.server))
        tap = stack.enter_context(Line(server.address))
        notes = Notes(tap.record, show)
        tap.listen(notes.take)
        lab = Lab(server, tap, notes, protected=protected, seed=seed)
        try:
            found.run(lab)
        finally:
            lab.close()
        kept = _judge(lab)
        return Result(notes.events, kept, time.monotonic() - began)


def _judge(lab: Lab) -> bool:
    """Hold everything against the truth; True where all is as wanted."""
    _bring_back(lab)
    lab.ledger()
    lab.server.stop()
    audited = audit(lab.server)
    lab.notes.add("verdict", text=f"the ledger's file: {audited.text}", kept=audited.whole)
    checks = [event["right"] for event in lab.notes.events if event["event"] == "check"]
    return bool(checks) and all(checks) and audited.whole


def _bring_back(lab: Lab) -> None:
    """Let the server run again, for the ledger is read from it."""
    if not lab.server.runs:
        lab.server.kill()
        lab.start_server()
    lab.server.thaw()
