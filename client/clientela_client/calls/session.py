"""What all calls of one client share: settings, retry policy and budget, clock, observer. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field, replace

from clientela_client import ids
from clientela_client.calls import jitter
from clientela_client.calls.retry_limits import Budget, RetryPolicy
from clientela_client.calls.wire import Observer
from clientela_client.clock import Clock, SystemClock
from clientela_client.connection.settings import Settings
from clientela_client.errors import Facts
from clientela_client.failure import Failure, Metadata


@dataclass(frozen=True)
class Session:
    """Shared by all calls of a client. timeout_s: the default deadline of a call, in seconds."""

    settings: Settings
    _: KW_ONLY
    timeout_s: float = 10.0
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    observer: Observer | None = None
    extra_metadata: Metadata = ()
    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[float], float] = jitter.jitter
    new_request_id: Callable[[], str] = ids.new_request_id
    budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "budget", Budget(self.retry_policy))

    def metadata(self) -> Metadata:
        """Return the metadata of an attempt: the token, if there is one, and the client's own."""
        token = self.settings.token.find()
        who: Metadata = () if token is None else (("authorization", f"Bearer {token}"),)
        return who + self.extra_metadata

    def facts_of(self, failure: Failure) -> Facts:
        """Return the facts of a failure, and whether no server was reached or no token found."""
        from clientela_client.calls import status  # its messages take long to import, and few calls fail

        facts = status.facts_of(failure)
        if failure.reason:
            return replace(facts, reason=failure.reason)
        if not failure.left and failure.code == "UNAVAILABLE":
            message = f"no server was reached at {self.settings.server}"
            return replace(facts, message=message, metadata={"cause": failure.details})
        if failure.code == "UNAUTHENTICATED" and self.settings.token.find() is None:
            return replace(facts, message=self.settings.token.advice())
        return facts
