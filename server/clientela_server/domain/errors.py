"""The refusals: one exception class for each gRPC status code that the server returns.

    Refusal                  somebody asked for what can't be done, and nothing was written
    |- InvalidArgument       the request itself is wrong, whatever the state of the server
    |- Unauthenticated       nobody knows who asks
    |- PermissionDenied      known, but may not
    |- NotFound              the thing asked for is not there
    |- AlreadyExists         the thing to be made is there already
    |- Aborted               somebody else was faster; read again and retry
    |- FailedPrecondition    right request, wrong state
    |- OutOfRange            beyond what can be held or is kept
    |- ResourceExhausted     more than the caller's share
    |- DeadlineExceeded      there was no time left to begin
    `- Unavailable           not now; try again
    OutcomeUnknown           no refusal: whether it was written can't be told before the disk is read again

The names are those of google.rpc.Code, so that a reader of the wire meets the same words here.
A refusal holds a `reason` (stable, UPPER_SNAKE) and the facts as strings; the sentence for people is made
from them in `rpc/locales`, in four languages.
"""

from copy import copy
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that is wrong: its path as in the request, and what is wrong with it."""

    path: str
    description: str


class Refusal(Exception):
    """A refused call; nothing was written. `revision`: the one the refusal is based on, if known."""

    def __init__(
        self,
        reason: str,
        *,
        faults: tuple[FieldFault, ...] = (),
        resource: str | None = None,
        retry_after_s: float | None = None,
        **facts: str,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.faults = faults
        self.resource = resource
        self.retry_after_s = retry_after_s
        self.facts = facts
        self.revision: int | None = None


class InvalidArgument(Refusal):
    """The request is invalid in any state of the server."""

    @classmethod
    def of_field(cls, reason: str, path: str, description: str, /, **facts: str) -> "InvalidArgument":
        """Refuse because of one field; its path is among the facts too."""
        refusal = cls(reason, faults=(FieldFault(path, description),))
        refusal.facts = {"field": path, **facts}
        return refusal

    def at(self, path: str) -> "InvalidArgument":
        """Return the same refusal of another field, in which what was looked at stands."""
        moved = copy(self)
        moved.faults = tuple(FieldFault(path, each.description) for each in self.faults)
        moved.facts = {**self.facts, "field": path}
        return moved


class Unauthenticated(Refusal):
    """The caller is not authenticated: no valid token."""


class PermissionDenied(Refusal):
    """The caller's role does not permit the call."""


class NotFound(Refusal):
    """The resource does not exist."""


class AlreadyExists(Refusal):
    """The resource to be created exists already."""


class Aborted(Refusal):
    """The resource changed meanwhile: an etag does not match."""


class FailedPrecondition(Refusal):
    """The request is valid, but not in the current state of the resource."""


class OutOfRange(Refusal):
    """A sum would overflow, or a revision is beyond the head or of another epoch."""


class ResourceExhausted(Refusal):
    """A rate limit, concurrency limit or the disk is exhausted."""


class DeadlineExceeded(Refusal):
    """The deadline passed before the call was started; nothing was written."""


class Unavailable(Refusal):
    """A temporary failure: retry with backoff."""


class OutcomeUnknown(Exception):
    """A commit failed and its outcome is unknown: retry with the same request id."""
