# Made from _async/bulk.py by protos/sync_for_python.py: edit that, and run make sdk.
"""The ledger's import and export, in bounded memory.

An import is split into streams, each sent, answered and retried as one call: memory holds one stream and the
next. Read next: bulk.py beside this folder, how the streams are packed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from clientela.v1.purchases_pb2 import (
    ExportPurchasesRequest,
    ExportPurchasesResponse,
    ImportItem,
    ImportPurchasesResponse,
    Purchase,
)
from clientela_client._sync.calls import SyncCalls, SyncNoun
from clientela_client._sync.items import Items
from clientela_client.bulk import Packing, add_answer, check_rejected, import_call, import_messages
from clientela_client.calls.requests import call_of
from clientela_client.calls.retry import Effort
from clientela_client.failure import Failure


class SyncBulk(SyncNoun):
    """The methods of PurchaseService that stream."""

    def import_(
        self,
        items: Iterable[ImportItem],
        *,
        create_missing_customers: bool = True,
        on_progress: Callable[[ImportPurchasesResponse], None] | None = None,
        timeout_s: float = 120.0,
    ) -> ImportPurchasesResponse:
        """Record any number of purchases and return the counts over all of them.

        A stream that broke is sent again whole, which records nothing twice: an item recorded before the
        break then counts as a duplicate, not as imported.

        Args:
            items: read as they are sent, in streams of at most 10,000 items; an item without `request_id`
                gets one.
            create_missing_customers: create a customer for a parent that does not exist.
            on_progress: called after each stream with the counts so far.
            timeout_s: the deadline of each stream with its retries, in seconds.

        Returns:
            The counts, and `rejected`: index (from 0, over all items) and reason of each rejected item.

        Raises:
            Refused: FAILED_PRECONDITION, at more than 10,000 rejected items; what was recorded stays.
            InDoubt: the last stream may be recorded or not; import again with the same request_ids.
        """
        total = ImportPurchasesResponse()
        packing = Packing(import_messages(items, create_missing_customers, self._calls.session))

        def pack() -> None:
            while packing.pack():
                self._calls.session.clock.sleep(0)  # so that others run

        pack()
        while batch := packing.take():
            call = import_call(batch, timeout_s)
            add_answer(total, self._calls.client_stream(call, ImportPurchasesResponse, pack))
            if on_progress is not None:
                on_progress(total)
            check_rejected(total, call)
        return total

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
