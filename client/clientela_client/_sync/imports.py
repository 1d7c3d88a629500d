# Made from _async/imports.py by protos/sync_for_python.py: edit that, and run make sdk.
"""Imports of customers and of purchases, in bounded memory.

An import is split into streams, each sent, answered and retried as one call: memory holds one stream and the
next. Read next: bulk.py beside this folder, how the streams are packed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from clientela_client._sync.calls import SyncNoun
from clientela_client.bulk import Packing, add_answer, check_rejected, import_call, import_messages

if TYPE_CHECKING:
    from clientela.v1.customers_pb2 import CustomerItem, ImportCustomersRequest, ImportCustomersResponse
    from clientela.v1.purchases_pb2 import ImportItem, ImportPurchasesRequest, ImportPurchasesResponse

R = TypeVar("R", "ImportCustomersResponse", "ImportPurchasesResponse")


class _SyncImports(SyncNoun):
    """What both imports do."""

    def _import(
        self,
        items: Iterable[CustomerItem | ImportItem],
        request: ImportCustomersRequest | ImportPurchasesRequest,
        total: R,
        on_progress: Callable[[R], None] | None,
        timeout_s: float,
    ) -> R:
        """Send all items in messages like `request`, and add up the responses in `total`."""
        packing = Packing(import_messages(items, request, self._calls.session))

        def pack() -> None:
            while packing.pack():
                self._calls.session.clock.sleep(0)  # so that others run

        pack()
        while batch := packing.take():
            call = import_call(type(request), batch, timeout_s)
            add_answer(total, self._calls.client_stream(call, type(total), pack))
            if on_progress is not None:
                on_progress(total)
            check_rejected(total, call)
        return total


class SyncCustomerImports(_SyncImports):
    """The method of CustomerService that streams."""

    def import_(
        self,
        items: Iterable[CustomerItem],
        *,
        on_progress: Callable[[ImportCustomersResponse], None] | None = None,
        timeout_s: float = 120.0,
    ) -> ImportCustomersResponse:
        """Register any number of customers and return the counts over all of them.

        A stream that broke is sent again whole, which registers nobody twice: a customer registered before
        the break then counts as a duplicate, not as imported.

        Args:
            items: read as they are sent, in streams of at most 10,000 items; an item without `request_id`
                gets one. They are registered in order: a referrer may stand before those it referred.
            on_progress: called after each stream with the counts so far.
            timeout_s: the deadline of each stream with its retries, in seconds.

        Returns:
            The counts, and `rejected`: index (from 0, over all items) and reason of each rejected item.

        Raises:
            Refused: FAILED_PRECONDITION, at more than 10,000 rejected items; what was registered stays.
            InDoubt: the last stream may be registered or not; import again with the same request_ids.
        """
        from clientela.v1.customers_pb2 import ImportCustomersRequest, ImportCustomersResponse

        total = ImportCustomersResponse()
        return self._import(items, ImportCustomersRequest(), total, on_progress, timeout_s)


class SyncPurchaseImports(_SyncImports):
    """The method of PurchaseService that streams."""

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
        from clientela.v1.purchases_pb2 import ImportPurchasesRequest, ImportPurchasesResponse

        request = ImportPurchasesRequest(create_missing_customers=create_missing_customers)
        return self._import(items, request, ImportPurchasesResponse(), on_progress, timeout_s)
