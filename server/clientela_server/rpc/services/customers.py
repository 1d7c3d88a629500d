"""CustomerService: decode, call, encode.

Read next: `customer_imports`, `usecases/customers` for what a write does.
"""

from collections.abc import AsyncIterator, Sequence, Set

from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as pb
from clientela.v1.customers_pb2_grpc import CustomerServiceServicer
from clientela_server.domain.customers import Change, Customer
from clientela_server.domain.errors import FieldFault, InvalidArgument, NotFound
from clientela_server.rpc.codec import customers as codec
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.values import customer_id
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Encoded
from clientela_server.rpc.services.customer_imports import customer_imports
from clientela_server.rpc.services.field_masks import apply_mask, check_mask
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.kept_answers import KeptAnswers
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.names import name_of
from clientela_server.store.nouns import customers as store
from clientela_server.store.nouns.customer_lists import CustomerLists
from clientela_server.usecases.customers import CustomerWrites


class CustomerService(CustomerServiceServicer):
    """The handlers of CustomerService."""

    def __init__(
        self,
        database: Database,
        writer: JournalWriter,
        customers: CustomerWrites,
        tokens: PageTokens,
        *,
        kept: KeptAnswers,
    ) -> None:
        self._database = database
        self._writer = writer
        self._customers = customers
        self._imports = customer_imports(writer, customers)
        self._lists = CustomerLists(dict(pb.AcquisitionChannel.items()))
        self._tokens = tokens
        self._kept = kept

    async def CreateCustomer(self, request: pb.CreateCustomerRequest, call: CallContext) -> Encoded:
        """Create a customer."""
        apply = self._customers.create(codec.draft(request.customer), request.customer_id or None)
        return await self._writer.write(request, call, apply, dry_run=request.validate_only)

    async def GetCustomer(self, request: pb.GetCustomerRequest, call: CallContext) -> Encoded:
        """Return one customer."""
        wanted = customer_id(request.name)
        if self._writer.erasure_pending:  # which answers tell, and it ends without a commit
            return await self._read(wanted, call)
        revision = call.revision = self._database.revision_read
        kept = self._kept.find(wanted, "customer", revision)
        if kept is None:
            kept = (await self._read(wanted, call)).data
            self._kept.keep(wanted, "customer", revision, kept, size=len(kept))
        return Encoded(kept)

    async def _read(self, wanted: str, call: CallContext) -> Encoded:
        found, call.revision = await self._database.read(lambda connection: store.get(connection, wanted))
        pending = self._writer.erasure_pending and codec.is_erased(found[0])
        return Encoded(codec.encoded(*found, erasure_pending=pending))

    async def BatchGetCustomers(self, request: pb.BatchGetCustomersRequest, call: CallContext) -> Encoded:
        """Return several customers at one revision."""
        ids = [customer_id(name) for name in request.names]
        batch, call.revision = await self._database.scan(lambda connection: store.get_many(connection, ids))
        _require_all(ids, batch.missing)
        _require_room(ids, batch.fit)
        found = (codec.encoded(*each) for each in batch.found)
        return listed(pb.BatchGetCustomersResponse(), "customers", found)

    async def ListCustomers(self, request: pb.ListCustomersRequest, call: CallContext) -> Encoded:
        """Return one page."""
        asked = (call.caller, call.rpc.name, request.filter, request.order_by, str(request.show_deleted))
        after = self._tokens.read(asked, request.page_token)
        query, limit = self._lists.query(request.filter, request.show_deleted), page_limit(request.page_size)
        page, call.revision = await self._database.scan(
            lambda connection: self._lists.page(connection, query, request.order_by, after, limit)
        )
        token = self._tokens.make(asked, page.last) if page.last else ""
        rest = pb.ListCustomersResponse(next_page_token=token, total_size=page.total)
        return listed(rest, "customers", (codec.encoded(*each) for each in page.found))

    async def UpdateCustomer(self, request: pb.UpdateCustomerRequest, call: CallContext) -> Encoded:
        """Update the fields of the mask; without one, those that are set."""
        if not request.customer.name:
            raise InvalidArgument.of_field("NAME_MISSING", "customer.name", "required")
        mask = request.update_mask if request.HasField("update_mask") else None
        apply = self._customers.update(
            customer_id(request.customer.name),
            request.customer.etag,
            _change(request.customer, mask),
            request.allow_missing,
        )
        return await self._writer.write(request, call, apply, dry_run=request.validate_only)

    async def DeleteCustomer(self, request: pb.DeleteCustomerRequest, call: CallContext) -> Encoded:
        """Soft-delete a customer."""
        apply = self._customers.delete(customer_id(request.name), request.etag)
        return await self._writer.write(request, call, apply)

    async def UndeleteCustomer(self, request: pb.UndeleteCustomerRequest, call: CallContext) -> Encoded:
        """Restore a soft-deleted customer."""
        apply = self._customers.undelete(customer_id(request.name))
        return await self._writer.write(request, call, apply)

    async def EraseCustomer(self, request: pb.EraseCustomerRequest, call: CallContext) -> Encoded:
        """Erase a customer's personal data."""
        apply = self._customers.erase(customer_id(request.name))
        erased = await self._writer.write(request, call, apply)
        return Encoded(codec.encoded(erased.data, erasure_pending=self._writer.erasure_pending))

    async def ImportCustomers(
        self, requests: AsyncIterator[pb.ImportCustomersRequest], call: CallContext
    ) -> pb.ImportCustomersResponse:
        """Create many customers."""
        response: pb.ImportCustomersResponse = await self._imports.run(requests, call)
        return response


def _change(patch: pb.Customer, mask: FieldMask | None) -> Change:
    """Return a function that applies a patch to the customer as it is at the time of the write."""
    check_mask(patch, mask)

    def change(current: Customer) -> Customer:
        message = codec.to_message(current)
        apply_mask(patch, mask, message)
        return codec.from_message(message)

    return change


def _require_all(ids: Sequence[str], absent: Set[str]) -> None:
    missing = [place for place, each in enumerate(ids) if each in absent]
    if missing:
        faults = tuple(
            FieldFault(f"names[{place}]", f"there is no {name_of(ids[place])}") for place in missing
        )
        raise NotFound(
            "CUSTOMERS_NOT_FOUND", faults=faults, count=str(len(missing)), name=name_of(ids[missing[0]])
        )


def _require_room(ids: Sequence[str], fit: int) -> None:
    if fit < len(ids):
        raise InvalidArgument.of_field(
            "BATCH_TOO_LARGE",
            "names",
            f"the answer would be too large; ask for no more than the first {fit} at once",
            fit=str(fit),
            count=str(len(ids)),
        )
