"""SpendService: decode, call, encode.

Read next: `usecases/spends` (what a write does), `economics` (the return on spends).
"""

from google.protobuf.empty_pb2 import Empty

from clientela.v1 import customers_pb2
from clientela.v1 import spends_pb2 as pb
from clientela.v1.spends_pb2_grpc import SpendServiceServicer
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.spends import spend_draft
from clientela_server.rpc.codec.values import spend_id
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Encoded
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.nouns import spends as store
from clientela_server.store.nouns.spends import SpendLists
from clientela_server.usecases.spends import Spends


class SpendService(SpendServiceServicer):
    """The handlers of SpendService."""

    def __init__(self, database: Database, writer: JournalWriter, spends: Spends, tokens: PageTokens) -> None:
        self._database = database
        self._writer = writer
        self._spends = spends
        self._lists = SpendLists(
            dict(customers_pb2.AcquisitionChannel.items()), dict(pb.SpendPurpose.items())
        )
        self._tokens = tokens

    async def RecordSpend(self, request: pb.RecordSpendRequest, call: CallContext) -> Encoded:
        """Record one spend."""
        apply = self._spends.record(spend_draft(request.spend), request.spend_id or None)
        return await self._writer.write(request, call, apply, dry_run=request.validate_only)

    async def GetSpend(self, request: pb.GetSpendRequest, call: CallContext) -> Encoded:
        """Return one spend."""
        wanted = spend_id(request.name)
        record, call.revision = await self._database.read(lambda connection: store.get(connection, wanted))
        return Encoded(record)

    async def ListSpends(self, request: pb.ListSpendsRequest, call: CallContext) -> Encoded:
        """Return one page."""
        asked = (call.caller, call.rpc.name, request.filter, request.order_by)
        after, limit = self._tokens.read(asked, request.page_token), page_limit(request.page_size)
        (records, last), call.revision = await self._database.scan(
            lambda connection: self._lists.page(connection, request.filter, request.order_by, after, limit)
        )
        token = self._tokens.make(asked, last) if last else ""
        return listed(pb.ListSpendsResponse(next_page_token=token), "spends", records)

    async def DeleteSpend(self, request: pb.DeleteSpendRequest, call: CallContext) -> Empty:
        """Delete a spend; the journal keeps it."""
        await self._writer.write(request, call, self._spends.delete(spend_id(request.name)))
        return Empty()
