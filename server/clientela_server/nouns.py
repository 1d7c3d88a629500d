"""The nouns: what the journal, the feed, erasure and verification have to know of each, in one list.

A noun that is added gets its entry here and its check by `clientela-server verify`; what follows from its
entries beside its own rows is checked in `store/integrity/verify`. Read next: `store/journal/nouns`.
"""

from clientela.v1 import customers_pb2, purchases_pb2, segments_pb2, spends_pb2, standing_pb2
from clientela_server.domain.customers import CustomerState, without_personal_data
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.domain.spends import Spend
from clientela_server.domain.standing.policy import PolicyState
from clientela_server.domain.standing.standing import StageChange
from clientela_server.rpc.codec import customers as customer_codec
from clientela_server.rpc.codec import purchases as purchase_codec
from clientela_server.rpc.codec import segments as segment_codec
from clientela_server.rpc.codec import spends as spend_codec
from clientela_server.rpc.codec import standing as standing_codec
from clientela_server.rpc.codec.message_codec import MessageCodec
from clientela_server.store.database import schema
from clientela_server.store.journal.nouns import CurrentRows, LocatingRows, Noun, Nouns
from clientela_server.store.names import (
    customer_not_found,
    policy_not_found,
    purchase_not_found,
    segment_not_found,
    spend_not_found,
)
from clientela_server.store.nouns import purchases, segments, spends


def _without_note(purchase: Purchase) -> Purchase | None:
    """Notes often contain personal data."""
    return None if purchase.note is None else purchase._replace(note=None)


def _without_person(state: CustomerState) -> CustomerState:
    return state._replace(customer=without_personal_data(state.customer))


NOUNS = Nouns(
    Noun(
        "purchase",
        Purchase,
        MessageCodec(purchases_pb2.Purchase, purchase_codec.to_message, purchase_codec.from_message),
        "customers/{customer_id}/purchases/{purchase_id}",
        LocatingRows(schema.purchases, purchases.row_of, grows=("refunded_units", "refunded_nanos")),
        revision_of=lambda purchase: purchase.revision,
        strip=_without_note,
        not_found=purchase_not_found,
    ),
    Noun(
        "customer",
        CustomerState,
        MessageCodec(customers_pb2.Customer, customer_codec.to_state, customer_codec.from_state),
        "customers/{customer_id}",
        revision_of=lambda state: state.customer.revision,
        strip=_without_person,
        not_found=customer_not_found,
    ),
    Noun(
        "stage_change",
        StageChange,
        MessageCodec(
            standing_pb2.StageChange, standing_codec.to_stage_change, standing_codec.from_stage_change
        ),
    ),
    Noun(
        "policy",
        PolicyState,
        MessageCodec(standing_pb2.Policy, standing_codec.to_policy_state, standing_codec.from_policy_state),
        "policy",
        not_found=policy_not_found,
    ),
    Noun(
        "segment",
        Segment,
        MessageCodec(segments_pb2.Segment, segment_codec.to_segment, segment_codec.from_segment),
        "segments/{segment_id}",
        CurrentRows(schema.segments, segments.row_of, lambda segment: not segment.filter),
        not_found=segment_not_found,
    ),
    Noun(
        "membership_change",
        MembershipChange,
        MessageCodec(
            segments_pb2.MembershipChange,
            segment_codec.to_membership_change,
            segment_codec.from_membership_change,
        ),
    ),
    Noun(
        "spend",
        Spend,
        MessageCodec(spends_pb2.Spend, spend_codec.to_spend, spend_codec.from_spend),
        "spends/{spend_id}",
        CurrentRows(schema.spends, spends.row_of, lambda spend: not spend.channel),
        not_found=spend_not_found,
    ),
)
