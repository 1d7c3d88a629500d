"""What a mask does not name stays to the byte; a field of the other party is refused and replaces nothing."""

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.type.postal_address_pb2 import PostalAddress
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as pb
from clientela.v1 import segments_pb2, standing_pb2
from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.standing.policy import NAMES
from clientela_server.rpc.services.field_masks import apply_mask, check_mask
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_segment, read_customer
from tests.rpc.refusals import refusal

PERSON = pb.Person(given_name="Ann", family_name="Lee")
FIRM = pb.Organization(legal_name="Blue Door OÜ", tax_id="EE1")
PREFERENCES = pb.Preferences(
    language_code="lt", contact_channels=[1, 3], categories=["tea", "c;d"], marketing_consent=False
)
# Without etag, name and what the server sets: no mask changes them.
PATHS = [
    "display_name",
    "person",
    "person.given_name",
    "person.family_name",
    "organization",
    "organization.legal_name",
    "organization.tax_id",
    "emails",
    "phones",
    "addresses",
    "preferences",
    "preferences.language_code",
    "preferences.contact_channels",
    "preferences.categories",
    "preferences.marketing_consent",
    "acquisition",
    "acquisition.channel",
    "acquisition.campaign",
    "acquisition.referrer",
    "patron",
    "labels",
]
texts = st.sampled_from(["", "a", "c;d", "=1", "ł"])


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: maybe(strategy) for name, strategy in fields.items()}).map(
        lambda given: {name: value for name, value in given.items() if value is not None}
    )


people = some(given_name=texts, family_name=texts).map(lambda given: {"person": pb.Person(**given)})
firms = some(legal_name=texts, tax_id=texts).map(lambda given: {"organization": pb.Organization(**given)})
preferences = some(
    language_code=st.sampled_from(["pl", "lt"]),
    contact_channels=st.lists(st.sampled_from([1, 2, 3]), unique=True),
    categories=st.lists(st.sampled_from(["tea", "c;d"]), unique=True),
    marketing_consent=st.booleans(),
).map(lambda given: pb.Preferences(**given))
acquisitions = some(channel=st.sampled_from([1, 4]), campaign=texts).map(
    lambda given: pb.Acquisition(**given)
)
rest = some(
    display_name=st.sampled_from(["Ann", "Bob"]),
    emails=st.lists(st.sampled_from(["a@b.example", "c@d.example"]), unique=True),
    phones=st.lists(st.sampled_from(["+37052123456"]), unique=True),
    addresses=st.lists(
        st.builds(PostalAddress, locality=texts, recipients=st.lists(texts, max_size=2)), max_size=2
    ),
    preferences=preferences,
    acquisition=acquisitions,
    patron=texts,
    labels=st.dictionaries(st.sampled_from(["tier", "area"]), texts),
)
customers = st.tuples(rest, st.one_of(st.just({}), people, firms)).map(
    lambda parts: pb.Customer(**parts[0], **parts[1])
)


def value_at(message: Any, path: str) -> Any:
    """What a message holds at a path, as one can compare it; None where it holds nothing."""
    *outer, last = path.split(".")
    for name in outer:
        message = getattr(message, name)
    field: FieldDescriptor = message.DESCRIPTOR.fields_by_name[last]
    if not field.is_repeated and field.has_presence and not message.HasField(last):
        return None
    value = getattr(message, last)
    return dict(value) if last == "labels" else list(value) if field.is_repeated else value


LEAVES = [path for path in PATHS if not any(other.startswith(f"{path}.") for other in PATHS)]
PARTIES = {"person", "organization"}


def refusal_of_mask(patch: pb.Customer, mask: list[str], after: pb.Customer) -> InvalidArgument | None:
    try:
        apply_mask(patch, FieldMask(paths=mask), after)
    except InvalidArgument as refused:
        return refused
    return None


