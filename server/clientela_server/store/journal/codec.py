"""Serialization of stored records, as a protocol which `rpc/codec` implements: the store needs no protos."""

from collections.abc import Sequence
from typing import Protocol

from clientela_server.domain.customers import Customer
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.domain.spends import Spend
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.standing import StageChange
from clientela_server.domain.totals import Totals


class Codec(Protocol):
    """Encodes domain objects to stored records and decodes them; implemented by `rpc/codec`."""

    def encode_customer(self, customer: Customer, totals: Sequence[Totals] = ()) -> bytes:
        """Serialize a customer, with its totals by currency."""

    def decode_customer(self, record: bytes) -> Customer:
        """Parse a customer, without its totals."""

    def decode_totals(self, record: bytes) -> list[Totals]:
        """Parse the totals in a customer's record."""

    def encode_stage_change(self, change: StageChange) -> bytes:
        """Serialize a stage change with its findings."""

    def decode_stage_change(self, record: bytes) -> tuple[str, int]:
        """Return a stage change's customer name and new stage."""

    def encode_policy(self, policy: Policy, update_us: int, revision: int) -> bytes:
        """Serialize the policy."""

    def etag_of_policy(self, record: bytes) -> str:
        """Return the etag of a stored policy."""

    def decode_policy(self, record: bytes) -> Policy:
        """Parse a policy."""

    def encode_segment(self, segment: Segment) -> bytes:
        """Serialize a segment."""

    def decode_segment(self, record: bytes) -> Segment:
        """Parse a segment."""

    def encode_membership_change(self, change: MembershipChange) -> bytes:
        """Serialize a membership change."""

    def decode_membership_change(self, record: bytes) -> MembershipChange:
        """Parse a membership change."""

    def encode_spend(self, spend: Spend) -> bytes:
        """Serialize a spend; a deleted one as its name alone."""

    def decode_spend(self, record: bytes) -> Spend:
        """Parse a spend."""

    def encode_purchase(self, purchase: Purchase) -> bytes:
        """Serialize a purchase; the refunded amount is not part of the record."""

    def decode_purchase(self, record: bytes) -> Purchase:
        """Parse a purchase."""
