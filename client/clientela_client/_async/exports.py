"""The ledger's export, in bounded memory: one stream, read as it is consumed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from clientela.v1.purchases_pb2 import ExportPurchasesRequest, ExportPurchasesResponse, Purchase
from clientela_client._async.calls import AioCalls, AioNoun
from clientela_client._async.items import AioItems
from clientela_client.calls.requests import call_of
from clientela_client.calls.retry import Effort
from clientela_client.failure import Failure


class AioExports(AioNoun):
    """The method of PurchaseService that exports."""

    def export(
        self,
        parent: str = "customers/-",
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        timeout_s: float = 600.0,
    ) -> AioItems[Purchase]:
        """Iterate over all purchases of one revision, the iterator's `bookmark_revision`; oldest first.

        Args:
            parent: "customers/{customer}", or "customers/-" for all.
            filter: an AIP-160 filter, see the proto.
            timeout_s: the deadline of the whole export, in seconds.

        Raises:
            Refused: NOT_FOUND (the customer), INVALID_ARGUMENT (the filter).
            Unavailable: the stream broke after the first purchase; it is not resumed, since a second
                stream could be of another revision.
        """
        return _AioExport(self._calls, ExportPurchasesRequest(parent=parent, filter=filter), timeout_s)


class _AioExport(AioItems[Purchase]):
    """All purchases at one revision: one stream, read to its end; retried only before its first message."""

    def __init__(self, calls: AioCalls, request: ExportPurchasesRequest, timeout_s: float) -> None:
        super().__init__(calls)
        self._call = call_of(request, timeout_s)
        self._effort: Effort | None = None

    async def _more(self) -> Iterable[Purchase] | None:
        if self._effort is None or self._stream is None:
            self._effort = Effort(self._call, self._calls.session)
            message = await self._open(self._effort.attempt())
            while isinstance(message, Failure):
                await self._wait(self._effort.wait_after(message))
                message = await self._open(self._effort.attempt())
            self._effort.answered()
        else:
            message = await self._receive(self._stream)
            if isinstance(message, Failure):
                raise self._effort.end(message)
        if message is None:
            return None
        page = cast(ExportPurchasesResponse, message)
        self._bookmark.revision = page.revision
        return page.purchases
