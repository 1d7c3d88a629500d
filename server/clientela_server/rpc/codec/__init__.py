"""Convert between domain values and messages, in this package alone.

`StoredCodec` serializes resources for the store, as messages of the contract: so the journal can be read with
the protos alone.
"""

from collections.abc import Sequence

from clientela.v1 import insight_pb2
from clientela.v1.customers_pb2 import Customer as CustomerMessage
from clientela.v1.purchases_pb2 import Purchase as PurchaseMessage
from clientela_server.domain.customers import Customer
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.domain.spends import Spend
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.standing import StageChange
from clientela_server.domain.totals import Totals
from clientela_server.rpc.codec import customers, insight, purchases, spends
from clientela_server.rpc.codec.values import to_time


class StoredCodec:
    """Serializes resources as messages of the contract."""

    def encode_customer(self, customer: Customer, totals: Sequence[Totals] = ()) -> bytes:
        """Return a serialized customer with its totals."""
        message = customers.to_message(customer)
        customers.add_totals(message, totals)
        return message.SerializeToString()

    def decode_customer(self, record: bytes) -> Customer:
        """Return a customer, without its totals."""
        return customers.from_message(CustomerMessage.FromString(record))

    def decode_totals(self, record: bytes) -> list[Totals]:
        """Return the totals stored with a customer."""
        return customers.read_totals(CustomerMessage.FromString(record))

    def encode_purchase(self, purchase: Purchase) -> bytes:
        """Return a serialized purchase."""
        return purchases.to_message(purchase).SerializeToString()

    def decode_purchase(self, record: bytes) -> Purchase:
        """Return a purchase."""
        return purchases.from_message(PurchaseMessage.FromString(record))

    def encode_stage_change(self, change: StageChange) -> bytes:
        """Return a serialized stage change."""
        return insight.to_stage_change(change).SerializeToString()

    def decode_stage_change(self, record: bytes) -> tuple[str, int]:
        """Return a stage change's customer name and new stage."""
        change = insight_pb2.StageChange.FromString(record)
        return change.customer, change.to_stage

    def encode_policy(self, policy: Policy, update_us: int, revision: int) -> bytes:
        """Return the serialized policy."""
        message = insight.to_policy(policy)
        message.update_time.CopyFrom(to_time(update_us))
        message.etag = f'"{revision}"'
        return message.SerializeToString()

    def decode_policy(self, record: bytes) -> Policy:
        """Return the policy."""
        return insight.from_policy(insight_pb2.Policy.FromString(record))

    def etag_of_policy(self, record: bytes) -> str:
        """Return the policy's etag."""
        return insight_pb2.Policy.FromString(record).etag

    def encode_segment(self, segment: Segment) -> bytes:
        """Return a serialized segment."""
        return insight.to_segment(segment).SerializeToString()

    def decode_segment(self, record: bytes) -> Segment:
        """Return a segment."""
        return insight.from_segment(insight_pb2.Segment.FromString(record))

    def encode_membership_change(self, change: MembershipChange) -> bytes:
        """Return a serialized change of a segment's membership."""
        return insight.to_membership_change(change).SerializeToString()

    def decode_membership_change(self, record: bytes) -> MembershipChange:
        """Return a change of a segment's membership."""
        return insight.from_membership_change(insight_pb2.MembershipChange.FromString(record))

    def encode_spend(self, spend: Spend) -> bytes:
        """Return a serialized spend."""
        return spends.to_spend(spend).SerializeToString()

    def decode_spend(self, record: bytes) -> Spend:
        """Return a spend."""
        return spends.from_spend(insight_pb2.Spend.FromString(record))
