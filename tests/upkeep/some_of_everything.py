"""A ledger with some of everything in it: every field, every kind of write, every state of a customer."""

from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from google.type.decimal_pb2 import Decimal
from google.type.postal_address_pb2 import PostalAddress

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import spends_pb2, standing_pb2
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller
from tests.rpc.making import (
    at,
    day,
    money,
    new_customer,
    new_purchase,
    new_segment,
    new_spend,
    to_import,
    to_record,
)
from tests.rpc.watching import head

BUYER = "customers/blue-door"
ERASED = "customers/erased"
DELETED = "customers/deleted"
# A write whose request id is known, to be sent again.
REQUEST_ID = "5b1c8a52-8f0a-4a0e-9d0c-2c1f5f0f7a11"


def known_request() -> ppb.RecordPurchaseRequest:
    """The purchase that was recorded under REQUEST_ID."""
    request = to_record(BUYER, 19, 900_000_000, purchase_time=at(1_760_000_000), note="two bags of beans")
    request.request_id, request.purchase_id = REQUEST_ID, "known"
    return request


def spelled_requests() -> tuple[cpb.CreateCustomerRequest, ppb.RecordPurchaseRequest, ppb.ImportItem]:
    """Writes with ids in capitals, or partly: servers up to schema 0002 kept them as they were sent."""
    create = cpb.CreateCustomerRequest(customer=cpb.Customer(display_name="Spelled"), customer_id="spelled")
    create.request_id = "ABCDEF12-0000-4000-8000-abcdefabcdef"
    record = to_record(BUYER, 7, purchase_time=at(1_760_000_001))
    record.request_id = "ABCDEF12-0000-4000-8000-ABCDEFABCDE1"
    item = to_import(BUYER, 8, purchase_time=at(1_760_000_002), name=f"{BUYER}/purchases/spelled")
    item.request_id = "ABCDEF12-0000-4000-8000-ABCDEFABCDE2"
    return create, record, item


def enrich(admin: Caller) -> None:
    """Write what the ledger tells by itself: who is in a segment, how stages changed, under a policy.

    And one of each noun that `make noun` wrote.
    """
    policy = standing_pb2.UpdatePolicyRequest(
        policy=standing_pb2.Policy(new_days=30), update_mask=FieldMask(paths=["new_days"])
    )
    admin.standing.UpdatePolicy(policy)
    before = head(admin)
    segment = new_segment(admin, "buyers", display_name="Buyers", filter="purchases > 0").name
    watch = admin.feed.Watch(fpb.WatchRequest(after_revision=before, names=[segment]))
    told = (change for message in watch for change in message.changes if change.HasField("membership_change"))
    assert BUYER in next(told).membership_change.joined_customers
    watch.cancel()
    for service in recorded_nouns.RECORDED:
        for rpc, request in recorded_nouns.recording(BUYER).items():
            if rpc in service.methods_by_name:
                getattr(getattr(admin, recorded_nouns.stem(service)), rpc)(request)


def fill(admin: Caller, imported: int = 60) -> None:
    """Write some of everything into an empty ledger."""
    _register(admin)
    admin.purchases.RecordPurchase(known_request())
    _buy(admin)
    items = [
        to_import(f"customers/s{n % 20}", 1 + n, purchase_time=at(1_700_000_000 + n)) for n in range(imported)
    ]
    admin.purchases.ImportPurchases(
        iter([ppb.ImportPurchasesRequest(items=items, create_missing_customers=True)])
    )
    _change(admin)


def _register(admin: Caller) -> None:
    address = PostalAddress(region_code="EE", locality="Tallinn", address_lines=["Pikk 1"])
    new_customer(admin, "referrer")
    fields: dict[str, Any] = {
        "display_name": "Blue Door Café",
        "organization": cpb.Organization(legal_name="Blue Door OÜ", tax_id="EE100"),
        "emails": ["Hello@blue-door.example", "orders@blue-door.example"],
        "phones": ["+37255500000"],
        "addresses": [address],
        "preferences": cpb.Preferences(
            language_code="et",
            contact_channels=[cpb.CONTACT_CHANNEL_EMAIL],
            categories=["beans", "cups"],
            marketing_consent=True,
        ),
        "acquisition": cpb.Acquisition(
            channel=cpb.ACQUISITION_CHANNEL_REFERRAL, campaign="spring", referrer="customers/referrer"
        ),
        "patron": "Jan",
        "labels": {"tier": "gold", "city": "tallinn"},
    }
    new_customer(admin, "blue-door", **fields)
    for name in ("erased", "deleted", "returned"):
        person = cpb.Person(given_name=name.title(), family_name="Nowak")
        new_customer(admin, name, display_name=name, person=person, emails=[f"{name}@example.org"])


def _buy(admin: Caller) -> None:
    lines = [
        ppb.PurchaseLine(
            sku="B1",
            description="beans",
            category="beans",
            quantity=Decimal(value="1.5"),
            unit_price=money(4),
        ),
        ppb.PurchaseLine(sku="C2", unit_price=money(3, 500_000_000)),
    ]
    admin.purchases.RecordPurchase(
        ppb.RecordPurchaseRequest(
            parent=BUYER,
            purchase=ppb.Purchase(
                lines=lines, purpose=ppb.PURCHASE_PURPOSE_RESALE, sales_path=ppb.SALES_PATH_DIRECT
            ),
        )
    )
    new_purchase(admin, BUYER, 0, note="a gift")
    dollars = admin.purchases.RecordPurchase(
        ppb.RecordPurchaseRequest(
            parent=BUYER, purchase=ppb.Purchase(amount=money(50, 0, "USD"), note="in dollars")
        )
    )
    for units in (20, 30):
        admin.purchases.RefundPurchase(
            ppb.RefundPurchaseRequest(name=dollars.name, amount=money(units, 0, "USD"), reason="broken")
        )
    part = new_purchase(admin, "customers/deleted", 12)
    admin.purchases.RefundPurchase(ppb.RefundPurchaseRequest(name=part.name, amount=money(5), reason="late"))
    new_purchase(admin, ERASED, 8, note="a note of what should not be in one")


def _change(admin: Caller) -> None:
    customers = admin.customers
    for patron in ("Ola", "Ewa"):
        customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=cpb.Customer(name=BUYER, patron=patron)))
    customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=DELETED))
    customers.DeleteCustomer(cpb.DeleteCustomerRequest(name="customers/returned"))
    customers.UndeleteCustomer(cpb.UndeleteCustomerRequest(name="customers/returned"))
    customers.EraseCustomer(cpb.EraseCustomerRequest(name=ERASED))
    wrong = new_spend(admin, "wrong")
    admin.spends.DeleteSpend(spends_pb2.DeleteSpendRequest(name=wrong.name))
    new_spend(admin, "spring-fair", campaign="spring", end_date=day("2026-03-31"))
