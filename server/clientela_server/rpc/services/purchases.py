"""PurchaseService: decode, call, encode.

Read next: `purchase_imports`, `usecases/purchases` for what a write does.
"""

from collections.abc import AsyncIterator, Iterator, Sequence

from clientela.v1 import purchases_pb2 as pb
from clientela.v1.purchases_pb2_grpc import PurchaseServiceServicer
from clientela_server.rpc.codec import purchases as codec
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.values import customer_id, from_money, purchase_ids
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Encoded
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.kept_answers import KeptAnswers
from clientela_server.rpc.services.purchase_imports import purchase_imports
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database
from clientela_server.store.database.reading import head_revision
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.nouns import purchases as store
from clientela_server.store.nouns.purchase_lists import ALL_CUSTOMERS, Page, PurchaseLists, require_customer
from clientela_server.store.nouns.purchases import Found
from clientela_server.usecases.purchase_imports import PurchaseImports
from clientela_server.usecases.purchases import PurchaseWrites

_ENUMS = {
    "purpose": (dict[str, int](pb.PurchasePurpose.items()), "PURCHASE_PURPOSE_"),
    "sales_path": (dict[str, int](pb.SalesPath.items()), "SALES_PATH_"),
    "source": (dict[str, int](pb.PurchaseSource.items()), "PURCHASE_SOURCE_"),
}


class PurchaseService(PurchaseServiceServicer):
    """The handlers of PurchaseService."""

    def __init__(
        self,
        database: Database,
        writer: JournalWriter,
        purchases: PurchaseWrites,
        imports: PurchaseImports,
        tokens: PageTokens,
        *,
        kept: KeptAnswers,
    ) -> None:
        self._database = database
        self._writer = writer
        self._purchases = purchases
        self._imports = purchase_imports(writer, imports)
        self._lists = PurchaseLists(_ENUMS)
        self._tokens = tokens
        self._kept = kept

    async def RecordPurchase(self, request: pb.RecordPurchaseRequest, call: CallContext) -> Encoded:
        """Record one purchase; respond after it is on disk."""
        draft, buyer = codec.draft(request.purchase), customer_id(request.parent)
        apply = self._purchases.record(buyer, draft, request.purchase_id or None)
        reads = self._purchases.reads(buyer)
        return await self._writer.write(request, call, apply, dry_run=request.validate_only, reads=reads)

    async def GetPurchase(self, request: pb.GetPurchaseRequest, call: CallContext) -> Encoded:
        """Return one purchase."""
        names = purchase_ids(request.name)
        found, call.revision = await self._database.read(lambda connection: store.get(connection, *names))
        return Encoded(codec.encoded(*found))

    async def ListPurchases(self, request: pb.ListPurchasesRequest, call: CallContext) -> Encoded:
        """Return one page."""
        asked = (call.caller, call.rpc.name, request.parent, request.filter, request.order_by)
        question = (*asked, request.page_size, request.page_token)
        buyer, revision = customer_id(request.parent), self._database.revision_read
        if (kept := self._kept.find(buyer, question, revision)) is not None:
            call.revision = revision
            return Encoded(kept)
        answer = await self._read_page(request, call, asked)
        if buyer != ALL_CUSTOMERS and call.revision == revision:
            self._kept.keep(buyer, question, revision, answer.data, size=len(answer.data))
        return answer

    async def _read_page(
        self, request: pb.ListPurchasesRequest, call: CallContext, asked: Sequence[str]
    ) -> Encoded:
        after = self._tokens.read(asked, request.page_token)
        buyer, limit = customer_id(request.parent), page_limit(request.page_size)
        query = self._lists.query(buyer, request.filter)

        def read(connection: Connection) -> Page:
            require_customer(connection, buyer)
            return self._lists.page(connection, query, request.order_by, after, limit)

        page, call.revision = await self._database.read_or_scan(
            lambda connection: self._lists.is_short(connection, query, limit), read
        )
        token = self._tokens.make(asked, page.last) if page.last else ""
        return listed(pb.ListPurchasesResponse(next_page_token=token), "purchases", _encoded(page.found))

    async def RefundPurchase(self, request: pb.RefundPurchaseRequest, call: CallContext) -> Encoded:
        """Record a refund."""
        wanted = from_money(request.amount) if request.HasField("amount") else None
        apply = self._purchases.refund(*purchase_ids(request.name), wanted, request.reason)
        return await self._writer.write(request, call, apply)

    async def ImportPurchases(
        self, requests: AsyncIterator[pb.ImportPurchasesRequest], call: CallContext
    ) -> pb.ImportPurchasesResponse:
        """Record many purchases."""
        response: pb.ImportPurchasesResponse = await self._imports.run(requests, call)
        return response

    async def ExportPurchases(
        self, request: pb.ExportPurchasesRequest, call: CallContext
    ) -> AsyncIterator[Encoded]:
        """Stream the ledger at one revision, from a snapshot that later writes do not change."""
        buyer = customer_id(request.parent)
        query = self._lists.query(buyer, request.filter or "")
        async with self._database.snapshot() as snapshot:
            require_customer(snapshot.connection, buyer)
            call.revision = head_revision(snapshot.connection)
            pages = self._lists.pages(snapshot.connection, query)
            while (page := await snapshot.step(_next_page, pages)) is not None:
                rest = pb.ExportPurchasesResponse(revision=call.revision)
                yield listed(rest, "purchases", _encoded(page))


def _encoded(found: Sequence[Found]) -> Iterator[bytes]:
    return (codec.encoded(*each) for each in found)


def _next_page(pages: Iterator[list[Found]]) -> list[Found] | None:
    return next(pages, None)
