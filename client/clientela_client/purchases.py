"""The purchase ledger: one method for each RPC of PurchaseService, in its order.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
bulk.py, the scripts of the streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from google.type.money_pb2 import Money

from clientela.v1 import purchases_pb2 as pb
from clientela.v1.purchases_pb2 import ImportItem, ImportPurchasesResponse, ListPurchasesResponse, Purchase
from clientela_client.bulk import Export, Import
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream

ALL_CUSTOMERS = "customers/-"


class Purchases:
    """The methods of the purchase ledger, for both clients."""

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
        """Record a purchase and return it; it is on the server's disk by then.

        Args:
            parent: the buyer, "customers/{customer}".
            purchase: the amount, or lines that add up to it, and when; output-only fields are ignored.
            purchase_id: its id; default: the server generates one.

        Raises:
            Refused: NOT_FOUND or FAILED_PRECONDITION (no such customer, or it is deleted), INVALID_ARGUMENT,
                ALREADY_EXISTS (the id is taken), OUT_OF_RANGE (the customer's total would overflow).
            InDoubt: it may be recorded or not.
        """
        request = pb.RecordPurchaseRequest(
            parent=parent,
            purchase=purchase,
            purchase_id=purchase_id,
            request_id=request_id,
            validate_only=validate_only,
        )
        return UnaryRequest(request, Purchase, timeout_s)

    @rpc
    def get(self, name: str, *, timeout_s: float | None = None) -> One[Purchase]:
        """Return a purchase. name: "customers/{customer}/purchases/{purchase}".

        Raises:
            Refused: NOT_FOUND.
        """
        return UnaryRequest(pb.GetPurchaseRequest(name=name), Purchase, timeout_s)

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
        """Return one page of purchases.

        Args:
            parent: "customers/{customer}", or "customers/-" for all.
            page_size: purchases a page, at least 0; 0 or None is the server's default.
            page_token: `next_page_token` of the page before, with the same parent, filter and order.
            filter, order_by: an AIP-160 filter and an AIP-132 order, see the proto.

        Raises:
            Refused: NOT_FOUND (the customer), INVALID_ARGUMENT (an unknown field, a token of another
                listing).
        """
        request = pb.ListPurchasesRequest(
            parent=parent, page_size=page_size, page_token=page_token, filter=filter, order_by=order_by
        )
        return UnaryRequest(request, ListPurchasesResponse, timeout_s)

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
        """Iterate over all purchases; a page is requested when the iteration reaches it.

        Args:
            parent, filter, order_by, page_size: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: NOT_FOUND (the customer), INVALID_ARGUMENT (an unknown field).
        """
        request = pb.ListPurchasesRequest(
            parent=parent, page_size=page_size, filter=filter, order_by=order_by
        )
        return PagedRequest(request, ListPurchasesResponse, lambda page: page.purchases, timeout_s)

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
        """Record a refund of a purchase and return the refund, a purchase of its own.

        Args:
            name: what to refund, "customers/{customer}/purchases/{purchase}".
            reason: why, in words.
            amount: in the purchase's currency; default: all that was not refunded yet.

        Raises:
            Refused: NOT_FOUND, FAILED_PRECONDITION (more than was paid, or of a refund), INVALID_ARGUMENT
                (another currency).
            InDoubt: it may be refunded or not.
        """
        request = pb.RefundPurchaseRequest(name=name, amount=amount, reason=reason, request_id=request_id)
        return UnaryRequest(request, Purchase, timeout_s)

    @rpc
    def import_(
        self,
        items: Iterable[ImportItem],
        *,
        create_missing_customers: bool = True,
        on_progress: Callable[[ImportPurchasesResponse], None] | None = None,
        timeout_s: float = 120.0,
    ) -> One[ImportPurchasesResponse]:
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
        return Import(items, create_missing_customers, on_progress, timeout_s)

    @stream
    def export(
        self,
        parent: str = ALL_CUSTOMERS,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        timeout_s: float = 600.0,
    ) -> Many[Purchase]:
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
        return Export(pb.ExportPurchasesRequest(parent=parent, filter=filter), timeout_s)


class SyncPurchases(Purchases, SyncResource):
    """The purchase ledger, blocking."""


class AioPurchases(Purchases, AioResource):
    """The purchase ledger, on an event loop."""
