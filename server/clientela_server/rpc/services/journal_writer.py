"""How a handler writes: the journal, told who asks for what.

One place makes an `WriteContext` of a call and its request, so that every write is done once in the same way.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.journal import Journal, request_digest
from clientela_server.store.journal.transaction import Apply


class JournalWriter:
    """Hands writes to the journal in the name of a call."""

    def __init__(self, journal: Journal, secret: bytes) -> None:
        self._journal = journal
        self._secret = secret

    @property
    def erasure_pending(self) -> bool:
        """Whether what was erased may still be on the disk."""
        return self._journal.erasure_pending

    async def write(
        self, request: Message, call: CallContext, apply: Apply, *, dry_run: bool = False
    ) -> bytes:
        """Write once and give the resource after it, as it is kept."""
        entry: Entry = await self._journal.write(self.origin(request, call), apply, dry_run=dry_run)
        call.revision = self._journal.head if dry_run else entry.revision
        return entry.record

    def origin(self, request: Message, call: CallContext) -> WriteContext:
        """Say where a write comes from; requests that are sent twice are known by their digest."""
        request_id: str = getattr(request, "request_id", "")
        if not request_id:
            return WriteContext(call.caller, call.rpc.name)
        digest = self.digest(request, call)
        return WriteContext(
            call.caller, call.rpc.name, request_id, digest, self.digest_with_id(request, call)
        )

    def digest(self, request: Message, call: CallContext) -> bytes:
        """Make the mark of a request's whole content."""
        return request_digest(self._secret, call.rpc.name, request.SerializeToString(deterministic=True))

    def digest_with_id(self, request: Message, call: CallContext) -> Callable[[str], bytes]:
        """Give what makes the mark of the same request with its id spelled as an older server kept it."""

        def digest(request_id: str) -> bytes:
            other: Any = type(request)()
            other.CopyFrom(request)
            other.request_id = request_id
            return self.digest(other, call)

        return digest
