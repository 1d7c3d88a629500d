"""`clientela lab watch`: a tap before a server, its events on the terminal, until Ctrl-C.

Rules: what cannot work is said before anybody connects; events go to stdout, all else to stderr; at the end
come a summary and where recording and page are.
Read next: tap.py, terminal.py.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from clientela_client.outcomes import Facts, SettingsError, Unavailable
from clientela_lab.page.page import write_page
from clientela_lab.wire.descriptors import Descriptors, NoDescriptors, from_file, from_server, packaged
from clientela_lab.wire.recording import Recorder
from clientela_lab.wire.rule_script import BadRule
from clientela_lab.wire.rules import Rules
from clientela_lab.wire.server_process import ServerProcess
from clientela_lab.wire.tap import Tap, address_of, bound
from clientela_lab.wire.terminal import Lines, Screen
from clientela_lab.wire.upstream import Tls, Upstream

_SWITCH_S = 0.000_2
_TITLE = "What crossed the wire"


@dataclass(frozen=True)
class Watched:
    """What `clientela lab watch` was asked for; see its help."""

    upstream: str
    listen: str
    tls: tuple[Path, Path] | None
    upstream_ca: Path | None
    descriptors: Path | None
    reflection: bool
    token: str
    faults: tuple[str, ...]
    seed: int
    server_pid: int | None
    record: Path | None
    page: Path | None
    frames: bool
    color: bool


class Pid:
    """A process that is known by its number only."""

    def __init__(self, pid: int) -> None:
        self.pid = pid


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
    tls = _tls(watched)
    upstream = Upstream(watched.upstream, tls.ask)
    rules = _rules(watched)
    asyncio.run(_reach(upstream))
    descriptors = _descriptors(watched)
    try:
        taken = bound(watched.listen)
    except OSError as error:
        raise OSError(error.errno, _why(error), watched.listen) from None
    with (
        closing(taken),
        Recorder(
            upstream=watched.upstream,
            listen=address_of(taken),
            title=_TITLE,
            file=watched.record,
            keep=watched.page is not None,
        ) as recorder,
    ):
        server = ServerProcess(Pid(watched.server_pid) if watched.server_pid else None)
        asyncio.run(
            _serve(
                Tap(
                    watched.upstream,
                    recorder=recorder,
                    listen=taken,
                    rules=rules,
                    tls=tls,
                    server=server,
                    descriptors=descriptors,
                ),
                watched,
            )
        )
        if watched.page:
            write_page(recorder.events, watched.page)
    for what, file in (("recording", watched.record), ("page", watched.page)):
        if file:
            _note(f"{what}: {file.resolve()}")


async def _serve(tap: Tap, watched: Watched) -> None:
    tally = Tally()
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
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


async def _reach(upstream: Upstream) -> None:
    try:
        protocol = await upstream.connect(_Look)
    except OSError as error:
        why = _why(error)
        raise Unavailable(
            Facts("UNAVAILABLE", f"{upstream.address} was not reached: {why}", reason="UPSTREAM_UNREACHED"),
            method="",
            request_id=None,
            attempts=0,
        ) from None
    protocol.close()


class _Look(asyncio.Protocol):
    """Connects, and no more."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.close = transport.close


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    # Of a failed connection asyncio tells the address in place of the reason; names fail by numbers below 0.
    told = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return (told or str(error)).lower()


def _tls(watched: Watched) -> Tls:
    certificate, key = watched.tls or (None, None)
    return Tls.of_files(certificate=certificate, key=key, upstream_ca=watched.upstream_ca)


def _rules(watched: Watched) -> Rules:
    try:
        rules = Rules(*watched.faults, seed=watched.seed)
    except BadRule as error:
        raise SettingsError(str(error)) from None
    of_process = [rule.what for rule in rules.now if rule.what in {"kill", "freeze"}]
    if of_process and watched.server_pid is None:
        raise SettingsError(f"fault {of_process[0]} is about the server's process: say which by --server-pid")
    return rules


def _descriptors(watched: Watched) -> Descriptors:
    try:
        if watched.descriptors:
            return from_file(watched.descriptors)
        if watched.reflection:
            with _channel(watched) as channel:
                return from_server(channel, token=watched.token)
    except NoDescriptors as error:
        raise SettingsError(str(error)) from None
    return packaged()


def _channel(watched: Watched) -> grpc.Channel:
    if not watched.upstream_ca:
        return grpc.insecure_channel(watched.upstream)
    return grpc.secure_channel(
        watched.upstream, grpc.ssl_channel_credentials(watched.upstream_ca.read_bytes())
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
