"""The retry policy: the numbers of the rules in retry.py, and the retry budget of a client."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how fast a client retries.

    Args:
        max_attempts: attempts of a call that reached the network, at least 1.
        backoff_s, backoff_factor, backoff_max_s: the longest pause after n failures is
            min(backoff_max_s, backoff_s * backoff_factor ** (n - 1)) seconds; pauses are uniform from 0.
        attempt_timeout_s: the deadline of each attempt of a write, so that a lost response is retried within
            the call's deadline.
        wait_for_server: whether to wait for an unreachable server until the deadline; False fails at once.
        budget, budget_ratio: the retry budget falls by 1 with each failure and rises by `budget_ratio` with
            each answer; at half or less nothing is retried.
    """

    max_attempts: int = 5
    backoff_s: float = 0.1
    backoff_factor: float = 2.0
    backoff_max_s: float = 2.0
    attempt_timeout_s: float = 4.0
    wait_for_server: bool = True
    budget: float = 1000.0
    budget_ratio: float = 0.1

    def backoff(self, failures: int) -> float:
        """Return the longest pause after so many failures (at least 1), in seconds."""
        return min(self.backoff_max_s, self.backoff_s * self.backoff_factor ** min(failures - 1, 60))


DEFAULT_POLICY = RetryPolicy()


class Budget:
    """The retry budget of a client, shared by its calls (the token bucket of gRFC A6).

    Threads may race on it: at worst it is off by a token.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._full = self._tokens = policy.budget
        self._ratio = policy.budget_ratio

    def answered(self) -> None:
        """Add `budget_ratio` of a token."""
        self._tokens = min(self._full, self._tokens + self._ratio)

    def failed(self) -> None:
        """Remove a token."""
        self._tokens = max(0.0, self._tokens - 1.0)

    def allows(self) -> bool:
        """Return whether the budget allows a retry."""
        return self._tokens > self._full / 2
