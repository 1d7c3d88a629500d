"""Both clients against a real server: every method, and what its refusals carry."""

import uuid
from collections.abc import Iterator

import pytest

from clientela_client import InDoubt, Refused, Unavailable, connect
from clientela_client.calls.retry_limits import RetryPolicy
from clientela_client.messages import (
    Customer,
    ImportItem,
    ImportPurchasesResponse,
    Money,
    Person,
    Purchase,
    Timestamp,
)
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.client.stage import Asking

EUR_5 = Money(currency_code="EUR", units=5)


@pytest.fixture
def ann(asking: Asking, own_id: str) -> str:
    """A customer's name."""
    made = asking.one(lambda c: c.customers.create(Customer(display_name="Ann"), customer_id=own_id))
    return str(made.name)


def test_a_customers_life(asking: Asking, own_id: str) -> None:
    name = f"customers/{own_id}"
    ann = Customer(display_name="Ann", person=Person(given_name="Ann"))
    dry = asking.one(lambda c: c.customers.create(ann, customer_id=own_id, validate_only=True))
    assert dry.display_name == "Ann"
    with pytest.raises(Refused) as caught:
        asking.one(lambda c: c.customers.get(name))
    assert (caught.value.code, caught.value.resource) == ("NOT_FOUND", name)
    made = asking.one(lambda c: c.customers.create(ann, customer_id=own_id))
    assert asking.one(lambda c: c.customers.get(name)) == made
    assert list(asking.one(lambda c: c.customers.batch_get([name])).customers) == [made]
    changed = Customer(name=name, patron="Bob")
    updated = asking.one(lambda c: c.customers.update(changed, update_mask=["patron"]))
    assert (updated.patron, updated.display_name) == ("Bob", "Ann")
    with pytest.raises(Refused) as caught:
        asking.one(lambda c: c.customers.delete(name, etag=made.etag))
    assert caught.value.code == "ABORTED"
    assert asking.one(lambda c: c.customers.delete(name)).HasField("delete_time")
    assert not asking.one(lambda c: c.customers.undelete(name)).HasField("delete_time")
    assert asking.one(lambda c: c.customers.erase(name)).HasField("erase_time")


def test_a_purchases_life(asking: Asking, ann: str) -> None:
    bought = asking.one(lambda c: c.purchases.record(ann, Purchase(amount=EUR_5), purchase_id="p1"))
    assert bought.name == f"{ann}/purchases/p1"
    assert asking.one(lambda c: c.purchases.get(bought.name)) == bought
    refund = asking.one(lambda c: c.purchases.refund(bought.name, "broken", amount=EUR_5))
    assert refund.refund_of == bought.name
    names = [bought.name, refund.name]
    assert [entry.name for entry in asking.many(lambda c: c.purchases.list(ann))] == names
    assert [entry.name for entry in asking.many(lambda c: c.purchases.export(ann))] == names


def test_listings_go_over_all_pages(asking: Asking, ann: str) -> None:
    for _ in range(5):
        asking.one(lambda c: c.purchases.record(ann, Purchase(amount=EUR_5)))
    page = asking.one(lambda c: c.purchases.list_page(ann, page_size=2))
    assert len(page.purchases) == 2
    rest = asking.one(lambda c: c.purchases.list_page(ann, page_size=9, page_token=page.next_page_token))
    assert len(rest.purchases) == 3
    assert len(list(asking.many(lambda c: c.purchases.list(ann, page_size=2)))) == 5
    newest = next(asking.many(lambda c: c.purchases.list(ann, order_by="revision desc", page_size=1)))
    assert newest == rest.purchases[-1]
    found = asking.many(lambda c: c.customers.list(filter=f'name = "{ann}"', page_size=1))
    assert [customer.name for customer in found] == [ann]
    history = asking.many(lambda c: c.feed.history(ann, page_size=1))
    assert [change.method for change in history] == ["CustomerService.CreateCustomer"]
    assert asking.one(lambda c: c.feed.history_page(ann)).changes[0].customer.name == ann


