"""The rules of the registry: lives, deletions, erasure, and what only the server sets."""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.customers import (
    Acquisition,
    Address,
    Customer,
    Person,
    Preferences,
    deleted,
    erased,
    match_etag,
    registered,
    registered_by_id,
    undeleted,
    updated,
    without_personal_data,
)
from clientela_server.domain.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Refusal,
)

NOW_US = 1000
# What erasure leaves, and what it takes; every field of a customer is in one of them.
KEPT = {"id", "uid", "create_us", "update_us", "delete_us", "erase_us", "revision", "acquisition"}
TAKEN = {"display_name", "party", "emails", "phones", "addresses", "preferences", "patron", "labels"}

LIVING = Customer(
    id="ann",
    uid="u-1",
    display_name="Ann",
    party=Person("Ann", "Novak"),
    emails=("ann@example.com",),
    phones=("+48221234567",),
    addresses=(Address(locality="Vilnius"),),
    preferences=Preferences("lt", (1,), ("tea",), True),
    acquisition=Acquisition(4, "spring", "bob"),
    patron="Jan",
    labels={"tier": "gold"},
    create_us=1,
    update_us=2,
    revision=7,
)
DELETED = deleted(LIVING, 3, 8)
ERASED = erased(LIVING, 3, 8)


def renamed(customer: Customer) -> Customer:
    return replace(customer, display_name="Anna")


ACTIONS: dict[str, Callable[[Customer], Customer]] = {
    "update": lambda customer: updated(customer, renamed, NOW_US, 9),
    "delete": lambda customer: deleted(customer, NOW_US, 9),
    "undelete": lambda customer: undeleted(customer, NOW_US, 9),
    "erase": lambda customer: erased(customer, NOW_US, 9),
}


@pytest.mark.parametrize(
    ("before", "action", "becomes"),
    [
        (LIVING, "update", "living"),
        (LIVING, "delete", "deleted"),
        (LIVING, "undelete", (AlreadyExists, "CUSTOMER_NOT_DELETED")),
        (LIVING, "erase", "erased"),
        (DELETED, "update", (FailedPrecondition, "CUSTOMER_DELETED")),
        (DELETED, "delete", (NotFound, "CUSTOMER_DELETED")),
        (DELETED, "undelete", "living"),
        (DELETED, "erase", "erased"),
        (ERASED, "update", (FailedPrecondition, "CUSTOMER_ERASED")),
        (ERASED, "delete", (NotFound, "CUSTOMER_ERASED")),
        (ERASED, "undelete", (FailedPrecondition, "CUSTOMER_ERASED")),
        (ERASED, "erase", (FailedPrecondition, "CUSTOMER_ERASED")),
    ],
)
def test_what_may_become_of_a_customer(
    before: Customer, action: str, becomes: str | tuple[type[Refusal], str]
) -> None:
    if isinstance(becomes, str):
        after = ACTIONS[action](before)
        assert state(after) == becomes
        assert (after.id, after.uid, after.create_us) == (before.id, before.uid, before.create_us)
        assert (after.update_us, after.revision, after.etag) == (NOW_US, 9, '"9"')
    else:
        kind, reason = becomes
        with pytest.raises(kind) as caught:
            ACTIONS[action](before)
        assert caught.value.reason == reason
        assert caught.value.resource == "customers/ann"


def state(customer: Customer) -> str:
    if customer.erase_us is not None:
        assert customer.delete_us is not None
        return "erased"
    return "living" if customer.delete_us is None else "deleted"


@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=8))
def test_whatever_is_tried_erasure_is_final_and_deletion_hides_nothing_else(tries: list[str]) -> None:
    customer = LIVING
    for name in tries:
        before = customer
        try:
            customer = ACTIONS[name](customer)
        except Refusal:
            continue
        assert not (state(before) == "erased" and state(customer) != "erased")
        if name in ("delete", "undelete"):
            assert replace(customer, delete_us=None, update_us=0, revision=0) == replace(
                before, delete_us=None, update_us=0, revision=0
            )


def test_undeleting_gives_back_what_was_deleted() -> None:
    back = undeleted(DELETED, NOW_US, 9)

    assert replace(back, update_us=2, revision=7) == LIVING


# ---- what only the server sets