@settings(max_examples=10 * settings.default.max_examples, deadline=None)
@given(current=customers, patch=customers, mask=st.lists(st.sampled_from(PATHS), min_size=1, unique=True))
def test_fields_outside_a_mask_are_equal_to_the_byte(
    current: pb.Customer, patch: pb.Customer, mask: list[str]
) -> None:
    after = pb.Customer()
    after.CopyFrom(current)
    whole = PARTIES.intersection(mask)
    refused = refusal_of_mask(patch, mask, after)
    if refused is not None:
        held = current.WhichOneof("party")
        assert (refused.reason, refused.facts["held"]) == ("FIELD_OF_OTHER_KIND", held)
        assert refused.facts["path"] in mask
        assert refused.facts["path"].partition(".")[0] == (PARTIES - {held}).pop()
        assert (whole, after) == (set(), current)
        return

    for path in LEAVES:
        outer = path.partition(".")[0]
        if outer in PARTIES and whole:
            continue  # one is put for the other, as the mask says
        source = patch if path in mask or outer in mask else current
        assert value_at(after, path) == value_at(source, path), path
    if not PARTIES.intersection(path.partition(".")[0] for path in mask):
        assert after.WhichOneof("party") == current.WhichOneof("party")


@settings(max_examples=5 * settings.default.max_examples, deadline=None)
@given(current=customers, patch=customers)
def test_without_a_mask_what_is_not_filled_in_is_equal_to_the_byte(
    current: pb.Customer, patch: pb.Customer
) -> None:
    after = pb.Customer()
    after.CopyFrom(current)

    apply_mask(patch, None, after)

    party = patch.WhichOneof("party")
    other = party and party != current.WhichOneof("party")
    for path in LEAVES:
        filled = value_at(patch, path)
        if path.partition(".")[0] in PARTIES and other:
            assert value_at(after, path) == filled  # the party that is given is the one from now on
        else:
            assert value_at(after, path) == (filled if is_filled(patch, path) else value_at(current, path)), (
                path
            )


def is_filled(patch: pb.Customer, path: str) -> bool:
    """Return whether ListFields has it: what can be unset is filled in with "" or no, too."""
    *outer, last = path.split(".")
    message: Any = patch
    for name in outer:
        message = getattr(message, name)
    return last in [field.name for field, _ in message.ListFields()]


def full(caller: Caller, **fields: Any) -> pb.Customer:
    return new_customer(
        caller,
        **{
            "preferences": PREFERENCES,
            "acquisition": pb.Acquisition(channel=1, campaign="spring"),
            "phones": ["+37052123456"],
            "addresses": [PostalAddress(region_code="LT", address_lines=["A 1", "B;2"], recipients=["X"])],
            "patron": "Jan",
            "labels": {"tier": "gold", "area": "north"},
            **fields,
        },
    )


def update(name: str, paths: list[str] | None, **fields: Any) -> pb.UpdateCustomerRequest:
    request = pb.UpdateCustomerRequest(customer=pb.Customer(name=name, **fields))
    if paths is not None:
        request.update_mask.paths.extend(paths)
    return request


def unchanged(before: pb.Customer, after: pb.Customer, *but: str) -> bool:
    """Return whether all but some fields are equal to the byte, beside what each write sets."""
    one, other = pb.Customer(), pb.Customer()
    one.CopyFrom(before)
    other.CopyFrom(after)
    for message in (one, other):
        for name in ("etag", "update_time", *but):
            message.ClearField(name)  # type: ignore[arg-type]
    return one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)


@pytest.mark.parametrize(
    ("held", "path", "patch", "branch"),
    [
        ({"organization": FIRM}, "person.given_name", {"person": PERSON}, "person"),
        ({"organization": FIRM}, "person.family_name", {}, "person"),
        ({"person": PERSON}, "organization.legal_name", {"organization": FIRM}, "organization"),
        ({"person": PERSON}, "organization.tax_id", {"organization": FIRM}, "organization"),
    ],
)
def test_a_field_of_the_other_party_is_refused_and_nothing_is_lost(
    admin: Caller, held: dict[str, Any], path: str, patch: dict[str, Any], branch: str
) -> None:
    before = full(admin, **held)

    refused = refusal(admin.customers.UpdateCustomer, update(before.name, [path, "patron"], **patch))

    assert (refused.code.name, refused.reason) == ("INVALID_ARGUMENT", "FIELD_OF_OTHER_KIND")
    assert list(refused.faults) == [f"customer.{path}"]
    assert (refused.facts["held"], refused.facts["branch"]) == (next(iter(held)), branch)
    assert read_customer(admin, before.name) == before


