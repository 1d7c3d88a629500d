"""`clientela lab watch`: a tap before a server, its events on the terminal, until Ctrl-C.

Rules: events go to stdout, all else to stderr; at the end come a summary, and where recording and page are.
Read next: watch_options.py (what it was asked for), proxy.py, terminal.py.
"""

import asyncio
import signal
import sys
from collections import Counter
from contextlib import closing
from typing import Any

from clientela_client.harmless import one_line
from clientela_lab.page.page import write_page
from clientela_lab.wire.proxy.proxy import Tap, address_of
from clientela_lab.wire.proxy.upstream import Upstream
from clientela_lab.wire.record.recording import Recorder, read
from clientela_lab.wire.watch.event_format import Lines
from clientela_lab.wire.watch.terminal import Screen
from clientela_lab.wire.watch.watch_options import Watched, reach

_SWITCH_S = 0.000_2
_TITLE = "What crossed the wire"


class Tally:
    """Counts what happens, for the summary."""

    def __init__(self) -> None:
        self._connections = self._faults = 0
        self._ends: Counter[str] = Counter()

    def take(self, event: Any) -> None:
        """Count an event."""
        match event["event"]:
            case "open":
                self._connections += 1
            case "fault":
                self._faults += 1
            case "call_end":
                self._ends[event["status"] or "no status"] += 1

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {status}" for status, count in self._ends.most_common())
        calls = _many(self._ends.total(), "call") + (f" ({ends})" if ends else "")
        return f"{calls} on {_many(self._connections, 'connection')}; {_many(self._faults, 'fault')}"


def watch(watched: Watched) -> None:
    """Watch until Ctrl-C; raises SettingsError, Unavailable or OSError where it cannot begin."""
    tls, rules, process = watched.read_tls(), watched.read_rules(), watched.process()
    asyncio.run(reach(Upstream(watched.upstream, tls)))
    watched.see_whether_we_are_taken()
    known = watched.find_descriptors()
    with closing(watched.bind()) as taken, _recorder(watched, address_of(taken)) as recorder:
        tap = Tap(
            watched.upstream,
            recorder=recorder,
            listen=taken,
            rules=rules,
            tls=tls,
            server=process,
            descriptors=known,
        )
        asyncio.run(_serve(tap, watched))
    if watched.page:
        write_page(read(watched.record) if watched.record else recorder.events, watched.page)
    for what, file in (("recording", watched.record), ("page", watched.page)):
        if file:
            _note(f"{what}: {file.resolve()}")


def _recorder(watched: Watched, listen: str) -> Recorder:
    """Keep events in memory only where there is no file to make the page of."""
    keep = watched.page is not None and watched.record is None
    return Recorder(upstream=watched.upstream, listen=listen, title=_TITLE, file=watched.record, keep=keep)


async def _serve(tap: Tap, watched: Watched) -> None:
    tally, loop, ended = Tally(), asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    screen = Screen(
        sys.stdout,
        Lines(frames=watched.frames),
        color=watched.color,
        on_left=lambda: loop.call_soon_threadsafe(ended.set),
    )
    tap.recorder.listen(tally.take)
    tap.recorder.listen(screen.show)
    # The thread that prints is not to keep the one that carries waiting for 5 ms each time.
    sys.setswitchinterval(_SWITCH_S)
    try:
        await tap.start()
        _note(f"listening at {tap.address}, carrying to {watched.upstream}; Ctrl-C ends")
        await ended.wait()
    finally:
        await tap.close()
        screen.close()
    _note(f"{tally} in {tap.recorder.now():.1f} s")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _note(text: str) -> None:
    print(one_line(text), file=sys.stderr, flush=True)
