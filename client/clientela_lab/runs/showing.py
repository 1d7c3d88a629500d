"""A scenario run for people: told as it happens, and kept as a page that needs nothing but a browser.

Read next: running.py, console_reporter.py, page/page.py.
"""

from __future__ import annotations

import os
from pathlib import Path

from clientela_lab.page.page import write_page
from clientela_lab.runs.console_reporter import ConsoleReporter
from clientela_lab.runs.running import play
from clientela_lab.runs.scenario import Found
from clientela_lab.wire.record.recording import write


def show(
    found: Found,
    *,
    without: str | None = None,
    seed: int = 0,
    page: Path | None = None,
    record: Path | None = None,
    color: bool = False,
) -> bool:
    """Run a scenario and tell of it; True where all was as wanted. What broke it off is raised in the end.

    without: what is left out of what protects, if anything. page: where its page goes, in the user's state
    folder if not given. record: where the recording goes.
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


def _page_of(found: Found, without: str | None) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    folder = Path(state) / "clientela/lab"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{found.name}{f'-without-{without}' if without else ''}.html"
