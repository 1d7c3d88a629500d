"""The handlers of spends: decode, call, encode.

Read next: `usecases/spends` (what a write does), `economics` (the return on spends).
"""

from google.protobuf.empty_pb2 import Empty

from clientela.v1 import insight_pb2 as pb
from clientela_server.rpc.codec.spends import spend_draft
from clientela_server.rpc.codec.values import spend_id
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.services.insight_parts import InsightCalls
from clientela_server.store.filters.paging import page_limit
from clientela_server.store.nouns import spends as store


class SpendCalls(InsightCalls):
    """RecordSpend, GetSpend, ListSpends, DeleteSpend."""

    async def RecordSpend(self, request: pb.RecordSpendRequest, call: CallContext) -> pb.Spend:
        """Record one spend."""
        apply = self._parts.spends.record(spend_draft(request.spend), request.spend_id or None)
        return pb.Spend.FromString(
            await self._writer.write(request, call, apply, dry_run=request.validate_only)
        )

    async def GetSpend(self, request: pb.GetSpendRequest, call: CallContext) -> pb.Spend:
        """Return one spend."""
        wanted = spend_id(request.name)
        record, call.revision = await self._database.read(lambda connection: store.get(connection, wanted))
        return pb.Spend.FromString(record)

    async def ListSpends(self, request: pb.ListSpendsRequest, call: CallContext) -> pb.ListSpendsResponse:
        """Return one page."""
        asked = (call.caller, call.rpc.name, request.filter, request.order_by)
        after, limit = self._tokens.read(asked, request.page_token), page_limit(request.page_size)
        (records, last), call.revision = await self._database.scan(
            lambda connection: self._parts.spend_lists.page(
                connection, request.filter, request.order_by, after, limit
            )
        )
        return pb.ListSpendsResponse(
            spends=[pb.Spend.FromString(record) for record in records],
            next_page_token=self._tokens.make(asked, last) if last else "",
        )

    async def DeleteSpend(self, request: pb.DeleteSpendRequest, call: CallContext) -> Empty:
        """Delete a spend; the journal keeps it."""
        await self._writer.write(request, call, self._parts.spends.delete(spend_id(request.name)))
        return Empty()
