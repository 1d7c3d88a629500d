"""When a call is retried, and which error it raises when it is not. Pure: no I/O, the clock is passed in.

Rules:
1. A refusal (errors.PROOFS_OF_REFUSAL) is final. But a refusal of the caller (UNAUTHENTICATED and the like)
   proves nothing about an earlier attempt that is in doubt: then the write stays in doubt.
2. UNAVAILABLE and CANCELLED (a stopping server) are retried if that is safe: reads, and writes with a
   request_id. So is every error with a RetryInfo.
3. Any other code leaves a write in doubt, which a retry with the same request_id resolves; a read is not
   retried.
4. An attempt that never left this machine is not counted: it is made again once the server is reachable,
   until the deadline.
5. At most `max_attempts` attempts that left, within the call's deadline, with exponential backoff and full
   jitter, and within the retry budget: when most calls of a client fail, retries stop.

The numbers are in retry_limits.py. Read next: _async/calls.py, which makes the attempts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from clientela_client.calls.attempt import Attempt, Call
from clientela_client.errors import (
    PROOFS_OF_REFUSAL,
    CallError,
    Facts,
    InDoubt,
    Interrupted,
    Refused,
    SettingsError,
    Unavailable,
)
from clientela_client.failure import Failure

if TYPE_CHECKING:
    from clientela_client.calls.session import Session

E = TypeVar("E", bound=CallError)

#: Refusals of the caller, not of the request: they prove nothing about an earlier attempt.
_ABOUT_THE_CALLER = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED"})

_WAIT_FOR_READY_S = 1.0
#: Less time than an attempt takes, in seconds.
_MOMENT_S = 0.005


@dataclass(frozen=True, slots=True)
class Pause:
    """Sleep before the next attempt."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitForReady:
    """Wait until the channel is connected, at most so many seconds."""

    seconds: float


class Effort:
    """The attempts of one call: returns the next one, and decides after each failure.

    verdict: the error that the last failure means. patience_s: for a stream without a deadline, how long it
    may go on without progress, in seconds.
    """

    def __init__(self, call: Call, session: Session, patience_s: float | None = None) -> None:
        self.call = call
        if call.timeout_s is not None and not call.timeout_s > 0:
            raise SettingsError(f"timeout_s must be more than 0 seconds, and is {call.timeout_s:g}")
        self._session = session
        self._retry_policy = session.retry_policy
        self._patience_s = patience_s
        self._began_at = session.clock.now()
        self._until = None if call.timeout_s is None else self._began_at + call.timeout_s
        self._tries = 0
        self._sent = 0
        self._pending = False
        self._in_doubt = False
        self._unreached: CallError | None = None
        self.verdict: CallError | None = None

    def attempt(self) -> Attempt:
        """Return the next attempt, its deadline the remaining time; raise CallError if none is left."""
        if self._unreached is not None and self._left() <= _MOMENT_S:
            raise self._unreached
        self._tries += 1
        self._pending = True
        timeout_s = self._attempt_timeout()
        return Attempt(self.call, self._tries, timeout_s, self._session.metadata(), self._began_at)

    def progressed(self, patience_s: float) -> None:
        """Record progress of a stream: after its next failure it has `patience_s` seconds again."""
        self._patience_s, self._until, self._sent = patience_s, None, 0

    def answered(self) -> None:
        """Record an answer of the server, for the retry budget."""
        self._session.budget.answered()

    def wait_after(self, failure: Failure) -> Pause | WaitForReady:
        """Return what to wait for before the next attempt; raise the CallError if there is none."""
        facts = self._noted(failure)
        self.verdict = verdict = self._verdict(failure, facts)
        if not failure.left:
            return self._wait_for_ready(failure, verdict)
        self._unreached = None
        pause_s = max(
            facts.retry_after_s or 0.0, self._session.jitter(self._retry_policy.backoff(self._sent))
        )
        if not self._again(failure, facts) or pause_s >= self._left():
            raise verdict
        self._in_doubt |= self._leaves_doubt(failure)
        self._pending = False
        return Pause(pause_s)

    def end(self, failure: Failure) -> CallError:
        """Return the error that this failure means if it is not retried."""
        return self._verdict(failure, self._noted(failure))

    def interrupted(self, interruption: KeyboardInterrupt) -> None:
        """Raise Interrupted if an interruption leaves a write in doubt: it is on its way, or was."""
        if self.call.writes and (self._pending or self._in_doubt):
            facts = Facts(code="CANCELLED", message="the call was interrupted")
            raise Interrupted(self._error(InDoubt, facts, self._tries)) from interruption

    def _noted(self, failure: Failure) -> Facts:
        self._sent += failure.left
        if failure.code in PROOFS_OF_REFUSAL:
            self.answered()
        elif failure.left:
            self._session.budget.failed()
        if self._until is None and self._patience_s is not None:
            self._until = self._session.clock.now() + self._patience_s
        facts = self._session.facts_of(failure)
        if failure.code == "DEADLINE_EXCEEDED" and self.call.timeout_s and not facts.reason:
            return replace(facts, message=f"no answer came within {self.call.timeout_s:g} s")
        return facts

    def _verdict(self, failure: Failure, facts: Facts) -> CallError:
        return self._error(self._outcome(failure), facts, self._sent)

    def _error(self, kind: type[E], facts: Facts, attempts: int) -> E:
        return kind(facts, method=self.call.method.name, request_id=self.call.request_id, attempts=attempts)

    def _outcome(self, failure: Failure) -> type[CallError]:
        if failure.code in PROOFS_OF_REFUSAL and not (self._in_doubt and failure.code in _ABOUT_THE_CALLER):
            return Refused
        return InDoubt if self._in_doubt or self._leaves_doubt(failure) else Unavailable

    def _leaves_doubt(self, failure: Failure) -> bool:
        return self.call.writes and failure.left and failure.code not in PROOFS_OF_REFUSAL

    def _again(self, failure: Failure, facts: Facts) -> bool:
        if failure.code in PROOFS_OF_REFUSAL or not self.call.resendable:
            return False
        if self._patience_s is not None:
            return True
        if self._sent >= self._retry_policy.max_attempts or not self._session.budget.allows():
            return False
        if failure.code in {"UNAVAILABLE", "CANCELLED"} or facts.retry_after_s is not None:
            return True
        return self.call.writes

    def _wait_for_ready(self, failure: Failure, verdict: CallError) -> WaitForReady:
        """Wait for the server in slices of a second, so that an interruption is noticed."""
        if not self._retry_policy.wait_for_server or failure.code != "UNAVAILABLE" or failure.reason:
            raise verdict
        self._unreached = verdict
        self._pending = False
        return WaitForReady(min(self._left(), _WAIT_FOR_READY_S))

    def _left(self) -> float:
        return float("inf") if self._until is None else self._until - self._session.clock.now()

    def _attempt_timeout(self) -> float | None:
        if self.call.timeout_s is None:
            return None
        left_s = max(self._left(), 0.0)
        asks_again = self.call.writes and self.call.resendable and not self.call.method.streams_in
        return min(left_s, self._retry_policy.attempt_timeout_s) if asks_again else left_s
