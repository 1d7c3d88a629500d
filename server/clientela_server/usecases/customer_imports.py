"""Customers to import, many in one transaction, in the order in which they were sent.

Read next: `imports` for what holds of all imports, `customers`.
"""

from typing import NamedTuple

from clientela_server.domain.customers import Customer
from clientela_server.store.aggregates.customer_aggregates import prefetch
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.nouns import customers as rows
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.imports import MessageWrite, Outcome


class CustomerItem(NamedTuple):
    """One customer to import; see `imports.Item`."""

    place: int
    customer_id: str
    draft: Customer
    request_id: str
    digest: bytes
    sent_as: str


def import_customers(
    customers: CustomerWrites, message: MessageWrite[CustomerItem], items: list[CustomerItem]
) -> Outcome:
    """Import one message; each item has its own request id."""
    _prefetch(message.transaction, message.prefetch(items))

    def write(item: CustomerItem) -> bool:
        customers.register(message.transaction, message.context_of(item), item.draft, item.customer_id)
        return True

    return message.take(items, write)


def _prefetch(transaction: Transaction, items: list[CustomerItem]) -> None:
    """Load what is asked about the items: who is registered, who referred them, who has their addresses."""
    referrers = (item.draft.acquisition.referrer for item in items)
    prefetch(transaction, [*(item.customer_id for item in items), *filter(None, referrers)])
    rows.prefetch_email_holders(transaction, [key for item in items for key in item.draft.email_keys])
