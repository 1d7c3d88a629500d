"""CustomerService: a customer's life, and each of its RPCs in the contract's order."""

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as pb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, read_customer
from tests.rpc.refusals import refusal

Code = grpc.StatusCode


def test_the_life_of_a_customer(admin: Caller) -> None:
    # Ann is registered, and reads as she was written.
    email = f"{fresh()}@example.com"
    ann = new_customer(
        admin,
        person=pb.Person(given_name="Ann", family_name="Žukauskaitė"),
        emails=[email],
        phones=["+37052123456"],
        labels={"tier": "gold"},
        preferences=pb.Preferences(language_code="lt", contact_channels=[pb.CONTACT_CHANNEL_EMAIL]),
    )
    assert read_customer(admin, ann.name) == ann

    # She marries, and takes another name; somebody who did not see that is too late.
    update = pb.UpdateCustomerRequest(
        customer=pb.Customer(name=ann.name, person=pb.Person(family_name="Kazlauskienė"), etag=ann.etag),
        update_mask=FieldMask(paths=["person.family_name"]),
    )
    married = admin.customers.UpdateCustomer(update)
    assert (married.person.given_name, married.person.family_name) == ("Ann", "Kazlauskienė")
    assert married.etag != ann.etag
    assert refusal(admin.customers.UpdateCustomer, update).code is Code.ABORTED

    # She buys something: that is counted, and is no change of her.
    new_purchase(admin, ann.name, 12, 500_000_000)
    [totals] = read_customer(admin, ann.name).totals
    assert (totals.currency_code, totals.purchase_count, totals.amount.units) == ("EUR", 1, 12)
    assert read_customer(admin, ann.name).etag == married.etag

    # She leaves: she is hidden from lists, not from those who know her name, and others may have her address.
    gone = admin.customers.DeleteCustomer(pb.DeleteCustomerRequest(name=ann.name, etag=married.etag))
    assert gone.HasField("delete_time")
    listed = pb.ListCustomersRequest(filter=f'name = "{ann.name}"')
    assert not admin.customers.ListCustomers(listed).customers
    assert read_customer(admin, ann.name).HasField("delete_time")

    # She comes back, and everything is as it was.
    back = admin.customers.UndeleteCustomer(pb.UndeleteCustomerRequest(name=ann.name))
    assert not back.HasField("delete_time")
    assert admin.customers.ListCustomers(listed).customers[0].emails == [email]

    # She asks to be forgotten: her figures stay, she does not, and nobody brings her back.
    erased = admin.customers.EraseCustomer(pb.EraseCustomerRequest(name=ann.name))
    assert erased.HasField("erase_time")
    assert (erased.display_name, list(erased.emails), dict(erased.labels)) == ("", [], {})
    assert erased.totals[0].amount.units == 12
    assert (
        refusal(admin.customers.UndeleteCustomer, pb.UndeleteCustomerRequest(name=ann.name)).reason
        == "CUSTOMER_ERASED"
    )
    assert new_customer(admin, emails=[email]).emails == [email]


# ---- CreateCustomer


def test_created_customers_get_what_only_the_server_sets(admin: Caller) -> None:
    customer_id = fresh()
    stated = pb.Customer(
        display_name="Ann", uid="mine", etag='"1"', totals=[pb.CustomerTotals(currency_code="EUR")]
    )
    stated.delete_time.GetCurrentTime()

    made = admin.customers.CreateCustomer(pb.CreateCustomerRequest(customer=stated, customer_id=customer_id))

    assert made.name == f"customers/{customer_id}"
    assert len(made.uid) == 36
    assert made.etag not in ("", '"1"')
    assert made.create_time == made.update_time
    assert not made.totals
    assert not made.HasField("delete_time")


def test_without_an_id_the_server_makes_one(admin: Caller) -> None:
    request = pb.CreateCustomerRequest(customer=pb.Customer(display_name="Ann"))

    names = {admin.customers.CreateCustomer(request).name for _ in range(2)}

    assert len(names) == 2


