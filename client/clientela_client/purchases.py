"""The ledger: one method for each RPC of PurchaseService, in its order.

`timeout_s`, `request_id` and errors are as in customers.py. Read next: bulk.py, which carries the streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from google.type.money_pb2 import Money

from clientela.v1 import purchases_pb2 as pb
from clientela.v1.purchases_pb2 import ImportItem, ImportPurchasesResponse, ListPurchasesResponse, Purchase
from clientela_client.bulk import Export, Import
from clientela_client.calls.requests import Intent, Many, One, Pages
from clientela_client.calls.resources import AioNoun, SyncNoun, rpc, stream

ALL_CUSTOMERS = "customers/-"


class Purchases:
    """The ledger's methods, for both clients."""

    @rpc
    def record(
        self,
        parent: str,
        purchase: Purchase,
        *,
        purchase_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Purchase]:
        """Record what the customer `parent` bought, durably; without `purchase_id` the server makes one."""
        request = pb.RecordPurchaseRequest(
            parent=parent,
            purchase=purchase,
            purchase_id=purchase_id,
            request_id=request_id,
            validate_only=validate_only,
        )
        return Intent(request, Purchase, timeout_s)

    @rpc
    def get(self, name: str, *, timeout_s: float | None = None) -> One[Purchase]:
        """Read the purchase of this name, "customers/{customer}/purchases/{purchase}"."""
        return Intent(pb.GetPurchaseRequest(name=name), Purchase, timeout_s)

    @rpc
    def list_page(
        self,
        parent: str = ALL_CUSTOMERS,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> One[ListPurchasesResponse]:
        """List one page, as the server sends it."""
        request = pb.ListPurchasesRequest(
            parent=parent, page_size=page_size, page_token=page_token, filter=filter, order_by=order_by
        )
        return Intent(request, ListPurchasesResponse, timeout_s)

    @stream
    def list(
        self,
        parent: str = ALL_CUSTOMERS,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Purchase]:
        """List the purchases of all pages, asking for each when it is reached, with `timeout_s` for it."""
        request = pb.ListPurchasesRequest(
            parent=parent, page_size=page_size, filter=filter, order_by=order_by
        )
        return Pages(request, ListPurchasesResponse, lambda page: page.purchases, timeout_s)

    @rpc
    def refund(
        self,
        name: str,
        reason: str,
        *,
        amount: Money | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> One[Purchase]:
        """Give money back: `amount`, or all that was not given back yet. Returns the refund."""
        request = pb.RefundPurchaseRequest(name=name, amount=amount, reason=reason, request_id=request_id)
        return Intent(request, Purchase, timeout_s)

    @rpc
    def import_(
        self,
        items: Iterable[ImportItem],
        *,
        create_missing_customers: bool = True,
        on_progress: Callable[[ImportPurchasesResponse], None] | None = None,
        timeout_s: float = 120.0,
    ) -> One[ImportPurchasesResponse]:
        """Record any number of purchases, and return what became of them, counted over all.

        They are read from `items` as they are sent, in streams of at most 10,000 items with `timeout_s` for
        each, and `on_progress` is called with the counts so far after each. An item without `request_id` is
        given one. A stream that was cut is sent again whole, which writes nothing twice; but items that it
        had recorded before the cut are then counted as duplicates, not as imported. `rejected` holds the
        index within all items; at more than 10,000 rejected items the import stops with Refused.
        """
        return Import(items, create_missing_customers, on_progress, timeout_s)

    @stream
    def export(
        self,
        parent: str = ALL_CUSTOMERS,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        timeout_s: float = 600.0,
    ) -> Many[Purchase]:
        """Read all purchases as they are at one revision, the iterator's `bookmark_revision`, oldest first.

        `timeout_s` is for the whole of it. A cut before the first purchase is mended; a later one raises
        Unavailable, as a second stream could show another revision.
        """
        return Export(pb.ExportPurchasesRequest(parent=parent, filter=filter), timeout_s)


class SyncPurchases(Purchases, SyncNoun):
    """The ledger, blocking."""


class AioPurchases(Purchases, AioNoun):
    """The ledger, on an event loop."""
