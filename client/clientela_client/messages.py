# Made from protos/clientela/v1 by protos/nouns_for_python.py: edit that, and run make sdk.
"""The messages of the contract, under their own names: nobody else needs to know the generated modules.

    Customer(display_name="Ann", person=Person(given_name="Ann"), emails=["ann@example.org"])
    Purchase(amount=Money(currency_code="EUR", units=12, nanos=990_000_000))

Read next: protos/clientela/v1, whose comments are the reference.
"""

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
    CustomerItem,
    CustomerItemStatus,
    CustomerTotals,
    ImportCustomersResponse,
    ListCustomersResponse,
    Organization,
    Person,
    Preferences,
    RejectedCustomer,
)
from clientela.v1.economics_pb2 import (
    BackTest,
    BgNbdParameters,
    BuyingHistory,
    ChannelEconomics,
    Cohort,
    GammaGammaParameters,
    GetCohortsResponse,
    GetRfmResponse,
    GetUnitEconomicsResponse,
    LifetimeModel,
    LifetimePrediction,
    Month,
    PredictLifetimeValueResponse,
    Retention,
    RfmCell,
    RfmCutpoints,
    RfmScoring,
    TimeUnit,
    Verdict,
)
from clientela.v1.feed_pb2 import Change, ListHistoryResponse, WatchResponse
from clientela.v1.purchases_pb2 import (
    ExportPurchasesResponse,
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
    RfmScores,
    Stage,
    StageChange,
    Standing,
)
from clientela_client.plain_values import from_dict, to_dict

__all__ = [
    "Acquisition",
    "AcquisitionChannel",
    "BackTest",
    "BatchGetCustomersResponse",
    "BgNbdParameters",
    "BuyingHistory",
    "Change",
    "ChannelEconomics",
    "Cohort",
    "ContactChannel",
    "Customer",
    "CustomerItem",
    "CustomerItemStatus",
    "CustomerTotals",
    "Date",
    "Decimal",
    "ExportPurchasesResponse",
    "Finding",
    "GammaGammaParameters",
    "GetCohortsResponse",
    "GetRfmResponse",
    "GetUnitEconomicsResponse",
    "ImportCustomersResponse",
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
    "RejectedCustomer",
    "RejectedItem",
    "Retention",
    "RfmCell",
    "RfmCutpoints",
    "RfmScores",
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
    "WatchResponse",
    "from_dict",
    "to_dict",
]
