"""How resources become the bytes that are kept, and back: a protocol that `rpc/codec` fulfils."""

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
    """Turns resources into the bytes that are kept, and back: the contract's encoding, given by `rpc`."""

    def encode_customer(self, customer: Customer, totals: Sequence[Totals] = ()) -> bytes:
        """Give the bytes of a customer."""

    def decode_customer(self, record: bytes) -> Customer:
        """Read a customer; totals are not part of one."""

    def decode_totals(self, record: bytes) -> list[Totals]:
        """Read the totals that a customer was kept with."""

    def encode_stage_change(self, change: StageChange) -> bytes:
        """Give the bytes of a change of stage, with its evidence."""

    def decode_stage_change(self, record: bytes) -> tuple[str, int]:
        """Read of whom a change of stage is, and to which."""

    def encode_policy(self, policy: Policy, update_us: int, revision: int) -> bytes:
        """Give the bytes of the policy."""

    def etag_of_policy(self, record: bytes) -> str:
        """Read the tag of the policy's state."""

    def decode_policy(self, record: bytes) -> Policy:
        """Read the policy."""

    def encode_segment(self, segment: Segment) -> bytes:
        """Give the bytes of a segment."""

    def decode_segment(self, record: bytes) -> Segment:
        """Read a segment."""

    def encode_membership_change(self, change: MembershipChange) -> bytes:
        """Give the bytes of a change of who is in a segment."""

    def decode_membership_change(self, record: bytes) -> MembershipChange:
        """Read a change of who is in a segment."""

    def encode_spend(self, spend: Spend) -> bytes:
        """Give the bytes of a spend; of one that is gone, only of its name."""

    def decode_spend(self, record: bytes) -> Spend:
        """Read a spend."""

    def encode_purchase(self, purchase: Purchase) -> bytes:
        """Give the bytes of a purchase, without what was refunded."""

    def decode_purchase(self, record: bytes) -> Purchase:
        """Read a purchase."""