def test_registering_takes_ids_and_times_from_the_server_and_not_from_the_caller() -> None:
    made = registered(replace(LIVING, delete_us=5, erase_us=5), "new", "u-2", NOW_US, 3)

    assert (made.id, made.uid, made.create_us, made.update_us) == ("new", "u-2", NOW_US, NOW_US)
    assert (made.delete_us, made.erase_us, made.revision) == (None, None, 3)
    assert made.display_name == "Ann"


def test_a_change_can_not_touch_what_the_server_sets() -> None:
    stolen = replace(
        LIVING, id="x", uid="x", create_us=77, update_us=77, delete_us=77, erase_us=77, revision=77
    )

    assert updated(LIVING, lambda _: stolen, NOW_US, 9) == replace(LIVING, update_us=NOW_US, revision=9)


# ---- etags


@pytest.mark.parametrize("etag", [None, "", LIVING.etag])
def test_the_current_etag_matches_and_none_is_no_protection(etag: str | None) -> None:
    match_etag(LIVING, etag)


@pytest.mark.parametrize("etag", ['"6"', "7", "*", 'W/"7"'])
def test_any_other_etag_is_refused_with_the_current_one(etag: str) -> None:
    with pytest.raises(Aborted) as caught:
        match_etag(LIVING, etag)

    assert caught.value.reason == "ETAG_MISMATCH"
    assert caught.value.facts == {"name": "customers/ann", "etag": etag, "current_etag": '"7"'}


# ---- what is refused


@pytest.mark.parametrize(
    ("wrong", "reason", "path"),
    [
        ({"display_name": ""}, "FIELD_MISSING", "customer.display_name"),
        ({"display_name": " \t"}, "FIELD_MISSING", "customer.display_name"),
        ({"acquisition": Acquisition(4, None, "ann")}, "REFERRER_IS_SELF", "customer.acquisition.referrer"),
        ({"emails": ("Ann@x.eu", "ann@X.eu")}, "EMAIL_TWICE", "customer.emails"),
    ],
)
def test_a_customer_that_makes_no_sense_is_neither_registered_nor_updated(
    wrong: dict[str, object], reason: str, path: str
) -> None:
    made = replace(LIVING, **wrong)  # type: ignore[arg-type]
    for attempt in (
        lambda: registered(made, "ann", "u", NOW_US, 1),
        lambda: updated(LIVING, lambda _: made, NOW_US, 9),
    ):
        with pytest.raises(InvalidArgument) as caught:
            attempt()
        assert (caught.value.reason, caught.value.faults[0].path) == (reason, path)


# ---- erasure


def test_every_field_is_either_kept_or_taken_by_erasure() -> None:
    """A field that is added to a customer fails here until somebody has decided."""
    assert {field.name for field in fields(Customer)} == KEPT | TAKEN
    assert not KEPT & TAKEN


def test_erasure_takes_all_that_tells_who_it_was() -> None:
    left = without_personal_data(LIVING)
    empty = Customer(id="")

    assert {name for name in TAKEN if getattr(left, name) != getattr(empty, name)} == set()
    assert all(getattr(LIVING, name) != getattr(empty, name) for name in TAKEN), "LIVING must fill them all"


def test_erasure_keeps_what_the_ledger_needs_and_how_the_client_was_won() -> None:
    left = without_personal_data(DELETED)

    assert {name for name in KEPT - {"acquisition"} if getattr(left, name) != getattr(DELETED, name)} == set()
    assert left.acquisition == Acquisition(4, "spring", None)


def test_erasing_a_deleted_customer_keeps_the_time_of_deletion() -> None:
    assert erased(DELETED, NOW_US, 9).delete_us == DELETED.delete_us
    assert erased(LIVING, NOW_US, 9).delete_us == NOW_US


def test_an_invisible_name_of_older_days_does_not_hold_up_a_change_of_something_else() -> None:
    older = replace(LIVING, party=Person(given_name="\u200b", family_name="Lee"))
    made = updated(older, lambda current: replace(current, phones=("+48123456789",)), NOW_US, 9)
    assert (made.phones, made.party) == (("+48123456789",), older.party)
    with pytest.raises(InvalidArgument, match="NAME_INVISIBLE"):
        updated(older, lambda current: replace(current, patron="\u200b"), NOW_US, 9)


def test_who_is_known_by_its_id_is_registered_as_from_a_draft() -> None:
    drafted = registered(Customer("c-1", display_name="c-1"), "c-1", "u", 7, 3)
    assert registered_by_id("c-1", "u", 7, 3) == drafted
    with pytest.raises(InvalidArgument):
        registered_by_id("", "u", 7, 3)