@pytest.mark.parametrize("paths", [["organization", "person.given_name"], ["person"], None])
def test_an_organization_becomes_a_person_where_the_mask_says_so(
    admin: Caller, paths: list[str] | None
) -> None:
    before = full(admin, organization=FIRM)

    request = update(before.name, paths, person=pb.Person(given_name="Ann"))
    after = admin.customers.UpdateCustomer(request)

    assert after.person == pb.Person(given_name="Ann")
    assert unchanged(before, after, "person", "organization")


@pytest.mark.parametrize(
    ("patch", "but", "value"),
    [
        ({"person": pb.Person(given_name="Eve")}, "person", pb.Person(given_name="Eve", family_name="Lee")),
        (
            {"preferences": pb.Preferences(language_code="pl")},
            "preferences",
            pb.Preferences(
                language_code="pl",
                contact_channels=[1, 3],
                categories=["tea", "c;d"],
                marketing_consent=False,
            ),
        ),
        (
            {"acquisition": pb.Acquisition(campaign="autumn")},
            "acquisition",
            pb.Acquisition(channel=1, campaign="autumn"),
        ),
        ({"preferences": pb.Preferences()}, "preferences", PREFERENCES),
    ],
)
def test_without_a_mask_one_field_of_a_message_leaves_the_others(
    admin: Caller, patch: dict[str, Any], but: str, value: Any
) -> None:
    before = full(admin, person=PERSON)

    after = admin.customers.UpdateCustomer(update(before.name, None, **patch))

    assert getattr(after, but) == value
    assert unchanged(before, after, but)


def test_a_mask_of_what_the_server_sets_changes_nothing(admin: Caller) -> None:
    before = full(admin, person=PERSON)
    segment = new_segment(admin, strategy="call")

    after = admin.customers.UpdateCustomer(update(before.name, ["uid", "etag"], patron="Eve"))
    request = segments_pb2.UpdateSegmentRequest(
        segment=segments_pb2.Segment(name=segment.name, strategy="write"),
        update_mask=FieldMask(paths=["create_time"]),
    )

    assert unchanged(before, after)
    assert admin.segments.UpdateSegment(request).strategy == "call"


def test_consent_that_is_masked_and_not_given_is_not_a_no(admin: Caller) -> None:
    before = full(admin)

    after = admin.customers.UpdateCustomer(update(before.name, ["preferences.marketing_consent"]))

    assert not after.preferences.HasField("marketing_consent")
    assert unchanged(before, after, "preferences")


@pytest.mark.parametrize("field", ["display_name", "filter", "strategy"])
def test_one_field_of_a_segment_leaves_the_others(admin: Caller, field: str) -> None:
    before = new_segment(
        admin, f"s-{fresh()}", display_name="Now", filter="purchases > 1000001", strategy="call"
    )
    patch = segments_pb2.Segment(
        name=before.name, display_name="Then", filter="purchases > 1000002", strategy="write"
    )

    after = admin.segments.UpdateSegment(
        segments_pb2.UpdateSegmentRequest(segment=patch, update_mask=FieldMask(paths=[field]))
    )

    for name in ("display_name", "filter", "strategy"):
        assert getattr(after, name) == getattr(patch if name == field else before, name)


@pytest.mark.parametrize("name", NAMES)
def test_one_threshold_of_the_policy_leaves_the_others(name: str) -> None:
    current = standing_pb2.Policy()
    for place, each in enumerate(NAMES):
        setattr(current, each, place)
    after = standing_pb2.Policy()
    after.CopyFrom(current)
    patch = standing_pb2.Policy(**dict.fromkeys(NAMES, 99))

    check_mask(patch, FieldMask(paths=[name]))
    apply_mask(patch, FieldMask(paths=[name]), after)

    assert getattr(after, name) == 99
    setattr(after, name, getattr(current, name))
    assert after == current
