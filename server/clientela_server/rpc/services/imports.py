"""Imports: a stream of messages, each a transaction, with an outcome for every item.

While one message is being committed, the next is received and validated, so that disk and network overlap;
memory holds no more than these two.
Read next: `purchase_imports`, `customer_imports`, what items are; `usecases/imports`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from google.rpc import code_pb2

from clientela_server.domain.errors import FailedPrecondition, Refusal
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.error_map import CODES, facts_of, truncate
from clientela_server.rpc.locales import sentence
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.imports import Outcome, Respelled

REJECTED_MAX = 10_000
# Yield to other calls after so many bytes of items: validating a full message takes a second.
_UNBROKEN_BYTES = 16 * 1024
# Rejected items have sentences up to this size in all, and beyond it only reasons.
_WORDS_BYTES = 256 * 1024
# A malformed request id may be of any length.
_ID_BYTES = 40
Rejected = list[tuple[int, str, Refusal]]
# An item as the use case takes it.
T = TypeVar("T")
# Makes an item of one that was sent, its place in the stream, its size in bytes, and the call; a Refusal
# rejects it.
Read = Callable[[Any, int, int, CallContext], T]
# Imports the items of a message, which is the last argument.
Apply = Callable[[Transaction, WriteContext, list[T], Respelled, Any], Outcome]


class Imports(Generic[T]):
    """Imports streams of one kind of items. read, apply: see `Read`, `Apply`."""

    def __init__(self, writer: JournalWriter, read: Read[T], apply: Apply[T]) -> None:
        self._writer = writer
        self._read = read
        self._apply = apply

    async def run(self, requests: AsyncIterator[Any], call: CallContext) -> Any:
        """Import a stream and return the counts and the rejected items; FailedPrecondition for too many."""
        total = _Tally(self._writer.head)
        committing: asyncio.Future[Outcome] | None = None
        async for request in requests:
            first = total.take(len(request.items))
            items, malformed = await self._read_all(request, first, call)
            if committing is not None:
                total.add(await committing)
            total.reject(malformed)
            committing = asyncio.ensure_future(self._commit(items, request, first, call))
        if committing is not None:
            total.add(await committing)
        call.revision = total.revision
        return total.response(call)

    async def _read_all(self, request: Any, first: int, call: CallContext) -> tuple[list[T], Rejected]:
        items: list[T] = []
        rejected: Rejected = []
        unbroken = 0
        for index, item in enumerate(request.items, first):
            size = item.ByteSize()
            unbroken += size
            if unbroken > _UNBROKEN_BYTES:
                await asyncio.sleep(0)
                unbroken = 0
            sent_as = item.request_id
            try:
                items.append(self._read(item, index, size, call))
            except Refusal as refusal:
                rejected.append((index, sent_as, refusal))
        return items, rejected

    def _respelling(self, request: Any, first: int, call: CallContext) -> Respelled:
        """Return a function: the digest of the item at a place, with its id as spelled by older servers."""

        def respelled(place: int, request_id: str) -> bytes:
            return self._writer.digest_with_id(request.items[place - first], call)(request_id)

        return respelled

    async def _commit(self, items: list[T], request: Any, first: int, call: CallContext) -> Outcome:
        respelled = self._respelling(request, first, call)
        context = WriteContext(call.caller, call.rpc.name)

        def apply(transaction: Transaction) -> Outcome:
            return self._apply(transaction, context, items, respelled, request)

        return await self._writer.write_many(apply)


class _Tally:
    """The counts of a stream so far."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self._seen = 0
        self._imported = 0
        self._duplicates = 0
        self._created = 0
        self._rejected: Rejected = []

    def take(self, count: int) -> int:
        """Count received items; return the index of the first."""
        self._seen += count
        return self._seen - count

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of a message."""
        self._imported += outcome.imported
        self._duplicates += outcome.duplicates
        self._created += outcome.created_customers
        self.revision = outcome.revision
        self.reject(outcome.rejected)

    def reject(self, rejected: Rejected) -> None:
        """Add rejected items; FailedPrecondition if there are too many to hold in memory."""
        self._rejected += rejected
        if len(self._rejected) > REJECTED_MAX:
            raise FailedPrecondition("IMPORT_TOO_MANY_REJECTED", limit=str(REJECTED_MAX))

    def response(self, call: CallContext) -> Any:
        """Return the response."""
        response: Any = call.rpc.response(
            imported_count=self._imported, duplicate_count=self._duplicates, revision=self.revision
        )
        if self._created:
            response.created_customer_count = self._created
        _add_rejected(response, sorted(self._rejected, key=lambda each: each[0]))
        return response


def _add_rejected(response: Any, rejected: Rejected) -> None:
    """Add the rejected items; all have a reason, as many as fit also a sentence."""
    room = _WORDS_BYTES
    for index, request_id, refusal in rejected:
        item = response.rejected.add(index=index, request_id=truncate(request_id, _ID_BYTES))
        item.status.code, item.status.reason = CODES.get(type(refusal), code_pb2.INTERNAL), refusal.reason
        if room > 0:
            facts = facts_of(refusal)
            item.status.message = sentence(refusal.reason, facts)
            item.status.field = refusal.faults[0].path if refusal.faults else ""
            item.status.metadata.update(facts)
            room -= item.ByteSize()
