# Made from protos/clientela/v1/customers.proto by protos/sync_for_python.py: edit that, and run make sdk.
"""The customer registry: one method for each RPC of CustomerService, in its order."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as pb
from clientela.v1.customers_pb2 import Customer, ListCustomersResponse
from clientela_client._sync.batches import SyncBatches
from clientela_client._sync.imports import SyncCustomerImports
from clientela_client._sync.items import Items, SyncPages


class SyncCustomers(SyncBatches, SyncCustomerImports):
    """The customer registry.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    def create(
        self,
        customer: Customer,
        *,
        customer_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Customer:
        """Register a customer.

        Args:
            customer: the customer to register; `name` and output-only fields are ignored.
            customer_id: the id that becomes the last part of the name. Unset: the server makes one.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: ALREADY_EXISTS if the id or one of the e-mail addresses is taken; the metadata `name` of
                the ErrorInfo is then the customer that holds it. NOT_FOUND if `acquisition.referrer` does not
                exist.
            InDoubt: it may be done or not.
        """
        request = pb.CreateCustomerRequest(
            customer=customer, customer_id=customer_id, request_id=request_id, validate_only=validate_only
        )
        return self._calls.unary(request, Customer, timeout_s)

    def get(self, name: str, *, timeout_s: float | None = None) -> Customer:
        """Return one customer, also a soft-deleted or erased one.

        Args:
            name: "customers/{customer}".
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there never was such a customer.
        """
        request = pb.GetCustomerRequest(name=name)
        return self._calls.unary(request, Customer, timeout_s)

    def list_page(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        show_deleted: bool | None = None,
        timeout_s: float | None = None,
    ) -> ListCustomersResponse:
        """List customers, a page at a time.

        Args:
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            filter: AIP-160, at most 2000 characters. Fields: name, uid, display_name, person.given_name,
                person.family_name, organization.legal_name, organization.tax_id, emails, phones,
                preferences.language_code, preferences.categories, preferences.marketing_consent,
                acquisition.channel, acquisition.campaign, acquisition.referrer, patron, labels.KEY,
                create_time, update_time, delete_time. E.g. `display_name:"ann" AND labels.tier = "gold"`. "*"
                in a text, a name or a list stands for anything (`emails:"*@example.com"`, `labels.* :
                "gold"`), `\\*` for a star. AND, OR and NOT are written in capitals: `or`, `&&` and the like
                are INVALID_ARGUMENT, reason FILTER_WORD, unless they are quoted, and so is a field's name
                alone.
            order_by: fields with an optional " desc", separated by commas: name, display_name, create_time,
                update_time. Unset: by name.
            show_deleted: whether soft-deleted customers are listed too.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for an unknown field in `filter` or `order_by` (with its name and
                column), a negative `page_size`, or a `page_token` that was edited or belongs to another
                caller, filter or order.
        """
        request = pb.ListCustomersRequest(
            page_size=page_size,
            page_token=page_token,
            filter=filter,
            order_by=order_by,
            show_deleted=show_deleted,
        )
        return self._calls.unary(request, ListCustomersResponse, timeout_s)

    def list(
        self,
        *,
        page_size: int | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        show_deleted: bool | None = None,
        timeout_s: float | None = None,
    ) -> Items[Customer]:
        """Iterate over all customers; a page is requested when the iteration reaches it.

        Args:
            page_size, filter, order_by, show_deleted: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `list_page`.
        """
        request = pb.ListCustomersRequest(
            page_size=page_size, filter=filter, order_by=order_by, show_deleted=show_deleted
        )
        return SyncPages(self._calls, request, ListCustomersResponse, lambda page: page.customers, timeout_s)

    def update(
        self,
        customer: Customer,
        *,
        update_mask: Iterable[str] | None = None,
        allow_missing: bool | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Customer:
        """Change the fields of a customer that `update_mask` names.

        Args:
            customer: the customer with its `name`, and with the new values. `etag`, if given, must be the
                current one.
            update_mask: which fields to change, e.g. "display_name,preferences.language_code"; no other is
                touched. Unset: those that are filled in, also within `preferences`, `acquisition` and the
                `party`. "*": all, so that what is empty is emptied. Output-only fields are ignored. A field
                of the party that the customer is not, such as "person.given_name" of an organization, is
                INVALID_ARGUMENT, reason FIELD_OF_OTHER_KIND: it would drop what the other holds. Name the
                party too, "organization,person.given_name", or the new one whole, "person".
            allow_missing: create the customer under its `name` if there is none.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such customer (and `allow_missing` is not set), ABORTED if
                `customer.etag` is given and is not the current one, FAILED_PRECONDITION if the customer is
                deleted, ALREADY_EXISTS if an e-mail address belongs to another customer.
            InDoubt: it may be done or not.
        """
        request = pb.UpdateCustomerRequest(
            customer=customer,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            allow_missing=allow_missing,
            request_id=request_id,
            validate_only=validate_only,
        )
        return self._calls.unary(request, Customer, timeout_s)

    def delete(
        self,
        name: str,
        *,
        etag: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Customer:
        """Hide a customer; UndeleteCustomer brings it back. Its purchases stay.

        Args:
            name: "customers/{customer}".
            etag: if given and not the current one, the call is ABORTED.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such customer or it is deleted already, ABORTED on a stale
                `etag`.
            InDoubt: it may be done or not.
        """
        request = pb.DeleteCustomerRequest(name=name, etag=etag, request_id=request_id)
        return self._calls.unary(request, Customer, timeout_s)

    def undelete(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> Customer:
        """Bring a deleted customer back.

        Args:
            name: "customers/{customer}".
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such customer, FAILED_PRECONDITION if it was erased,
                ALREADY_EXISTS if it is not deleted or one of its e-mail addresses was taken meanwhile.
            InDoubt: it may be done or not.
        """
        request = pb.UndeleteCustomerRequest(name=name, request_id=request_id)
        return self._calls.unary(request, Customer, timeout_s)

    def erase(self, name: str, *, request_id: str | None = None, timeout_s: float | None = None) -> Customer:
        """Remove a customer's personal data for good, from the tables, from the journal and so from the feed
        and the history. What stays: the name and uid, times, the acquisition channel and campaign, and the
        ledger's figures. It can't be undone, and needs the role admin. No answer holds them any more; that
        they are gone from the disk too, or when they will be, says erasure_pending.

        Args:
            name: "customers/{customer}".
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such customer, FAILED_PRECONDITION if it was erased already.
            InDoubt: it may be done or not.
        """
        request = pb.EraseCustomerRequest(name=name, request_id=request_id)
        return self._calls.unary(request, Customer, timeout_s)
