"""Calls without a network: a clock that is set, a session of one's own, and a function that plays the server.

What a call does is written down, so that a test can look at every attempt and pause.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from clientela_client._sync.calls import SyncCalls
from clientela_client.calls.attempt import Attempt, Outcome
from clientela_client.calls.retry_limits import DEFAULT_POLICY, RetryPolicy
from clientela_client.calls.session import Session
from clientela_client.connection.settings import Settings, Token
from clientela_client.connection.tls_config import TlsConfig
from clientela_client.errors import CallError
from tests.client.stage import Stage

SERVER = "server.example:50051"


@dataclass
class StageClock:
    """A clock that stands still until somebody sleeps, which it notes, or sets it."""

    at: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at += seconds

    async def sleep_aio(self, seconds: float) -> None:
        self.sleep(seconds)


def session(
    *,
    policy: RetryPolicy = DEFAULT_POLICY,
    clock: StageClock | None = None,
    jitter: Callable[[float], float] = lambda seconds_max: seconds_max,
    timeout_s: float = 10.0,
    **others: Any,
) -> Session:
    """Make a session without chance: pauses are as long as they may be, ids are counted."""
    counter = iter(range(1, 1000))
    return Session(
        Settings(SERVER, Token(SERVER, "clt_test"), TlsConfig(SERVER)),
        retry_policy=policy,
        clock=clock or StageClock(),
        jitter=jitter,
        timeout_s=timeout_s,
        new_request_id=lambda: f"00000000-0000-4000-8000-{next(counter):012d}",
        **others,
    )


@dataclass
class Sent:
    """An attempt, when it was made and what came of it."""

    attempt: Attempt
    at: float
    outcome: Outcome


@dataclass
class Rehearsal:
    """What a call did, and how it ended: in an answer or an error."""

    sent: list[Sent] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    answer: Any = None
    error: CallError | None = None
    ended_at: float = 0.0


def rehearse(
    ask: Callable[[SyncCalls], Any],
    session: Session,
    server: Callable[[Attempt], tuple[Outcome, float]],
    clock: StageClock,
) -> Rehearsal:
    """Make calls of one answer; `server` gives each attempt's outcome and the seconds it took.

    The server is never reached before the time for it is over.
    """
    seen = Rehearsal()

    def play(attempt: Attempt) -> Iterator[Outcome]:
        outcome, took_s = server(attempt)
        seen.sent.append(Sent(attempt, clock.now(), outcome))
        clock.at += took_s
        yield outcome

    paused_before = len(clock.pauses)
    try:
        seen.answer = ask(SyncCalls(session, Stage(play, clock)))
    except CallError as error:
        seen.error = error
    seen.pauses = clock.pauses[paused_before:]
    seen.ended_at = clock.now()
    return seen
