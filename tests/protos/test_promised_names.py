"""The names that other programs count on: RPCs, fields, enum values, HTTP paths. More may come; none may go.

The lists are written out here on purpose: a rename in the protos must fail, not be followed.
"""

from collections.abc import Callable

import pytest

from tests.protos import plant
from tests.protos.description import Contract, contract
from tests.protos.elements import Method

RPCS = {
    "CustomerService": """CreateCustomer GetCustomer BatchGetCustomers ListCustomers UpdateCustomer
        DeleteCustomer UndeleteCustomer EraseCustomer ImportCustomers""",
    "PurchaseService": """RecordPurchase GetPurchase ListPurchases RefundPurchase ImportPurchases
        ExportPurchases""",
    "FeedService": "Watch ListHistory",
    "StandingService": "GetStanding ListStandings GetPolicy UpdatePolicy",
    "SegmentService": """CreateSegment GetSegment ListSegments UpdateSegment DeleteSegment
        ListSegmentMembers""",
    "SpendService": "RecordSpend GetSpend ListSpends DeleteSpend",
    "EconomicsService": "GetUnitEconomics GetRfm GetCohorts PredictLifetimeValue",
}

# Those that answer with the resource itself; all others with their own response.
RESOURCE_RETURNED = {
    "Customer": "CreateCustomer GetCustomer UpdateCustomer DeleteCustomer UndeleteCustomer EraseCustomer",
    "Purchase": "RecordPurchase GetPurchase RefundPurchase",
    "Standing": "GetStanding",
    "Policy": "GetPolicy UpdatePolicy",
    "Segment": "CreateSegment GetSegment UpdateSegment",
    "Spend": "RecordSpend GetSpend",
    "Empty": "DeleteSegment DeleteSpend",
}

STREAMS = {
    "ImportCustomers": "client",
    "ImportPurchases": "client",
    "ExportPurchases": "server",
    "Watch": "server",
}

PATHS = {
    "CreateCustomer": "post /v1/customers",
    "GetCustomer": "get /v1/{name=customers/*}",
    "RecordPurchase": "post /v1/{parent=customers/*}/purchases",
}

FIELDS = {
    "CreateCustomerRequest": "customer customer_id request_id validate_only",
    "GetCustomerRequest": "name",
    "BatchGetCustomersRequest": "names",
    "BatchGetCustomersResponse": "customers",
    "ListCustomersRequest": "page_size page_token filter order_by show_deleted",
    "ListCustomersResponse": "customers next_page_token total_size",
    "UpdateCustomerRequest": "customer update_mask allow_missing request_id validate_only",
    "DeleteCustomerRequest": "name etag request_id",
    "UndeleteCustomerRequest": "name request_id",
    "EraseCustomerRequest": "name request_id",
    "Customer": """name uid display_name person organization emails phones addresses preferences acquisition
        patron labels totals create_time update_time delete_time etag""",
    "ImportCustomersRequest": "items",
    "CustomerItem": "customer customer_id request_id",
    "ImportCustomersResponse": "imported_count duplicate_count rejected revision",
    "RejectedCustomer": "index request_id status",
    "Person": "given_name family_name",
    "Organization": "legal_name tax_id",
    "Preferences": "language_code contact_channels categories marketing_consent",
    "Acquisition": "channel campaign referrer",
    "CustomerTotals": "currency_code purchase_count amount first_purchase_time last_purchase_time",
    "RecordPurchaseRequest": "parent purchase purchase_id request_id validate_only",
    "GetPurchaseRequest": "name",
    "ListPurchasesRequest": "parent page_size page_token filter order_by",
    "ListPurchasesResponse": "purchases next_page_token",
    "RefundPurchaseRequest": "name amount reason request_id",
    "ImportPurchasesRequest": "items",
    "ImportItem": "purchase customer request_id",
    "ImportPurchasesResponse": "imported_count duplicate_count rejected revision",
    "RejectedItem": "index request_id status",
    "ExportPurchasesRequest": "parent filter",
    "ExportPurchasesResponse": "purchases",
    "Purchase": """name lines amount purchase_time purpose sales_path source note refund_of refunded_amount
        recorded_by create_time revision""",
    "PurchaseLine": "sku description category quantity unit_price",
    "WatchRequest": "after_revision names",
    "WatchResponse": "changes bookmark_revision head_revision",
    "ListHistoryRequest": "name page_size page_token",
    "ListHistoryResponse": "changes next_page_token",
    "Change": """revision commit_time actor method request_id name customer purchase segment policy
        membership_change stage_change spend""",
    "GetStandingRequest": "name read_time",
    "ListStandingsRequest": "page_size page_token filter order_by with_findings",
    "ListStandingsResponse": "standings next_page_token total_size",
    "Standing": "customer stage kinds findings read_time rfm_scores market_time",
    "Finding": "label holds rule_id explanation measures flips_if",
    "Measure": "name value threshold unit",
    "Segment": "name display_name filter strategy create_time update_time etag",
    "Spend": "name channel campaign start_date end_date amount purpose create_time recorded_by",
    "RecordSpendRequest": "spend spend_id request_id validate_only",
    "ListSpendsRequest": "page_size page_token filter order_by",
    "DeleteSpendRequest": "name request_id",
    "GetUnitEconomicsRequest": """start end currency_code gross_margin horizon_days discount_rate_annual
        as_of""",
    "GetUnitEconomicsResponse": """start end currency_code gross_margin channels total retention model
        no_prediction""",
    "ChannelEconomics": """channel spend acquired_count cac ltv_realized ltv_predicted ratio ratio_predicted
        verdict explanation""",
    "Retention": "spend retained_count cost acquisition_ratio",
    "GetRfmRequest": "as_of currency_code scoring",
    "GetRfmResponse": "currency_code as_of scoring customer_count cutpoints cells",
    "RfmCutpoints": "recency_days frequencies amounts",
    "RfmCell": "recency frequency monetary customer_count amount",
    "RfmScores": "currency_code recency frequency monetary",
    "GetCohortsRequest": "as_of currency_code",
    "GetCohortsResponse": """currency_code as_of months cohorts customer_count purchase_count amount
        repeat_customer_count""",
    "Month": """month purchase_count amount active_customer_count new_customer_count
        returning_customer_count""",
    "Cohort": "month customer_count active_customer_counts",
    "PredictLifetimeValueRequest": """parent horizon_days discount_rate_annual as_of currency_code time_unit
        page_size page_token order_by""",
    "PredictLifetimeValueResponse": """predictions model next_page_token customer_count total_value
        total_purchase_days total_p_alive total_value_low total_value_high""",
    "LifetimeModel": "customer_count as_of time_unit bg_nbd gamma_gamma back_test",
    "BgNbdParameters": "r alpha a b log_likelihood at_the_edge",
    "GammaGammaParameters": "p q v log_likelihood customer_count correlation at_the_edge",
    "LifetimePrediction": """customer value value_low value_high purchase_days p_alive mean_spend
        history""",
    "ListSegmentMembersRequest": "parent page_size page_token filter order_by show_deleted",
    "ListSegmentMembersResponse": "customers next_page_token",
}

