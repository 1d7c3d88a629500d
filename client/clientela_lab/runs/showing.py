"""Runs a scenario for people: reported as it happens, and written as a self-contained page.

Read next: running.py, console_reporter.py, page/page.py.
"""

from __future__ import annotations

import os
from pathlib import Path

from clientela_lab.page.page import write_page
from clientela_lab.runs.console_reporter import ConsoleReporter
from clientela_lab.runs.running import play
from clientela_lab.runs.scenario import NamedScenario
from clientela_lab.wire.record.recording import write


def show(
    found: NamedScenario,
    *,
    without: str | None = None,
    seed: int = 0,
    page: Path | None = None,
    record: Path | None = None,
    color: bool = False,
) -> bool:
    """Run a scenario and report it; return whether it was kept. Re-raises what broke it off.

    without: the protection that is left out, if any. page: the page's path, in the user's state folder by
    default. record: the recording's path, if any.
    """
    reporter = ConsoleReporter(color=color)
    reporter.begin(found, without)
    result = play(found, without=without, seed=seed, show=reporter)
    page = page or _page_of(found, without)
    write_page(result.events, page)
    if record:
        write(result.events, record)
    reporter.end(result, page, record)
    if result.error:
        raise result.error
    return result.kept


def _page_of(found: NamedScenario, without: str | None) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    folder = Path(state) / "clientela/lab"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{found.name}{f'-without-{without}' if without else ''}.html"
