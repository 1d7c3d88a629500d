"""What may come of a call: done (the value is returned), not done, or in doubt. Never just "failed".

    ClientelaError
    ├── SettingsError        the address, profile or token cannot be used; nothing was sent
    └── CallError            what the server or the wire said, in facts
        ├── Refused          not done: the server's answer proves it
        ├── Unavailable      not done: a read without an answer, or a write that never left this machine
        └── InDoubt          a write was sent and no answer proves anything: it is done, or it is not
    KeyboardInterrupt
    └── Interrupted          Ctrl-C while a write was under way; `in_doubt` says which

A cancelled task of the aio client is just cancelled: who may cancel a write gives it a `request_id` first.

What is in doubt is resolved by asking again with the same `request_id`. The SDK does that by itself, within
the call's deadline; an InDoubt is what remained, and carries the `request_id` to go on with.
Read next: retry.py, which decides between them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
    """One field that is wrong: `path` as in the request ("customer.emails[0]"), and what is wrong with it."""

    path: str
    description: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a status said, decoded: the code's name, and the google.rpc details where the server sent them."""

    code: str
    message: str
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[FieldViolation] = ()
    resource: str = ""
    retry_after_s: float | None = None
    localized_message: str = ""
    call_id: str = ""


class ClientelaError(Exception):
    """Anything that this SDK raises by itself."""


class SettingsError(ClientelaError):
    """An address, profile or token that cannot be used. Nothing was sent."""


class CallError(ClientelaError):
    """A call without the answer that was asked for. `str()` is one plain sentence.

    `code` is the gRPC status code's name, `reason` and `metadata` the server's stable reason and its facts
    (google.rpc.ErrorInfo), `violations` the fields that are wrong, `resource` the name of the resource it is
    about, `retry_after_s` when the server says it pays to try again, `localized_message` the sentence in the
    caller's language, `call_id` what to quote to whoever runs the server; each empty or None where the server
    did not say. `method` is the RPC ("CustomerService.GetCustomer"), `request_id` the write's, `attempts`
    how often it was sent.
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
    """Not done, and the server's answer proves it: its code is one of PROOFS_OF_REFUSAL."""


class Unavailable(CallError):
    """Not done: a read that got no answer, or a write that never left because no server was reached."""

    def __str__(self) -> str:
        return f"not done: {super().__str__()}"

    @classmethod
    def before_any_call(cls, facts: Facts) -> Self:
        """Return the error of a server of which it is known without a call that there will be no answer."""
        return cls(facts, method="", request_id=None, attempts=0)


class InDoubt(CallError):
    """A write that was sent and not answered: it may be done or not. Ask again with the same `request_id`."""

    def __str__(self) -> str:
        which = f"; request id {self.request_id}" if self.request_id else ""
        return f"in doubt, it may be done or not: {super().__str__()}{which}"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a write was under way; `in_doubt` tells which write, and its `request_id`."""

    def __init__(self, in_doubt: InDoubt) -> None:
        super().__init__(str(in_doubt))
        self.in_doubt = in_doubt


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The call was done, and this is its answer."""

    value: T


def attempt(
    call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> Done[T] | Refused | Unavailable | InDoubt:
    """Call a method of the client and return what came of it as a value, for `match`; nothing is raised."""
    try:
        return Done(call(*args, **kwargs))
    except (Refused, Unavailable, InDoubt) as outcome:
        return outcome


async def attempt_aio(
    call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> Done[T] | Refused | Unavailable | InDoubt:
    """As `attempt`, for a method of the aio client."""
    try:
        return Done(await call(*args, **kwargs))
    except (Refused, Unavailable, InDoubt) as outcome:
        return outcome
