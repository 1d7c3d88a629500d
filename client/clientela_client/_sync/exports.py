# Made from _async/exports.py by protos/sync_for_python.py: edit that, and run make sdk.
"""The ledger's export, in bounded memory: one stream, read as it is consumed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from clientela.v1.purchases_pb2 import ExportPurchasesRequest, ExportPurchasesResponse, Purchase
from clientela_client._sync.calls import SyncCalls, SyncNoun
from clientela_client._sync.items import Items
from clientela_client.calls.requests import call_of
from clientela_client.calls.retry import Effort
from clientela_client.failure import Failure


class SyncExports(SyncNoun):
    """The method of PurchaseService that exports."""

    def export(
        self,
        parent: str = "customers/-",
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        timeout_s: float = 600.0,
    ) -> Items[Purchase]:
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
        return _SyncExport(self._calls, ExportPurchasesRequest(parent=parent, filter=filter), timeout_s)


class _SyncExport(Items[Purchase]):
    """All purchases at one revision: one stream, read to its end; retried only before its first message."""

    def __init__(self, calls: SyncCalls, request: ExportPurchasesRequest, timeout_s: float) -> None:
        super().__init__(calls)
        self._call = call_of(request, timeout_s)
        self._effort: Effort | None = None

    def _more(self) -> Iterable[Purchase] | None:
        if self._effort is None or self._stream is None:
            self._effort = Effort(self._call, self._calls.session)
            message = self._open(self._effort.attempt())
            while isinstance(message, Failure):
                self._wait(self._effort.wait_after(message))
                message = self._open(self._effort.attempt())
            self._effort.answered()
        else:
            message = self._receive(self._stream)
            if isinstance(message, Failure):
                raise self._effort.end(message)
        if message is None:
            return None
        page = cast(ExportPurchasesResponse, message)
        self._bookmark.revision = page.revision
        return page.purchases
