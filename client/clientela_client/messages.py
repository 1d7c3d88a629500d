"""The messages of the contract, under their own names: nobody else needs to know the generated modules.

    Customer(display_name="Ann", person=Person(given_name="Ann"), emails=["ann@example.org"])
    Purchase(amount=Money(currency_code="EUR", units=12, nanos=990_000_000))

Read next: protos/clientela/v1, whose comments are the reference.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from google.type.postal_address_pb2 import PostalAddress

from clientela.v1.customers_pb2 import (
    Acquisition,
    AcquisitionChannel,
    BatchGetCustomersResponse,
    ContactChannel,
    Customer,
    CustomerTotals,
    ListCustomersResponse,
    Organization,
    Person,
    Preferences,
)
from clientela.v1.economics_pb2 import (
    BackTest,
    ChannelEconomics,
    Cohort,
    GetCohortsResponse,
    GetRfmResponse,
    GetUnitEconomicsResponse,
    LifetimeModel,
    LifetimePrediction,
    Month,
    PredictLifetimeValueResponse,
    Retention,
    RfmCell,
    RfmScoring,
    TimeUnit,
    Verdict,
)
from clientela.v1.feed_pb2 import Change, ListHistoryResponse
from clientela.v1.purchases_pb2 import (
    ImportItem,
    ImportPurchasesResponse,
    ItemStatus,
    ListPurchasesResponse,
    Purchase,
    PurchaseLine,
    PurchasePurpose,
    PurchaseSource,
    RejectedItem,
    SalesPath,
)
from clientela.v1.segments_pb2 import (
    ListSegmentMembersResponse,
    ListSegmentsResponse,
    MembershipChange,
    Segment,
)
from clientela.v1.spends_pb2 import ListSpendsResponse, Spend, SpendPurpose
from clientela.v1.standing_pb2 import (
    Finding,
    Kind,
    ListStandingsResponse,
    Measure,
    Policy,
    Stage,
    StageChange,
    Standing,
)

__all__ = [
    "Acquisition",
    "AcquisitionChannel",
    "BackTest",
    "BatchGetCustomersResponse",
    "Change",
    "ChannelEconomics",
    "Cohort",
    "ContactChannel",
    "Customer",
    "CustomerTotals",
    "Date",
    "Decimal",
    "Finding",
    "GetCohortsResponse",
    "GetRfmResponse",
    "GetUnitEconomicsResponse",
    "ImportItem",
    "ImportPurchasesResponse",
    "ItemStatus",
    "Kind",
    "LifetimeModel",
    "LifetimePrediction",
    "ListCustomersResponse",
    "ListHistoryResponse",
    "ListPurchasesResponse",
    "ListSegmentMembersResponse",
    "ListSegmentsResponse",
    "ListSpendsResponse",
    "ListStandingsResponse",
    "Measure",
    "MembershipChange",
    "Message",
    "Money",
    "Month",
    "Organization",
    "Person",
    "Policy",
    "PostalAddress",
    "PredictLifetimeValueResponse",
    "Preferences",
    "Purchase",
    "PurchaseLine",
    "PurchasePurpose",
    "PurchaseSource",
    "RejectedItem",
    "Retention",
    "RfmCell",
    "RfmScoring",
    "SalesPath",
    "Segment",
    "Spend",
    "SpendPurpose",
    "Stage",
    "StageChange",
    "Standing",
    "TimeUnit",
    "Timestamp",
    "Verdict",
    "from_dict",
    "to_dict",
]

M = TypeVar("M", bound=Message)


def to_dict(message: Message) -> dict[str, Any]:
    """Return a message as plain values (ProtoJSON), with the contract's field names."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def from_dict(message_type: type[M], values: Mapping[str, Any]) -> M:
    """Return a message from plain values, as `to_dict` returns them; ValueError names the invalid field."""
    try:
        return json_format.ParseDict(dict(values), message_type())
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None