def test_the_same_request_id_is_done_once(asking: Asking, ann: str) -> None:
    request_id = str(uuid.uuid4())

    def record(amount: Money) -> Purchase:
        answer = asking.one(lambda c: c.purchases.record(ann, Purchase(amount=amount), request_id=request_id))
        assert isinstance(answer, Purchase)
        return answer

    assert record(EUR_5) == record(EUR_5)
    with pytest.raises(Refused) as caught:
        record(Money(currency_code="EUR", units=6))
    assert (caught.value.code, caught.value.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")
    assert caught.value.request_id == request_id


def test_a_refusal_names_the_field_and_the_call(asking: Asking, ann: str) -> None:
    with pytest.raises(Refused) as caught:
        asking.one(lambda c: c.purchases.record(ann, Purchase(amount=Money(currency_code="eur", units=1))))
    error = caught.value
    assert error.code == "INVALID_ARGUMENT"
    assert [violation.path for violation in error.violations] == ["purchase.amount"]
    assert error.call_id
    assert (error.method, error.attempts) == ("PurchaseService.RecordPurchase", 1)


def test_a_watch_hands_out_changes_as_they_are_made(asking: Asking, ann: str) -> None:
    changes = asking.many(lambda c: c.feed.watch(after_revision=0, names=[ann, f"{ann}/*"]))
    assert next(changes).customer.name == ann
    bought = asking.one(lambda c: c.purchases.record(ann, Purchase(amount=EUR_5)))
    assert next(changes).purchase == bought


def test_an_import_can_be_sent_again(asking: Asking, own_id: str) -> None:
    def items() -> Iterator[ImportItem]:
        for number in range(1500):
            purchase = Purchase(amount=Money(currency_code="EUR", units=1))
            if number == 1200:
                purchase.purchase_time.CopyFrom(Timestamp(seconds=99_999_999_999))
            name = uuid.uuid5(uuid.NAMESPACE_OID, f"{own_id}/{number}")
            key = uuid.UUID(bytes=name.bytes, version=4)
            yield ImportItem(customer=f"customers/{own_id}", purchase=purchase, request_id=str(key))

    def counts(answer: ImportPurchasesResponse) -> tuple[int, int, list[int], int]:
        rejected = [item.index for item in answer.rejected]
        return answer.imported_count, answer.duplicate_count, rejected, answer.created_customer_count

    assert counts(asking.one(lambda c: c.purchases.import_(items()))) == (1499, 0, [1200], 1)
    assert counts(asking.one(lambda c: c.purchases.import_(items()))) == (0, 1499, [1200], 0)
    exported = list(asking.many(lambda c: c.purchases.export(f"customers/{own_id}")))
    assert len(exported) == 1499


def test_without_a_token_the_refusal_says_where_one_may_come_from(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIENTELA_TOKEN", raising=False)
    with connect(server.address) as client, pytest.raises(Refused) as caught:
        client.customers.get("customers/ann")
    assert caught.value.code == "UNAUTHENTICATED"
    assert "CLIENTELA_TOKEN" in str(caught.value)


def test_refusals_come_in_the_callers_language_too(server: LocalServer) -> None:
    polish = connect(server.address, token=server.token, metadata={"accept-language": "pl"})
    with polish as client, pytest.raises(Refused) as caught:
        client.customers.get("customers/nobody-of-this-name")
    assert caught.value.localized_message
    assert caught.value.localized_message != caught.value.message


def test_a_server_that_is_killed_leaves_a_read_unanswered_and_a_write_in_doubt_or_not_done() -> None:
    with LocalServer() as server, connect(server.address, token=server.token, timeout_s=0.5) as client:
        client.customers.create(Customer(display_name="Ann"), customer_id="ann", timeout_s=HANG_S)
        server.kill()
        with pytest.raises((InDoubt, Unavailable)) as caught:
            client.customers.delete("customers/ann")
        assert isinstance(caught.value, InDoubt) == (caught.value.attempts > 0)
        with pytest.raises(Unavailable):
            client.customers.get("customers/ann")
        with pytest.raises(Unavailable) as unsent:
            client.customers.delete("customers/ann")
        assert unsent.value.attempts == 0
        server.start()
        assert client.customers.get("customers/ann", timeout_s=HANG_S).name == "customers/ann"


def test_a_client_that_does_not_wait_says_at_once_that_there_is_no_server() -> None:
    unreached = pytest.raises(Unavailable, match=r"no server was reached at 127\.0\.0\.1:1")
    with connect("127.0.0.1:1", policy=RetryPolicy(wait_for_server=False)) as client, unreached:
        client.customers.delete("customers/ann")
