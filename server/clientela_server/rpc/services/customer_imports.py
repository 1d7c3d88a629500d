"""ImportCustomers: what an item is. Read next: `imports`, for the stream."""

from clientela.v1 import customers_pb2 as pb
from clientela_server.ids import new_resource_id
from clientela_server.rpc.codec import customers as codec
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.validation import check
from clientela_server.rpc.services.imports import Imports
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.customer_imports import CustomerItem, import_customers
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.imports import MessageWrite, Outcome, Respelled


def customer_imports(writer: JournalWriter, customers: CustomerWrites) -> Imports[CustomerItem]:
    """Return what imports streams of customers."""

    def read(item: pb.CustomerItem, place: int, _size: int, call: CallContext) -> CustomerItem:
        sent_as = item.request_id
        check(item)
        return CustomerItem(
            place=place,
            customer_id=item.customer_id or new_resource_id(),
            draft=codec.draft(item.customer),
            request_id=item.request_id,
            digest=writer.digest(item, call),
            sent_as=sent_as,
        )

    def apply(
        transaction: Transaction,
        context: WriteContext,
        items: list[CustomerItem],
        respelled: Respelled,
        _request: pb.ImportCustomersRequest,
    ) -> Outcome:
        return import_customers(customers, MessageWrite(transaction, context, respelled), items)

    return Imports(writer, read, apply)
