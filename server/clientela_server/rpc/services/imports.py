"""ImportPurchases: a stream of messages, each a transaction, with an outcome for every item.

While one message is being committed, the next is received and validated, so that disk and network overlap;
memory holds no more than these two.
"""

import asyncio
from collections.abc import AsyncIterator

from google.rpc import code_pb2

from clientela.v1 import purchases_pb2 as pb
from clientela_server.domain.errors import FailedPrecondition, InvalidArgument, Refusal
from clientela_server.rpc.codec import purchases as codec
from clientela_server.rpc.codec.values import customer_id, purchase_ids
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.error_map import CODES, facts_of, truncate
from clientela_server.rpc.gate.validation import check
from clientela_server.rpc.locales import sentence
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.plain_items import is_plain
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.imports import ImportWrites, Item, Outcome, Respelled

REJECTED_MAX = 10_000
# Yield to other calls after so many bytes of items: validating a full message takes a second.
_UNBROKEN_BYTES = 16 * 1024
# Rejected items have sentences up to this size in all, and beyond it only reasons.
_WORDS_BYTES = 256 * 1024
# A malformed request id may be of any length.
_ID_BYTES = 40
Rejected = list[tuple[int, str, Refusal]]


class Imports:
    """Imports streams of purchases."""

    def __init__(self, journal: Journal, writer: JournalWriter, imports: ImportWrites) -> None:
        self._journal = journal
        self._writer = writer
        self._imports = imports

    async def run(
        self, requests: AsyncIterator[pb.ImportPurchasesRequest], call: CallContext
    ) -> pb.ImportPurchasesResponse:
        """Import a stream and return the counts and the rejected items; FailedPrecondition for too many."""
        total = _Tally(self._journal.head)
        committing: asyncio.Future[Outcome] | None = None
        async for request in requests:
            first = total.take(len(request.items))
            items, malformed = await self._read(request, first, call)
            if committing is not None:
                total.add(await committing)
            total.reject(malformed)
            respelled = self._respelling(request, first, call)
            committing = asyncio.ensure_future(
                self._commit(items, respelled, request.create_missing_customers, call)
            )
        if committing is not None:
            total.add(await committing)
        call.revision = total.revision
        return total.response()

    async def _read(
        self, request: pb.ImportPurchasesRequest, first: int, call: CallContext
    ) -> tuple[list[Item], Rejected]:
        items: list[Item] = []
        rejected: Rejected = []
        unbroken = 0
        for index, item in enumerate(request.items, first):
            size = item.ByteSize()
            unbroken += size
            if unbroken > _UNBROKEN_BYTES:
                await asyncio.sleep(0)
                unbroken = 0
            try:
                items.append(self._item(item, index, size, call))
            except Refusal as refusal:
                rejected.append((index, item.request_id, refusal))
        return items, rejected

    def _item(self, item: pb.ImportItem, index: int, size: int, call: CallContext) -> Item:
        sent_as = item.request_id
        if not is_plain(item, size):
            check(item)
        buyer, purchase_id = _names(item)
        return Item(
            place=index,
            customer_id=buyer,
            purchase_id=purchase_id,
            draft=codec.draft(item.purchase),
            request_id=item.request_id,
            digest=self._writer.digest(item, call),
            sent_as=sent_as,
        )

    def _respelling(self, request: pb.ImportPurchasesRequest, first: int, call: CallContext) -> Respelled:
        """Return a function: the digest of the item at a place, with its id as spelled by older servers."""

        def respelled(place: int, request_id: str) -> bytes:
            return self._writer.digest_with_id(request.items[place - first], call)(request_id)

        return respelled

    async def _commit(
        self, items: list[Item], respelled: Respelled, create_missing: bool, call: CallContext
    ) -> Outcome:
        def apply(transaction: Transaction) -> Outcome:
            context = WriteContext(call.caller, call.rpc.name)
            return self._imports.apply(transaction, context, items, respelled, create_missing=create_missing)

        return await self._journal.write_many(apply)


def _names(item: pb.ImportItem) -> tuple[str, str]:
    """Return the customer's and the purchase's id; without a name, the latter is made of the request id."""
    made = item.request_id.replace("-", "")
    if not item.purchase.name:
        if not item.customer:
            raise InvalidArgument.of_field(
                "FIELD_MISSING", "customer", "required, unless purchase.name is set"
            )
        return customer_id(item.customer), made
    buyer, purchase_id = purchase_ids(item.purchase.name)
    if item.customer and customer_id(item.customer) != buyer:
        raise InvalidArgument.of_field(
            "PARENT_MISMATCH",
            "customer",
            "must be the customer of purchase.name",
            customer=item.customer,
            name=item.purchase.name,
        )
    return buyer, purchase_id


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

    def response(self) -> pb.ImportPurchasesResponse:
        """Return the response."""
        return pb.ImportPurchasesResponse(
            imported_count=self._imported,
            duplicate_count=self._duplicates,
            created_customer_count=self._created,
            revision=self.revision,
            rejected=_rejected_items(sorted(self._rejected, key=lambda each: each[0])),
        )


def _rejected_items(rejected: Rejected) -> list[pb.RejectedItem]:
    """Return the rejected items; all have a reason, as many as fit also a sentence."""
    items, room = [], _WORDS_BYTES
    for index, request_id, refusal in rejected:
        item = pb.RejectedItem(index=index, request_id=truncate(request_id, _ID_BYTES))
        item.status.code, item.status.reason = CODES.get(type(refusal), code_pb2.INTERNAL), refusal.reason
        if room > 0:
            item.status.MergeFrom(_details(refusal))
            room -= item.ByteSize()
        items.append(item)
    return items


def _details(refusal: Refusal) -> pb.ItemStatus:
    facts = facts_of(refusal)
    field = refusal.faults[0].path if refusal.faults else ""
    return pb.ItemStatus(message=sentence(refusal.reason, facts), field=field, metadata=facts)
