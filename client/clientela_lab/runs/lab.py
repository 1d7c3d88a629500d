"""The laboratory of a scenario: a real server, the proxy before it, clients, and the notes.

    till ── proxy ── server
             │
         the recording: what was said, what crossed, what was believed, what is true

Rules: clients reach the server through the proxy only; nothing sleeps: a scenario waits for an event of the
recording (`wait_for`) or for a call's end (`meanwhile`), each with a limit; all that is opened here is closed
at the end.
Read next: running.py, which makes one, runs a scenario in it, and checks the result.
"""

from __future__ import annotations

import random
import shlex
import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal, ParamSpec, TypeVar

import grpc

from clientela_client import Client, Done, InDoubt, Refused, Unavailable, WireEvent, connect
from clientela_client.messages import Customer
from clientela_lab.checking.history_extractor import intent_key
from clientela_lab.checking.ledger_reader import Ledger, read_ledger
from clientela_lab.checking.notes import Event, Notes
from clientela_lab.checking.recorded_calls import RecordedCall, calls
from clientela_lab.clock import monotonic, sleep
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.local_proxy import LocalProxy

P = ParamSpec("P")
T = TypeVar("T")

Outcome = Literal["done", "not done", "in doubt", "read"]
_THREADS = 32
_LOOK_AGAIN_S = 0.02


@dataclass(frozen=True)
class CommandResult:
    """A command's exit code and output."""

    exit_code: int
    out: str
    err: str


