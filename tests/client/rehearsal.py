"""Scripts without a network: a clock that is set, a session of one's own, and a driver that plays the server.

What a script asks for is written down, so that a test can look at every attempt and pause.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from clientela_client.calls.effects import Attempt, Effect, Outcome, Pause, WaitForReady
from clientela_client.calls.retry_policy import DEFAULT_POLICY, RetryPolicy
from clientela_client.calls.session import Session
from clientela_client.connection.settings import Settings, Token
from clientela_client.connection.tls_config import TlsConfig
from clientela_client.errors import CallError

SERVER = "server.example:50051"


@dataclass
class StageClock:
    """A clock that stands still until somebody sleeps, or sets it."""

    at: float = 1000.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    async def sleep_aio(self, seconds: float) -> None:
        self.at += seconds


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
    """What a script did, and how it ended: in an answer or an error."""

    sent: list[Sent] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    answer: Any = None
    error: CallError | None = None
    ended_at: float = 0.0


def rehearse(
    script: Generator[Any, Any, Any], server: Callable[[Attempt], tuple[Outcome, float]], clock: StageClock
) -> Rehearsal:
    """Perform a script of unary calls; `server` gives each attempt's outcome and the seconds it took.

    The server is never reached before the time for it is over.
    """
    seen = Rehearsal()
    outcome: Outcome | None = None
    try:
        while True:
            effect: Effect = script.send(outcome)
            outcome = _perform(effect, server, clock, seen)
    except StopIteration as end:
        seen.answer = end.value
    except CallError as error:
        seen.error = error
    seen.ended_at = clock.now()
    return seen


def _perform(
    effect: Effect,
    server: Callable[[Attempt], tuple[Outcome, float]],
    clock: StageClock,
    seen: Rehearsal,
) -> Outcome | None:
    if isinstance(effect, Pause | WaitForReady):
        seen.pauses.append(effect.seconds)
        clock.sleep(effect.seconds)
        return None
    assert isinstance(effect, Attempt)
    outcome, took_s = server(effect)
    seen.sent.append(Sent(effect, clock.now(), outcome))
    clock.sleep(took_s)
    return outcome
