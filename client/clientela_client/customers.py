"""The registry: one method for each RPC of CustomerService, in its order.

Every method takes `timeout_s`, the deadline of the whole call with its retries in seconds (default: the
client's). Every write takes `request_id`, a UUID4 that makes it safe to send again (default: made here, once
for the call). Errors are those of errors.py; which code means what is written at the RPC, in
protos/clientela/v1/customers.proto.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as pb
from clientela.v1.customers_pb2 import BatchGetCustomersResponse, Customer, ListCustomersResponse
from clientela_client.calls.effects import Script
from clientela_client.calls.requests import Intent, Many, One, Pages
from clientela_client.calls.resources import AioNoun, SyncNoun, rpc, stream
from clientela_client.calls.session import Session
from clientela_client.errors import Refused


@dataclass(frozen=True, slots=True)
class Batch:
    """Customers by their names, in as few answers as hold them; `timeout_s` is the deadline of each."""

    names: tuple[str, ...]
    timeout_s: float | None

    def script(self, session: Session) -> Script[BatchGetCustomersResponse]:
        """Ask for all, and where the server says how many fit into one answer, for so many at a time."""
        whole, asked = BatchGetCustomersResponse(), self.names
        while True:
            request = pb.BatchGetCustomersRequest(names=asked)
            try:
                part = yield from Intent(request, BatchGetCustomersResponse, self.timeout_s).script(session)
            except Refused as refused:
                asked = asked[: _fitting(refused, len(asked))]
                continue
            whole.customers.extend(part.customers)
            asked = self.names[len(whole.customers) :]
            if not asked:
                return whole


def _fitting(refused: Refused, asked: int) -> int:
    """Read how many of those asked for fit into one answer; raise what is refused for another reason."""
    fit = int(refused.metadata.get("fit", 0)) if refused.reason == "BATCH_TOO_LARGE" else 0
    if not 0 < fit < asked:
        raise refused
    return fit


class Customers:
    """The registry's methods, for both clients."""

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
        """Register a customer; without `customer_id` the server makes one up."""
        request = pb.CreateCustomerRequest(
            customer=customer, customer_id=customer_id, request_id=request_id, validate_only=validate_only
        )
        return Intent(request, Customer, timeout_s)

    @rpc
    def get(self, name: str, *, timeout_s: float | None = None) -> One[Customer]:
        """Read the customer of this name, "customers/{customer}"."""
        return Intent(pb.GetCustomerRequest(name=name), Customer, timeout_s)

    @rpc
    def batch_get(
        self, names: Iterable[str], *, timeout_s: float | None = None
    ) -> One[BatchGetCustomersResponse]:
        """Read 1 to 1000 customers at one revision, in the order of the names; all or none.

        Where they are too large for one answer they are asked for a part at a time, with `timeout_s` for
        each; then each part is of the revision that it was read at.
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
        """List one page, as the server sends it; the first page also tells `total_size`."""
        request = pb.ListCustomersRequest(
            page_size=page_size,
            page_token=page_token,
            filter=filter,
            order_by=order_by,
            show_deleted=show_deleted,
        )
        return Intent(request, ListCustomersResponse, timeout_s)

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
        """List the customers of all pages, asking for each when it is reached, with `timeout_s` for it."""
        request = pb.ListCustomersRequest(
            page_size=page_size, filter=filter, order_by=order_by, show_deleted=show_deleted
        )
        return Pages(request, ListCustomersResponse, lambda page: page.customers, timeout_s)

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
        """Change the fields that `update_mask` names, e.g. ["patron"]; without it, what is filled in."""
        request = pb.UpdateCustomerRequest(
            customer=customer,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            allow_missing=allow_missing,
            request_id=request_id,
            validate_only=validate_only,
        )
        return Intent(request, Customer, timeout_s)

    @rpc
    def delete(
        self,
        name: str,
        *,
        etag: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> One[Customer]:
        """Hide a customer; `undelete` brings it back."""
        return Intent(
            pb.DeleteCustomerRequest(name=name, etag=etag, request_id=request_id), Customer, timeout_s
        )

    @rpc
    def undelete(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Customer]:
        """Bring a deleted customer back."""
        return Intent(pb.UndeleteCustomerRequest(name=name, request_id=request_id), Customer, timeout_s)

    @rpc
    def erase(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Customer]:
        """Remove a customer's personal data for good. It cannot be undone."""
        return Intent(pb.EraseCustomerRequest(name=name, request_id=request_id), Customer, timeout_s)


class SyncCustomers(Customers, SyncNoun):
    """The registry, blocking."""


class AioCustomers(Customers, AioNoun):
    """The registry, on an event loop."""