ENUM_VALUES = {
    "AcquisitionChannel": "ADVERTISING MARKETING PUBLIC_RELATIONS REFERRAL ORGANIC OTHER",
    "PurchasePurpose": "OWN_USE RESALE BUSINESS_USE",
    "SalesPath": "DIRECT THROUGH_PARTNER",
    "Stage": "POTENTIAL NEW REGULAR LOYAL LOST",
    "Kind": "INDIVIDUAL BUSINESS B2C B2B SEASONAL STRATEGIC MASS RETAIL BUYER CLIENT",
    "SpendPurpose": "ACQUISITION RETENTION",
    "Verdict": "PROFITABLE PAYS_LATER UNPROFITABLE",
    "RfmScoring": "QUINTILE NTILE",
    "TimeUnit": "DAY WEEK",
    "PurchaseSource": "CLI PHONE DEVICE IMPORT API",
}

TYPES = {
    "Customer.addresses": "google.type.PostalAddress",
    "CustomerTotals.amount": "google.type.Money",
    "Purchase.amount": "google.type.Money",
    "PurchaseLine.quantity": "google.type.Decimal",
    "PurchaseLine.unit_price": "google.type.Money",
    "Purchase.revision": "int64",
    "Change.revision": "int64",
}


def broken(contract: Contract) -> set[str]:
    """Name each promise that the contract does not keep."""
    return {*_rpcs(contract), *_messages(contract), *_enum_values(contract)}


def _rpcs(contract: Contract) -> set[str]:
    methods = {f"{method.service}.{method}": method for method in contract.methods}
    promised = {f"{service}.{name}" for service, names in RPCS.items() for name in names.split()}
    found = [methods[name] for name in promised & methods.keys()]
    return (promised - methods.keys()) | {fault for method in found for fault in _shape(method)}


def _shape(method: Method) -> set[str]:
    """Name what is wrong with a promised RPC's response, streams and path."""
    name = str(method)
    returned = [kind for kind, names in RESOURCE_RETURNED.items() if name in names.split()]
    response = returned[0] if returned else f"{name}Response"
    streams = {"client": method.proto.client_streaming, "server": method.proto.server_streaming}
    wrong = {
        "response": method.response.proto.name != response,
        "streams": " ".join(side for side, is_one in streams.items() if is_one) != STREAMS.get(name, ""),
        "path": name in PATHS and PATHS[name] != f"{method.http_verb} {method.http_path}",
    }
    return {f"the {what} of {name}" for what, is_wrong in wrong.items() if is_wrong}


def _messages(contract: Contract) -> set[str]:
    types = {str(field): field.type for field in contract.fields}
    promised = {f"{message}.{name}" for message, names in FIELDS.items() for name in names.split()}
    return (promised - types.keys()) | {name for name, kind in TYPES.items() if types.get(name) != kind}


def _enum_values(contract: Contract) -> set[str]:
    values = {str(enum): " ".join(value.name for value in enum.proto.value) for enum in contract.enums}
    return {
        f"{enum}.{name}"
        for enum, names in ENUM_VALUES.items()
        for name in names.split()
        if f"_{name}" not in values.get(enum, "")
    }


def test_every_promised_name_is_there() -> None:
    assert not broken(contract())


PLANTED: dict[str, Callable[[Contract], object]] = {
    "Customer.patron": plant.field("Customer.patron", name="owner"),
    "PurchaseLine.sku": plant.without("PurchaseLine.sku"),
    "Purchase.amount": plant.retyped("Purchase.amount", "int64"),
    "the response of EraseCustomer": plant.method("EraseCustomer", output_type=".clientela.v1.Purchase"),
    "the streams of ImportPurchases": plant.method("ImportPurchases", server_streaming=True),
    "the path of RecordPurchase": plant.http("RecordPurchase", post="/v1/purchases"),
    "FeedService.Watch": plant.method("Watch", name="WatchChanges"),
    "SalesPath.DIRECT": lambda contract: setattr(
        next(enum for enum in contract.enums if str(enum) == "SalesPath").proto.value[1],
        "name",
        "SALES_PATH_US",
    ),
}


@pytest.mark.parametrize("promise", PLANTED)
def test_a_planted_rename_is_seen(promise: str) -> None:
    copy = contract().copy()
    PLANTED[promise](copy)
    assert promise in broken(Contract(copy.descriptors))
