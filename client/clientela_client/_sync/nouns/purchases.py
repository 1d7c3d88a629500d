# Made from protos/clientela/v1/purchases.proto by protos/sync_for_python.py: edit that, and run make sdk.
"""The purchase ledger: one method for each RPC of PurchaseService, in its order."""

from __future__ import annotations

from google.type.money_pb2 import Money

from clientela.v1 import purchases_pb2 as pb
from clientela.v1.purchases_pb2 import ListPurchasesResponse, Purchase
from clientela_client._sync.exports import SyncExports
from clientela_client._sync.imports import SyncPurchaseImports
from clientela_client._sync.items import Items, SyncPages


class SyncPurchases(SyncExports, SyncPurchaseImports):
    """The purchase ledger.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    def record(
        self,
        parent: str,
        purchase: Purchase,
        *,
        purchase_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Purchase:
        """Record one purchase, durably: an answer means that it is on disk.

        Args:
            parent: the customer who bought, "customers/{customer}".
            purchase: the purchase; `name` and output-only fields are ignored.
            purchase_id: the id that becomes the last part of the name: 1-63 characters of A-Z, a-z, 0-9, "-",
                "_", ".", starting and ending with a letter or a digit. Unset: the server makes one.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such customer, FAILED_PRECONDITION if it is deleted,
                INVALID_ARGUMENT for malformed money, an amount that its lines do not add up to, or a
                `purchase_time` in the future, ALREADY_EXISTS if `purchase_id` is taken, OUT_OF_RANGE if the
                customer's total would overflow.
            InDoubt: it may be done or not.
        """
        request = pb.RecordPurchaseRequest(
            parent=parent,
            purchase=purchase,
            purchase_id=purchase_id,
            request_id=request_id,
            validate_only=validate_only,
        )
        return self._calls.unary(request, Purchase, timeout_s)

    def get(self, name: str, *, timeout_s: float | None = None) -> Purchase:
        """Return one purchase.

        Args:
            name: "customers/{customer}/purchases/{purchase}".
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is none of that name.
        """
        request = pb.GetPurchaseRequest(name=name)
        return self._calls.unary(request, Purchase, timeout_s)

    def list_page(
        self,
        parent: str = "customers/-",
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> ListPurchasesResponse:
        """List the purchases of one customer, or with the parent "customers/-" of all, a page at a time.

        Args:
            parent: "customers/{customer}", or "customers/-" for all customers.
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            filter: AIP-160, at most 2000 characters. Fields: name, amount (a decimal number),
                amount.currency_code, purchase_time, purpose, sales_path, source, refund_of, recorded_by,
                create_time, revision. E.g. `amount >= 100 AND purchase_time < "1998-01-01T00:00:00Z"`.
            order_by: fields with an optional " desc", separated by commas: revision, purchase_time,
                create_time, amount, name. Unset: by revision, oldest entry first.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such customer. INVALID_ARGUMENT for an unknown field in `filter`
                or `order_by` (with its name and column), a negative `page_size`, or a `page_token` that was
                edited or belongs to another caller, parent, filter or order.
        """
        request = pb.ListPurchasesRequest(
            parent=parent, page_size=page_size, page_token=page_token, filter=filter, order_by=order_by
        )
        return self._calls.unary(request, ListPurchasesResponse, timeout_s)

    def list(
        self,
        parent: str = "customers/-",
        *,
        page_size: int | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> Items[Purchase]:
        """Iterate over all purchases; a page is requested when the iteration reaches it.

        Args:
            parent, page_size, filter, order_by: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `list_page`.
        """
        request = pb.ListPurchasesRequest(
            parent=parent, page_size=page_size, filter=filter, order_by=order_by
        )
        return SyncPages(self._calls, request, ListPurchasesResponse, lambda page: page.purchases, timeout_s)

    def refund(
        self,
        name: str,
        reason: str,
        *,
        amount: Money | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Purchase:
        """Give money back: appends a purchase whose `refund_of` names this one, and returns it.

        Args:
            name: the purchase to give money back for, "customers/{customer}/purchases/{purchase}".
            amount: how much to give back, more than zero and not finer than the currency's smallest coin.
                Unset: all that was not given back yet.
            reason: why, 1-2000 characters. Becomes the note of the refund.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such purchase, FAILED_PRECONDITION if more would be refunded
                than was paid or the purchase is itself a refund, INVALID_ARGUMENT for another currency.
            InDoubt: it may be done or not.
        """
        request = pb.RefundPurchaseRequest(name=name, amount=amount, reason=reason, request_id=request_id)
        return self._calls.unary(request, Purchase, timeout_s)