class Lab:
    """All that a scenario needs. protected: whether every protection is on. chance: seeded randomness.

    The values of `chance` repeat with the seed; the interleaving of threads, processes and the network does
    not.
    """

    def __init__(
        self, server: LocalServer, proxy: LocalProxy, notes: Notes, *, seed: int, without: str | None = None
    ) -> None:
        self.server = server
        self.proxy = proxy
        self.notes = notes
        self.protected = without is None
        self.chance = random.Random(seed)
        self._without = without
        self.unrecorded: set[str] = set()
        self._open = ExitStack()
        self._threads = self._open.enter_context(ThreadPoolExecutor(_THREADS, "lab"))

    def has(self, protection: str) -> bool:
        """Return whether one of several protections is on."""
        return self._without != protection

    # ---- clients -------------------------------------------------------------------------------------------

    def connect(self, name: str, *, token: str | None = None, **options: Any) -> Client:
        """Return an SDK client that reaches the server through the proxy; options as of `connect`.

        name: its name in the narrative. token: the administrator's by default.
        """
        self.notes.say(f"connects to {self.proxy.address}", who=name)
        client = connect(self.proxy.address, token=token or self.server.token, tls=False, **options)
        return self._open.enter_context(client)

    def channel(self, name: str, **options: int) -> grpc.Channel:
        """Return a bare gRPC channel through the proxy, for a client without the SDK; it sends `credentials`.

        options: gRPC's own, with two underscores for each dot: `grpc__keepalive_time_ms=1000`.
        """
        self.notes.say(f"connects to {self.proxy.address}", who=name)
        own = {"grpc__use_local_subchannel_pool": 1}  # else channels of one process share a connection
        arguments = [(key.replace("__", "."), value) for key, value in (own | options).items()]
        return self._open.enter_context(grpc.insecure_channel(self.proxy.address, arguments))

    @property
    def credentials(self) -> tuple[tuple[str, str], ...]:
        """The metadata that authenticates a bare call."""
        return (("authorization", f"Bearer {self.server.token}"),)

    def request_id(self) -> str:
        """Return a request id, drawn by the seed."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def cli(self, name: str, line: str, *, within_s: float = HANG_S) -> CommandResult:
        """Run `clientela LINE` through the proxy, in a process of its own; note its output."""
        self.notes.say(f"$ clientela {line}", who=name)
        ended = subprocess.run(
            [sys.executable, "-m", "clientela_client", *shlex.split(line)],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        for text in (ended.stdout + ended.stderr).splitlines():
            self.notes.say(f"  {text}", who=name)
        return CommandResult(ended.returncode, ended.stdout, ended.stderr)

    def _environment(self) -> dict[str, str]:
        here = {"CLIENTELA_SERVER": self.proxy.address, "CLIENTELA_TOKEN": self.server.token}
        return self.server.env | here | {"CLIENTELA_OUTPUT": "table", "COLUMNS": "100", "NO_COLOR": "1"}

    def meanwhile(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Make a call on another thread; the future's `.result(seconds)` waits for it."""
        return self._threads.submit(call, *args, **kwargs)

    # ---- notes ---------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Record a sentence of the narrative: what is about to happen, or why."""
        self.notes.say(text)

    def that(self, what: str, wanted: object, got: object) -> None:
        """Check a prediction: `wanted = X, got = Y`."""
        self.notes.check(what, wanted, got)

    def believes(self, client: str, about: str, outcome: Outcome, value: object = None) -> None:
        """Note what a client believes of `about`; `truth` of the same `about` is compared with it."""
        self.notes.add("belief", client=client, about=about, outcome=outcome, value=value)

    def truth(self, about: str, value: object) -> None:
        """Note what the server holds of `about`; best read from `ledger()`."""
        self.notes.add("truth", about=about, value=value)

    def calls(self, method: str) -> list[RecordedCall]:
        """Return the recorded calls of a method ("RecordPurchase") so far."""
        return [call for call in calls(self.proxy.events()) if call.method.endswith(f".{method}")]

    def wait_for_calls(self, method: str, count: int, *, ended: bool = False) -> None:
        """Wait until `count` calls of a method have begun, or have ended in any way."""
        begun: set[int] = set()
        over: set[int] = set()

        def enough(event: Event) -> bool:
            if event["event"] == "call_begin" and event["method"].endswith(f"/{method}"):
                begun.add(event["call"])
            if event["event"] == "call_end" and event["call"] in begun:
                over.add(event["call"])
            return len(over if ended else begun) >= count

        self.wait_for(f"{count} calls of {method}{' have ended' if ended else ''}", enough)

    def wait_for(self, what: str, seen: Callable[[Event], bool], *, within_s: float = HANG_S) -> Event:
        """Wait for an event of the recording, and return it. Raises TimeoutError, which names `what`."""
        return self.notes.wait_for(what, seen, within_s)

    def wait_for_log(self, text: str, *, within_s: float = HANG_S) -> None:
        """Wait until the server's log holds a text, by polling. Raises TimeoutError."""
        until = monotonic() + within_s
        while text not in self.server.log:
            if monotonic() > until:
                raise TimeoutError(f"waited {within_s:g} s for this in the server's log, in vain: {text}")
            sleep(_LOOK_AGAIN_S)

    # ---- the server ----------------------------------------------------------------------------------------

    def customer(self, customer_id: str = "blue-door", display_name: str = "Blue Door Café") -> str:
        """Register a customer past the proxy, before the scenario starts; return its name."""
        with self.direct() as client:
            return client.customers.create(Customer(display_name=display_name), customer_id=customer_id).name

    def direct(self) -> Client:
        """Return a client that bypasses the proxy, for calls not to be recorded; the caller closes it."""
        return connect(
            self.server.address, token=self.server.token, tls=False, observer=self._note_unrecorded
        )

    def _note_unrecorded(self, event: WireEvent) -> None:
        if event.kind == "request-message" and event.message is not None:
            self.unrecorded.add(intent_key(event.message))

    def ledger(self) -> Ledger:
        """Read the whole ledger from the server, past the proxy."""
        return read_ledger(self.server.address, self.server.token)

    def kill_server(self) -> None:
        """Kill the server (SIGKILL), as a power cut would."""
        self.server.kill()
        self.notes.add("server", what="killed", text="the server was killed")

    def start_server(self) -> None:
        """Start the server again, on the same port and file, after it was killed or stopped."""
        self.server.kill()  # reaps a process that a rule has killed
        self.server.start()
        self.notes.add("server", what="ready", text="the server serves again")

    def restart_server(self) -> None:
        """Stop the server as an upgrade would (SIGTERM), and start it again."""
        exit_code = self.server.stop()
        self.notes.add("server", what="stopped", text=f"the server ended with exit code {exit_code}")
        self.start_server()

    def freeze_server(self) -> None:
        """Stop the server's process (SIGSTOP): its port is open, and it does nothing."""
        self.server.freeze()
        self.notes.add("server", what="frozen", text="the server stands still")

    def thaw_server(self) -> None:
        """Continue the frozen server (SIGCONT)."""
        self.server.thaw()
        self.notes.add("server", what="thawed", text="the server goes on")

    def close(self) -> None:
        """Close the clients, and wait for running calls."""
        self._open.close()


def outcome(came_of: Done[Any] | Refused | Unavailable | InDoubt) -> Outcome:
    """Return in words what `clientela_client.attempt` returned."""
    if isinstance(came_of, Done):
        return "done"
    return "in doubt" if isinstance(came_of, InDoubt) else "not done"
