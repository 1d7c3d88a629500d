"""`clientela lab watch`: run a proxy before a server, and print its events, until Ctrl-C.

Rules: events go to stdout, all else to stderr; it ends with a summary, and the paths of recording and page.
Read next: watch_options.py (the options), proxy.py, terminal.py.
"""

import asyncio
import signal
import sys
from collections import Counter
from contextlib import closing
from typing import Any

from clientela_client.harmless import one_line
from clientela_lab.page.page import write_page
from clientela_lab.wire.proxy.proxy import Proxy, address_of
from clientela_lab.wire.proxy.upstream import Upstream
from clientela_lab.wire.record.recording import Recorder, read
from clientela_lab.wire.watch.event_format import EventFormat
from clientela_lab.wire.watch.terminal import Screen
from clientela_lab.wire.watch.watch_options import WatchOptions, check_reachable

_SWITCH_S = 0.000_2
_TITLE = "What crossed the wire"


class Tally:
    """Counts events for the summary."""

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


def watch(options: WatchOptions) -> None:
    """Run until Ctrl-C. Raises SettingsError, Unavailable or OSError where it cannot start."""
    tls, rules, process = options.read_tls(), options.read_rules(), options.process()
    asyncio.run(check_reachable(Upstream(options.upstream, tls)))
    options.check_client_certificate()
    known = options.find_descriptors()
    with closing(options.bind()) as listener, _recorder(options, address_of(listener)) as recorder:
        proxy = Proxy(
            options.upstream,
            recorder=recorder,
            listen=listener,
            rules=rules,
            tls=tls,
            server=process,
            descriptors=known,
        )
        asyncio.run(_serve(proxy, options))
    if options.page:
        write_page(read(options.record) if options.record else recorder.events, options.page)
    for what, file in (("recording", options.record), ("page", options.page)):
        if file:
            _note(f"{what}: {file.resolve()}")


def _recorder(options: WatchOptions, listen: str) -> Recorder:
    """Return the recorder, which keeps events in memory only where the page has no file to read."""
    keep = options.page is not None and options.record is None
    return Recorder(upstream=options.upstream, listen=listen, title=_TITLE, file=options.record, keep=keep)


async def _serve(proxy: Proxy, options: WatchOptions) -> None:
    tally, loop, ended = Tally(), asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    screen = Screen(
        sys.stdout,
        EventFormat(frames=options.frames),
        color=options.color,
        on_left=lambda: loop.call_soon_threadsafe(ended.set),
    )
    proxy.recorder.listen(tally.take)
    proxy.recorder.listen(screen.show)
    # By default the printing thread may hold the GIL for 5 ms while the proxy waits.
    sys.setswitchinterval(_SWITCH_S)
    try:
        await proxy.start()
        _note(f"listening at {proxy.address}, carrying to {options.upstream}; Ctrl-C ends")
        await ended.wait()
    finally:
        await proxy.close()
        screen.close()
    _note(f"{tally} in {proxy.recorder.now():.1f} s")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _note(text: str) -> None:
    print(one_line(text), file=sys.stderr, flush=True)
