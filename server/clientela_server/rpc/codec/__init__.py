"""Domain to message and back: here and nowhere else.

`StoredCodec` is what the store keeps resources with: the contract's own encoding, so that the journal can be
read by anybody who has the protos.
"""

from collections.abc import Sequence

from clientela.v1.customers_pb2 import Customer as CustomerMessage
from clientela.v1.purchases_pb2 import Purchase as PurchaseMessage
from clientela_server.domain.customers import Customer
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.totals import Totals
from clientela_server.rpc.codec import customers, purchases


class StoredCodec:
    """Keeps resources as their messages, serialized."""

    def encode_customer(self, customer: Customer, totals: Sequence[Totals] = ()) -> bytes:
        """Serialize a customer with its totals."""
        message = customers.to_message(customer)
        customers.add_totals(message, totals)
        return message.SerializeToString()

    def decode_customer(self, record: bytes) -> Customer:
        """Read a customer; its totals are not part of it."""
        return customers.from_message(CustomerMessage.FromString(record))

    def decode_totals(self, record: bytes) -> list[Totals]:
        """Read the totals that a customer was kept with."""
        return customers.read_totals(CustomerMessage.FromString(record))

    def encode_purchase(self, purchase: Purchase) -> bytes:
        """Serialize a purchase."""
        return purchases.to_message(purchase).SerializeToString()

    def decode_purchase(self, record: bytes) -> Purchase:
        """Read a purchase."""
        return purchases.from_message(PurchaseMessage.FromString(record))
