"""Write to the journal on behalf of a call, idempotently.

A retry is recognized by caller and request id, and must have the same digest. The digest holds the RPC's name
of its first release, so that an RPC that was renamed since recognizes the retry of an older request. The
`WriteContext` of every handler is made here, but that of imports.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Encoded
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.jobs import Read
from clientela_server.store.journal.journal import Journal, request_digest
from clientela_server.store.journal.transaction import Apply, Transaction

T = TypeVar("T")
#: The name that an RPC was released under, where it is another one now.
FIRST_NAMES = {
    "StandingService.UpdatePolicy": "InsightService.UpdatePolicy",
    "SegmentService.CreateSegment": "InsightService.CreateSegment",
    "SegmentService.UpdateSegment": "InsightService.UpdateSegment",
    "SegmentService.DeleteSegment": "InsightService.DeleteSegment",
    "SpendService.RecordSpend": "InsightService.RecordSpend",
    "SpendService.DeleteSpend": "InsightService.DeleteSpend",
}


class JournalWriter:
    """Writes to the journal on behalf of calls."""

    def __init__(self, journal: Journal, secret: bytes) -> None:
        self._journal = journal
        self._secret = secret

    @property
    def erasure_pending(self) -> bool:
        """Whether erased data may still be on the disk."""
        return self._journal.erasure_pending

    @property
    def head(self) -> int:
        """The journal's revision."""
        return self._journal.head

    async def write_many(self, apply_all: Callable[[Transaction], T]) -> T:
        """Apply many writes in one transaction; the caller ensures that each is idempotent."""
        return await self._journal.write_many(apply_all)

    async def write(
        self,
        request: Message,
        call: CallContext,
        apply: Apply,
        *,
        dry_run: bool = False,
        reads: Sequence[Read] = (),
    ) -> Encoded:
        """Write once and return the resource afterwards, as stored: the response, without parsing it.

        Sets the call's revision: of the entry, also if the request was a retry; of the head for a dry run.
        reads: as `Journal.write` takes them.
        """
        context = self._context(request, call)
        entry: Entry = await self._journal.write(context, apply, dry_run=dry_run, reads=reads)
        call.revision = self._journal.head if dry_run else entry.revision
        return Encoded(entry.record)

    def _context(self, request: Message, call: CallContext) -> WriteContext:
        """Return the context of a write; with a request id also the digest that recognizes a retry."""
        request_id: str = getattr(request, "request_id", "")
        if not request_id:
            return WriteContext(call.caller, call.rpc.name)
        digest = self.digest(request, call)
        return WriteContext(
            call.caller, call.rpc.name, request_id, digest, self.digest_with_id(request, call)
        )

    def digest(self, request: Message, call: CallContext) -> bytes:
        """Return the keyed digest of a request's whole content."""
        name = FIRST_NAMES.get(call.rpc.name, call.rpc.name)
        return request_digest(self._secret, name, request.SerializeToString(deterministic=True))

    def digest_with_id(self, request: Message, call: CallContext) -> Callable[[str], bytes]:
        """Return a function: the digest of the same request with its id as spelled by older servers."""

        def digest(request_id: str) -> bytes:
            other: Any = type(request)()
            other.CopyFrom(request)
            other.request_id = request_id
            return self.digest(other, call)

        return digest
