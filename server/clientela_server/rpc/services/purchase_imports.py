"""ImportPurchases: what an item is. Read next: `imports`, for the stream; `plain_items`."""

from clientela.v1 import purchases_pb2 as pb
from clientela_server.domain.errors import InvalidArgument
from clientela_server.rpc.codec import purchases as codec
from clientela_server.rpc.codec.values import customer_id, purchase_ids
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.validation import check
from clientela_server.rpc.services.imports import Imports
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.plain_items import is_plain
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.imports import Outcome, Respelled
from clientela_server.usecases.purchase_imports import PurchaseImports, PurchaseItem


def purchase_imports(writer: JournalWriter, imports: PurchaseImports) -> Imports[PurchaseItem]:
    """Return what imports streams of purchases."""

    def read(item: pb.ImportItem, place: int, size: int, call: CallContext) -> PurchaseItem:
        sent_as = item.request_id
        if not is_plain(item, size):
            check(item)
        buyer, purchase_id = _names(item)
        return PurchaseItem(
            place=place,
            customer_id=buyer,
            purchase_id=purchase_id,
            draft=codec.draft(item.purchase),
            request_id=item.request_id,
            digest=writer.digest(item, call),
            sent_as=sent_as,
        )

    def apply(
        transaction: Transaction,
        context: WriteContext,
        items: list[PurchaseItem],
        respelled: Respelled,
        request: pb.ImportPurchasesRequest,
    ) -> Outcome:
        create_missing = request.create_missing_customers
        return imports.apply(transaction, context, items, respelled, create_missing=create_missing)

    return Imports(writer, read, apply)


def _names(item: pb.ImportItem) -> tuple[str, str]:
    """Return the customer's and the purchase's id; without a name, the latter is made of the request id."""
    made = item.request_id.replace("-", "")
    if not item.purchase.name:
        if not item.customer:
            raise InvalidArgument.of_field(
                "FIELD_MISSING", "customer", "required, unless purchase.name is set"
            )
        return customer_id(item.customer), made
    buyer, purchase_id = purchase_ids(item.purchase.name)
    if item.customer and customer_id(item.customer) != buyer:
        raise InvalidArgument.of_field(
            "PARENT_MISMATCH",
            "customer",
            "must be the customer of purchase.name",
            customer=item.customer,
            name=item.purchase.name,
        )
    return buyer, purchase_id
