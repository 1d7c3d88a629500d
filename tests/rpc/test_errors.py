"""What holds for refusals of every kind: all faults at once, nothing written, the caller's language.

The tables of what is refused are in test_customer_errors, test_purchase_errors and test_list_errors.
Read next: test_long_errors, test_malformed.
"""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from clientela.v1 import customers_pb2 as cpb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import money, new_customer, read_customer, to_create, to_record
from tests.rpc.refusals import Refused, refusal


def test_every_wrong_field_is_reported_at_once(admin: Caller) -> None:
    refused = refusal(
        admin.customers.CreateCustomer, to_create(phones=["1"], emails=["x"], labels={"A": "b"})
    )

    assert list(refused.faults) == ["customer.emails[0]", "customer.phones[0]", 'customer.labels["A"]']


def test_every_customer_that_is_not_there_is_named(admin: Caller) -> None:
    ann = new_customer(admin).name
    lost = [f"customers/{fresh()}" for _ in range(2)]

    refused = refusal(
        admin.customers.BatchGetCustomers, cpb.BatchGetCustomersRequest(names=[lost[0], ann, lost[1]])
    )

    assert refused.facts["count"] == "2"
    assert list(refused.faults) == ["names[0]", "names[2]"]
    assert all(name in fault for name, fault in zip(lost, refused.faults.values(), strict=True))


def test_a_refused_write_leaves_the_customer_as_it_was(admin: Caller) -> None:
    ann = new_customer(admin, patron="Jan")
    refusal(
        admin.customers.UpdateCustomer,
        cpb.UpdateCustomerRequest(customer=cpb.Customer(name=ann.name, patron="Eve", etag='"0"')),
    )

    assert read_customer(admin, ann.name) == ann


def test_what_is_said_of_output_only_fields_is_ignored_even_nonsense(admin: Caller) -> None:
    request = to_create(etag="9" * 5000, uid="x", create_time=Timestamp(seconds=10**15))

    assert admin.customers.CreateCustomer(request).create_time.seconds < 10**11


def test_a_request_that_was_refused_may_be_mended_and_sent_with_its_request_id(admin: Caller) -> None:
    request = to_record(new_customer(admin).name, units=-1)
    request.request_id = request_id()
    refusal(admin.purchases.RecordPurchase, request)
    request.purchase.amount.units = 1

    assert admin.purchases.RecordPurchase(request).amount == money(1)


# ---- languages


@pytest.mark.parametrize("language", ["en", "pl", "ru", "lt"])
def test_the_refusal_is_in_the_language_of_the_caller_too(admin: Caller, language: str) -> None:
    refused = in_language(admin, f"{language}-XX, de;q=0.5")

    assert refused.message == "There is no customers/nobody."
    assert refused.localized is not None
    locale, text = refused.localized
    assert locale == language
    assert "customers/nobody" in text
    assert (text == refused.message) == (language == "en")


def test_the_first_of_the_callers_languages_that_is_ours_is_taken(admin: Caller) -> None:
    refused = in_language(admin, "de, fr;q=0.9, lt;q=0.8, pl;q=0.7")

    assert refused.localized is not None
    assert refused.localized[0] == "lt"


@pytest.mark.parametrize("wish", [None, "de", "*", ";;,,", "x" * 500])
def test_without_a_language_of_ours_the_english_message_is_all(admin: Caller, wish: str | None) -> None:
    assert in_language(admin, wish).localized is None


def in_language(caller: Caller, wish: str | None) -> Refused:
    metadata = () if wish is None else (("accept-language", wish),)
    request = cpb.GetCustomerRequest(name="customers/nobody")
    return refusal(caller.customers.GetCustomer, request, metadata=metadata)
