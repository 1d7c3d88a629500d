"""The outcomes of a call: done (the value is returned), not done, or in doubt. Never just "failed".

    ClientelaError
    ├── SettingsError        an address, profile, token or certificate cannot be used; nothing was sent
    └── CallError            a call failed; its facts are attributes
        ├── Refused          not done: the server's answer proves it
        ├── Unavailable      not done: a read without an answer, or a write that never left this machine
        └── InDoubt          a write was sent and no answer proves anything: it is done, or it is not
    KeyboardInterrupt
    └── Interrupted          Ctrl-C while a write was under way; `in_doubt` says which

A cancelled task of the aio client raises CancelledError as usual: pass a `request_id` to a write that you may
cancel.

A write in doubt is resolved by a retry with the same `request_id`. The SDK retries within the call's
deadline; an InDoubt that is raised carries the `request_id` for further retries.
Read next: retry.py, which decides between them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Generic, ParamSpec, Self, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

#: Status codes that prove that nothing was written. Every other code but OK proves nothing.
PROOFS_OF_REFUSAL = frozenset(
    {
        "INVALID_ARGUMENT",
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "FAILED_PRECONDITION",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "ABORTED",
    }
)


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """An invalid field: its path in the request ("customer.emails[0]"), and what is wrong with it."""

    path: str
    description: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A decoded status: the code's name, and the google.rpc details that the server sent."""

    code: str
    message: str
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    _: KW_ONLY
    violations: Sequence[FieldViolation] = ()
    resource: str = ""
    retry_after_s: float | None = None
    localized_message: str = ""
    call_id: str = ""


class ClientelaError(Exception):
    """The root of all exceptions of this SDK, except Interrupted."""


class SettingsError(ClientelaError):
    """An address, profile, token or certificate that cannot be used. Nothing was sent."""


class CallError(ClientelaError):
    """A call that failed. `str()` is one sentence for people.

    Attributes, empty or None if the server did not send them:
        code: the gRPC status code's name, e.g. "NOT_FOUND".
        reason, metadata: of google.rpc.ErrorInfo, stable for programs (docs/errors.md).
        violations: the invalid fields.
        resource: the name of the resource that the error is about.
        retry_after_s: how long to wait before a retry, in seconds.
        localized_message: the message in the caller's language.
        call_id: identifies the call in the server's log.
        method: the RPC, e.g. "CustomerService.GetCustomer".
        request_id: the write's.
        attempts: how often the call was sent.
    """

    def __init__(self, facts: Facts, *, method: str, request_id: str | None, attempts: int) -> None:
        super().__init__(facts.message)
        self.facts = facts
        self.code = facts.code
        self.reason = facts.reason
        self.message = facts.message
        self.metadata = dict(facts.metadata)
        self.violations = tuple(facts.violations)
        self.resource = facts.resource
        self.retry_after_s = facts.retry_after_s
        self.localized_message = facts.localized_message
        self.call_id = facts.call_id
        self.method = method
        self.request_id = request_id
        self.attempts = attempts

    def __str__(self) -> str:
        return f"{self.message} ({self.reason or self.code})"


class Refused(CallError):
    """Not done, as the server's status proves: its code is in PROOFS_OF_REFUSAL."""


class Unavailable(CallError):
    """Not done: a read without a response, or a write that never left this machine."""

    def __str__(self) -> str:
        return f"not done: {super().__str__()}"

    @classmethod
    def before_any_call(cls, facts: Facts) -> Self:
        """Return the error of a server that is known to be unavailable without a call."""
        return cls(facts, method="", request_id=None, attempts=0)


class InDoubt(CallError):
    """A write that may be done or not: sent, and nothing proves either. Retry with its `request_id`."""

    def __str__(self) -> str:
        which = f"; request id {self.request_id}" if self.request_id else ""
        return f"in doubt, it may be done or not: {super().__str__()}{which}"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a write; `in_doubt` identifies it by its `request_id`."""

    def __init__(self, in_doubt: InDoubt) -> None:
        super().__init__(str(in_doubt))
        self.in_doubt = in_doubt


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The call is done; `value` is its result."""

    value: T


def attempt(
    call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> Done[T] | Refused | Unavailable | InDoubt:
    """Call a method of the client and return its outcome as a value, for `match`.

    SettingsError and interruptions are still raised.
    """
    try:
        return Done(call(*args, **kwargs))
    except (Refused, Unavailable, InDoubt) as outcome:
        return outcome


async def attempt_aio(
    call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> Done[T] | Refused | Unavailable | InDoubt:
    """Await a method of the aio client and return its outcome as a value, as `attempt`."""
    try:
        return Done(await call(*args, **kwargs))
    except (Refused, Unavailable, InDoubt) as outcome:
        return outcome
