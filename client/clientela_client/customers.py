"""The customer registry: one method for each RPC of CustomerService, in its order.

Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0 (default:
the client's). Of every write: `request_id`, a UUID4 that makes it idempotent (default: a new one for each
call); and `validate_only`, which checks the request and writes nothing.

Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was done;
InDoubt where a write may be done or not. See errors.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as pb
from clientela.v1.customers_pb2 import BatchGetCustomersResponse, Customer, ListCustomersResponse
from clientela_client.calls.effects import Script
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream
from clientela_client.calls.session import Session
from clientela_client.errors import Refused


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of customers, fetched in as few responses as hold them; `timeout_s` is for each."""

    names: tuple[str, ...]
    timeout_s: float | None

    def script(self, session: Session) -> Script[BatchGetCustomersResponse]:
        """Request all; when the server says how many fit into one response, go on in parts of that size."""
        whole, asked = BatchGetCustomersResponse(), self.names
        while True:
            request = pb.BatchGetCustomersRequest(names=asked)
            try:
                part = yield from UnaryRequest(request, BatchGetCustomersResponse, self.timeout_s).script(
                    session
                )
            except Refused as refused:
                asked = asked[: _fitting(refused, len(asked))]
                continue
            whole.customers.extend(part.customers)
            asked = self.names[len(whole.customers) :]
            if not asked:
                return whole


def _fitting(refused: Refused, asked: int) -> int:
    """Return how many of those requested fit into one response; raise any other refusal."""
    fit = int(refused.metadata.get("fit", 0)) if refused.reason == "BATCH_TOO_LARGE" else 0
    if not 0 < fit < asked:
        raise refused
    return fit


class Customers:
    """The methods of the customer registry, for both clients."""

    @rpc
    def create(
        self,
        customer: Customer,
        *,
        customer_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Customer]:
        """Create a customer and return it.

        Args:
            customer: what is known of it; output-only fields are ignored.
            customer_id: its id; default: the server generates one.

        Raises:
            Refused: ALREADY_EXISTS (the id or an e-mail address is taken), NOT_FOUND (the referrer),
                INVALID_ARGUMENT.
            InDoubt: it may be created or not.
        """
        request = pb.CreateCustomerRequest(
            customer=customer, customer_id=customer_id, request_id=request_id, validate_only=validate_only
        )
        return UnaryRequest(request, Customer, timeout_s)

    @rpc
    def get(self, name: str, *, timeout_s: float | None = None) -> One[Customer]:
        """Return a customer, also a deleted or erased one. name: "customers/{customer}".

        Raises:
            Refused: NOT_FOUND.
        """
        return UnaryRequest(pb.GetCustomerRequest(name=name), Customer, timeout_s)

    @rpc
    def batch_get(
        self, names: Iterable[str], *, timeout_s: float | None = None
    ) -> One[BatchGetCustomersResponse]:
        """Return several customers in the order of their names, all or none.

        Args:
            names: 1 to 1000 names, "customers/{customer}". They are read at one revision, but in parts of a
                revision each when they are too large for one response (about 1 MiB).
            timeout_s: the deadline of each part.

        Raises:
            Refused: NOT_FOUND, with a violation for each name that does not exist.
        """
        return Batch(tuple(names), timeout_s)

    @rpc
    def list_page(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        show_deleted: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[ListCustomersResponse]:
        """Return one page of customers; the first one also holds `total_size`.

        Args:
            page_size: customers a page, at least 0; 0 or None is the server's default.
            page_token: `next_page_token` of the page before, with the same filter and order.
            filter, order_by: an AIP-160 filter and an AIP-132 order, see the proto.
            show_deleted: include soft-deleted customers.

        Raises:
            Refused: INVALID_ARGUMENT, for an unknown field or a token of another listing.
        """
        request = pb.ListCustomersRequest(
            page_size=page_size,
            page_token=page_token,
            filter=filter,
            order_by=order_by,
            show_deleted=show_deleted,
        )
        return UnaryRequest(request, ListCustomersResponse, timeout_s)

    @stream
    def list(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        show_deleted: bool | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Customer]:
        """Iterate over all customers; a page is requested when the iteration reaches it.

        Args:
            filter, order_by, show_deleted, page_size: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: INVALID_ARGUMENT, for an unknown field.
        """
        request = pb.ListCustomersRequest(
            page_size=page_size, filter=filter, order_by=order_by, show_deleted=show_deleted
        )
        return PagedRequest(request, ListCustomersResponse, lambda page: page.customers, timeout_s)

    @rpc
    def update(
        self,
        customer: Customer,
        *,
        update_mask: Iterable[str] | None = None,
        allow_missing: bool | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Customer]:
        """Update a customer and return it.

        Args:
            customer: the new values, and the `name`; with an `etag`, only if it is the current one.
            update_mask: paths of the fields to change, e.g. ["patron"], or ["*"]; default: those set in
                `customer`.
            allow_missing: create the customer if it does not exist.

        Raises:
            Refused: NOT_FOUND, ABORTED (stale etag), FAILED_PRECONDITION (it is deleted), ALREADY_EXISTS
                (an e-mail address is taken), INVALID_ARGUMENT.
            InDoubt: it may be updated or not.
        """
        request = pb.UpdateCustomerRequest(
            customer=customer,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            allow_missing=allow_missing,
            request_id=request_id,
            validate_only=validate_only,
        )
        return UnaryRequest(request, Customer, timeout_s)

    @rpc
    def delete(
        self,
        name: str,
        *,
        etag: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> One[Customer]:
        """Soft-delete a customer and return it; `undelete` restores it. Its purchases stay.

        Args:
            name: "customers/{customer}".
            etag: delete only if it is the current one.

        Raises:
            Refused: NOT_FOUND (also if deleted already), ABORTED (stale etag).
            InDoubt: it may be deleted or not.
        """
        return UnaryRequest(
            pb.DeleteCustomerRequest(name=name, etag=etag, request_id=request_id), Customer, timeout_s
        )

    @rpc
    def undelete(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Customer]:
        """Restore a soft-deleted customer and return it. name: "customers/{customer}".

        Raises:
            Refused: NOT_FOUND, FAILED_PRECONDITION (it was erased), ALREADY_EXISTS (it is not deleted, or an
                e-mail address was taken meanwhile).
            InDoubt: it may be restored or not.
        """
        return UnaryRequest(pb.UndeleteCustomerRequest(name=name, request_id=request_id), Customer, timeout_s)

    @rpc
    def erase(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Customer]:
        """Erase a customer's personal data and return what stays. It cannot be undone; needs the role admin.

        While `erasure_pending` is set, the data may still be on the server's disk.

        Raises:
            Refused: NOT_FOUND, FAILED_PRECONDITION (erased already), PERMISSION_DENIED.
            InDoubt: it may be erased or not.
        """
        return UnaryRequest(pb.EraseCustomerRequest(name=name, request_id=request_id), Customer, timeout_s)


class SyncCustomers(Customers, SyncResource):
    """The customer registry, blocking."""


class AioCustomers(Customers, AioResource):
    """The customer registry, on an event loop."""