def test_every_field_reads_as_it_was_written(admin: Caller) -> None:
    friend = new_customer(admin)
    customer = pb.Customer(
        display_name="Łąki & Synowie 株式会社 🏔",
        organization=pb.Organization(legal_name="Łąki sp. z o.o.", tax_id="PL5260001246"),
        emails=[f"{fresh()}@example.com", f"{fresh()}@example.org"],
        phones=["+48221234567", "+37052123456"],
        addresses=[{"region_code": "PL", "locality": "Kraków", "address_lines": ["ul. Długa 1", "m. 2"]}],
        preferences=pb.Preferences(
            language_code="pl",
            contact_channels=[pb.CONTACT_CHANNEL_POST, pb.CONTACT_CHANNEL_SMS],
            categories=["tea", "coffee"],
            marketing_consent=False,
        ),
        acquisition=pb.Acquisition(
            channel=pb.ACQUISITION_CHANNEL_REFERRAL, campaign="spring", referrer=friend.name
        ),
        patron="Jan",
        labels={"tier": "gold", "a-b_c": ""},
    )
    made = admin.customers.CreateCustomer(pb.CreateCustomerRequest(customer=customer))

    for field in ("name", "uid", "etag", "create_time", "update_time"):
        made.ClearField(field)
    assert made == customer


@pytest.mark.parametrize("text", ["'; DROP TABLE customers; --", "a\u202eb", "\t x", "%_\\*", "\U0001d518"])
def test_text_is_kept_to_the_letter(admin: Caller, text: str) -> None:
    made = new_customer(admin, display_name=text)

    assert read_customer(admin, made.name).display_name == text


# ---- BatchGetCustomers


def test_several_customers_come_in_the_order_asked_for(admin: Caller) -> None:
    names = [new_customer(admin).name for _ in range(3)]
    asked = [names[2], names[0], names[1], names[0]]

    found = admin.customers.BatchGetCustomers(pb.BatchGetCustomersRequest(names=asked))

    assert [customer.name for customer in found.customers] == asked


# ---- ListCustomers


@pytest.fixture(scope="module")
def tribe(admin: Caller) -> str:
    """A label that 60 customers have, and nobody else."""
    label = fresh("t")
    for number in range(60):
        new_customer(admin, display_name=f"N{number:02}", labels={"tribe": label})
    return f'labels.tribe = "{label}"'


@pytest.mark.parametrize(
    ("asked", "given"), [({}, 50), ({"page_size": 0}, 50), ({"page_size": 7}, 7), ({"page_size": 5000}, 60)]
)
def test_a_page_holds_what_is_asked_for_or_fifty(
    admin: Caller, tribe: str, asked: dict[str, int], given: int
) -> None:
    page = admin.customers.ListCustomers(pb.ListCustomersRequest(filter=tribe, **asked))

    assert len(page.customers) == given
    assert bool(page.next_page_token) == (given < 60)
    assert page.total_size == 60


def test_only_the_first_page_tells_how_many_there_are(admin: Caller, tribe: str) -> None:
    first = admin.customers.ListCustomers(pb.ListCustomersRequest(filter=tribe))
    second = admin.customers.ListCustomers(
        pb.ListCustomersRequest(filter=tribe, page_token=first.next_page_token)
    )

    assert first.HasField("total_size")
    assert not second.HasField("total_size")
    assert len(second.customers) == 10


def test_deleted_customers_are_listed_where_asked_for(admin: Caller) -> None:
    label = fresh("t")
    living, deleted = (new_customer(admin, labels={"tribe": label}) for _ in range(2))
    admin.customers.DeleteCustomer(pb.DeleteCustomerRequest(name=deleted.name))

    def names(**asked: bool) -> set[str]:
        request = pb.ListCustomersRequest(filter=f"labels.tribe = {label}", **asked)
        return {customer.name for customer in admin.customers.ListCustomers(request).customers}

    assert names() == {living.name}
    assert names(show_deleted=True) == {living.name, deleted.name}


def test_lists_show_totals_as_they_are_now(admin: Caller) -> None:
    ann = new_customer(admin)
    new_purchase(admin, ann.name, 3)

    [listed] = admin.customers.ListCustomers(pb.ListCustomersRequest(filter=f'name = "{ann.name}"')).customers

    assert listed == read_customer(admin, ann.name)
    assert listed.totals[0].amount.units == 3


# ---- DeleteCustomer, UndeleteCustomer


def test_an_address_taken_meanwhile_keeps_a_customer_deleted(admin: Caller) -> None:
    email = f"{fresh()}@example.com"
    ann = new_customer(admin, emails=[email])
    admin.customers.DeleteCustomer(pb.DeleteCustomerRequest(name=ann.name))
    bob = new_customer(admin, emails=[email])

    refused = refusal(admin.customers.UndeleteCustomer, pb.UndeleteCustomerRequest(name=ann.name))

    assert (refused.code, refused.reason) == (Code.ALREADY_EXISTS, "EMAIL_TAKEN")
    assert refused.facts["name"] == bob.name
    assert read_customer(admin, ann.name).HasField("delete_time")
