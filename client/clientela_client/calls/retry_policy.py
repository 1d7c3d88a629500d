"""How persistent a client is: the numbers behind the rules of retry.py, and the budget of all its calls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How persistent a client is.

    `attempt_timeout_s` bounds each attempt of a write, so that a lost answer is asked for again while the
    call's deadline is not over. `wait_for_server=False` gives up at once where no server is reached.
    `budget` falls by one with each failure and rises by `budget_ratio` with each answer; at half there are no
    more retries.
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
        """Tell the longest pause after so many failures, in seconds."""
        return min(self.backoff_max_s, self.backoff_s * self.backoff_factor ** min(failures - 1, 60))


DEFAULT_POLICY = RetryPolicy()


class Budget:
    """A client's allowance of retries, shared by all of its calls (gRPC's A6 token bucket).

    Threads may race on it; the worst that comes of it is a token more or less.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._full = self._tokens = policy.budget
        self._ratio = policy.budget_ratio

    def answered(self) -> None:
        """Put back a part of a token."""
        self._tokens = min(self._full, self._tokens + self._ratio)

    def failed(self) -> None:
        """Take a token out."""
        self._tokens = max(0.0, self._tokens - 1.0)

    def allows(self) -> bool:
        """Tell whether a retry may be made."""
        return self._tokens > self._full / 2
