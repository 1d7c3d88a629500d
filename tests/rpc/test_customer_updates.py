"""UpdateCustomer: what a mask names is changed, and nothing else."""

from typing import Any

from clientela.v1 import customers_pb2 as pb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer


def updated(caller: Caller, paths: list[str] | None, **fields: Any) -> pb.Customer:
    request = pb.UpdateCustomerRequest(customer=pb.Customer(**fields))
    if paths is not None:
        request.update_mask.paths.extend(paths)
    changed: pb.Customer = caller.customers.UpdateCustomer(request)
    return changed


def test_without_a_mask_what_is_filled_in_is_changed_and_nothing_else(admin: Caller) -> None:
    ann = new_customer(admin, patron="Jan", labels={"tier": "gold"})

    after = updated(admin, None, name=ann.name, display_name="Anna")

    assert (after.display_name, after.patron, dict(after.labels)) == ("Anna", "Jan", {"tier": "gold"})
    assert after.create_time == ann.create_time
    assert after.uid == ann.uid


def test_what_the_mask_names_and_the_customer_leaves_empty_is_emptied(admin: Caller) -> None:
    ann = new_customer(admin, patron="Jan", phones=["+37052123456"])

    after = updated(admin, ["patron", "phones"], name=ann.name)

    assert not after.HasField("patron")
    assert not after.phones
    assert after.display_name == "Ann"


def test_a_star_empties_all_that_is_not_filled_in(admin: Caller) -> None:
    ann = new_customer(admin, patron="Jan", labels={"tier": "gold"}, person=pb.Person(given_name="A"))

    after = updated(admin, ["*"], name=ann.name, display_name="Anna")

    assert (after.display_name, after.patron, dict(after.labels)) == ("Anna", "", {})
    assert after.WhichOneof("party") is None
    assert (after.uid, after.create_time) == (ann.uid, ann.create_time)


def test_a_deep_path_changes_one_field_of_a_message(admin: Caller) -> None:
    ann = new_customer(admin, preferences=pb.Preferences(language_code="lt", categories=["tea"]))

    after = updated(
        admin,
        ["preferences.language_code"],
        name=ann.name,
        preferences=pb.Preferences(language_code="pl", categories=["x"]),
    )

    assert (after.preferences.language_code, list(after.preferences.categories)) == ("pl", ["tea"])


def test_a_deep_path_that_is_left_empty_is_emptied_alone(admin: Caller) -> None:
    ann = new_customer(admin, preferences=pb.Preferences(language_code="lt", categories=["tea"]))

    after = updated(admin, ["preferences.language_code", "person.given_name"], name=ann.name)

    assert not after.preferences.HasField("language_code")
    assert list(after.preferences.categories) == ["tea"]
    assert after.WhichOneof("party") is None


def test_a_person_can_become_an_organization(admin: Caller) -> None:
    ann = new_customer(admin, person=pb.Person(given_name="Ann"))

    after = updated(admin, None, name=ann.name, organization=pb.Organization(legal_name="Ann UAB"))

    assert after.WhichOneof("party") == "organization"


def test_output_only_fields_in_a_mask_are_ignored(admin: Caller) -> None:
    ann = new_customer(admin)

    after = updated(admin, ["uid", "create_time", "patron"], name=ann.name, uid="x", patron="Jan")

    assert (after.uid, after.create_time, after.patron) == (ann.uid, ann.create_time, "Jan")


def test_an_update_may_create_what_is_missing(admin: Caller) -> None:
    name = f"customers/{fresh()}"
    request = pb.UpdateCustomerRequest(
        customer=pb.Customer(name=name, display_name="Ann"), allow_missing=True
    )

    made = admin.customers.UpdateCustomer(request)
    again = admin.customers.UpdateCustomer(request)

    assert (made.name, made.display_name) == (name, "Ann")
    assert again.uid == made.uid


def test_an_address_given_up_is_free_at_once(admin: Caller) -> None:
    email = f"{fresh()}@example.com"
    ann = new_customer(admin, emails=[email])
    updated(admin, ["emails"], name=ann.name)

    assert new_customer(admin, emails=[email.upper()]).emails == [email.upper()]
