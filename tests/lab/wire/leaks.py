"""Nothing of a connection is left, whatever befell it: tasks and files are counted, ours and the server's.

    python -m tests.lab.wire.leaks [--connections 1000] [--only drop-reply,refuse]

Under each fault so many connections are made, twenty at a time, each with one call. When they are gone the
proxy has the tasks and open files that it had before, and the server its files; both still answer.
"""

import argparse
import asyncio
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.proxy import Proxy
from clientela_lab.wire.proxy.upstream import ProxyTls
from tests.lab.wire.bare_client import check
from tests.lab.wire.sockets import proxying

_AT_ONCE = 20
_PATIENCE_S = 0.4
_WITHIN_S = HANG_S

# Each fault so that it strikes often, and lets some calls through.
FAULTS = (
    "delay 20ms jitter 10ms",
    "throttle 200kbit",
    "drop-reply Check chance 50%",
    "cut-after 60 up chance 50%",
    "cut-after 90 down chance 50%",
    "cut-after 2 down Check chance 50%",
    "black-hole chance 20%",
    "black-hole up chance 20%",
    "black-hole down chance 20%",
    "black-hole down Check chance 20%",
    "black-hole until 200ms",
    "duplicate Check chance 50%",
    "refuse chance 50%",
    "kill Check chance 1%",
    "freeze 30ms Check chance 3%",
)


@dataclass
class Result:
    """The outcomes of connections, and what is left of them: complaints, none if all is well."""

    fault: str
    answers: Counter[str] = field(default_factory=Counter)
    acted: int = 0
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        came = ", ".join(f"{count} {answer}" for answer, count in sorted(self.answers.items()))
        verdict = "; ".join(self.complaints) or "nothing left"
        return f"{self.fault:36} {came:34} {self.acted:5} acts {self.seconds:6.1f} s  {verdict}"


def open_files(pid: int | str = "self") -> int:
    """Count what a process has open, but for a ledger's files: its threads open them when they need them."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(not _target(link).startswith("/") for link in links)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return "/"  # closed meanwhile


@dataclass(frozen=True)
class Secured:
    """TLS on both sides of the proxy, and what a client then trusts."""

    proxy: ProxyTls
    client: ssl.SSLContext


async def attempt(
    fault: str, connections: int, server: LocalServer, secured: Secured | None = None
) -> Result:
    """Make connections under a fault, and count what is left when they are gone."""
    result, began = Result(fault), time.monotonic()
    trust = secured.client if secured else None
    before = await _at_rest(server, trust), open_files()
    async with proxying(server.address, tls=secured.proxy if secured else None) as proxy:
        proxy._server._server = server
        await check(proxy.address, within_s=_WITHIN_S, tls=trust)
        tasks, files = len(asyncio.all_tasks()), open_files()
        acted = _count_faults(proxy)
        proxy.rules.add(fault)
        await _make(connections, proxy, server, result, trust)
        proxy.rules.clear()
        await _expect(result, "tasks in the tap", tasks, lambda: len(asyncio.all_tasks()))
        await _expect(result, "files open in the tap", files, open_files)
        await _expect(result, "lines in the tap", 0, lambda: len(proxy.connections))
        if (answer := await check(proxy.address, within_s=_WITHIN_S, tls=trust)) != "0":
            result.complaints.append(f"the tap answers {answer} afterwards")
        result.acted = sum(acted)
    await _expect(result, "files open in the server", before[0], lambda: open_files(server.pid))
    await _expect(result, "files open when the tap is closed", before[1], open_files)
    result.seconds = time.monotonic() - began
    return result


async def _make(
    connections: int, proxy: Proxy, server: LocalServer, result: Result, trust: ssl.SSLContext | None
) -> None:
    at_once = asyncio.Semaphore(_AT_ONCE)
    reviving = asyncio.Lock()

    async def one() -> None:
        async with at_once:
            answer = await check(proxy.address, within_s=_PATIENCE_S, tls=trust)
            result.answers[answer] += 1
            if answer != "0" and trust is None:
                async with reviving:
                    await _revive(server)

    await asyncio.gather(*(one() for _ in range(connections)))


async def _revive(server: LocalServer) -> None:
    """Start the server again, if it was killed: it may take a moment to be gone."""
    while await check(server.address, within_s=_WITHIN_S) != "0":
        if not server.runs:
            server.kill()
            await asyncio.to_thread(server.start)


async def _at_rest(server: LocalServer, trust: ssl.SSLContext | None) -> int:
    """Let the server open what it opens once, and count its files when nobody is connected."""
    for _ in range(3):
        await check(server.address, within_s=_WITHIN_S, tls=trust)
    return open_files(server.pid)


async def _expect(result: Result, what: str, wanted: int, count: Callable[[], int]) -> None:
    """Wait until no more is left than there was; there is no event to wait for, so it is looked at again."""
    until = time.monotonic() + _WITHIN_S
    while (got := count()) > wanted and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    if got > wanted:
        result.complaints.append(f"{what}: {got}, and before {wanted}")


def _count_faults(proxy: Proxy) -> list[int]:
    acted: list[int] = []
    proxy.recorder.listen(lambda event: acted.append(1) if event["event"] == "fault" else None)
    return acted


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all faults, and say what is left of them; 1 if anything is."""
    parser = argparse.ArgumentParser(prog="leaks", description="Count what connections leave behind.")
    parser.add_argument("--connections", type=int, default=1000, help="under each fault (%(default)s)")
    parser.add_argument("--only", default="", metavar="WORDS", help="faults that begin with one of these")
    options = parser.parse_args(arguments)
    results = []
    with LocalServer("--calls-per-second", "0") as server:
        for fault in (each for each in FAULTS if each.startswith(tuple(options.only.split(",")))):
            results.append(asyncio.run(attempt(fault, options.connections, server)))
            print(results[-1], flush=True)
    return int(any(result.complaints for result in results))


if __name__ == "__main__":
    sys.exit(main())
