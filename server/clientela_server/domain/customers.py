"""The rules of the registry: who a client is, and what may become of the record.

A customer lives, may be deleted and come back, and may be erased, which is final. Deleting hides; erasing
removes what tells who it was, and leaves what the ledger needs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import NamedTuple

from clientela_server.domain.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from clientela_server.domain.names import require_visible
from clientela_server.domain.totals import Totals
from clientela_server.domain.writing import all_composed, composed, e164, email_key


@dataclass(frozen=True, slots=True)
class Person:
    """A private person."""

    given_name: str | None = None
    family_name: str | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """A firm, an office, an association."""

    legal_name: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address, field by field as in google.type.PostalAddress."""

    revision: int = 0
    region_code: str = ""
    _: KW_ONLY
    language_code: str = ""
    postal_code: str = ""
    sorting_code: str = ""
    administrative_area: str = ""
    locality: str = ""
    sublocality: str = ""
    address_lines: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a client wants to be treated; `marketing_consent` None means never asked."""

    language_code: str | None = None
    contact_channels: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    marketing_consent: bool | None = None


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How a customer was acquired; `referrer` is a customer id."""

    channel: int = 0
    campaign: str | None = None
    referrer: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A client. Times in microseconds; `revision` is that of the last change, and makes the etag."""

    id: str
    _: KW_ONLY
    uid: str = ""
    display_name: str = ""
    party: Person | Organization | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    preferences: Preferences = Preferences()
    acquisition: Acquisition = Acquisition()
    patron: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    create_us: int = 0
    update_us: int = 0
    delete_us: int | None = None
    erase_us: int | None = None
    revision: int = 0

    @property
    def name(self) -> str:
        """The resource name."""
        return f"customers/{self.id}"

    @property
    def etag(self) -> str:
        """The tag of this state, quoted as RFC 9110 has it."""
        return f'"{self.revision}"'

    @property
    def email_keys(self) -> frozenset[str]:
        """The addresses normalized for comparison: case-folded, domains in one form."""
        return frozenset(map(email_key, self.emails))


class CustomerState(NamedTuple):
    """A customer as a record holds it: with its totals by currency in the journal, without in its row."""

    customer: Customer
    totals: Sequence[Totals] = ()

    @property
    def name(self) -> str:
        """The resource name."""
        return self.customer.name


Change = Callable[[Customer], Customer]


def registered(draft: Customer, customer_id: str, uid: str, now_us: int, revision: int) -> Customer:
    """Return a new customer from a draft; InvalidArgument without a name."""
    # Field by field: of an import each customer is made here, and `replace` takes three times as long.
    made = Customer(
        customer_id,
        uid=uid,
        display_name=draft.display_name,
        party=draft.party,
        emails=draft.emails,
        phones=draft.phones,
        addresses=draft.addresses,
        preferences=draft.preferences,
        acquisition=draft.acquisition,
        patron=draft.patron,
        labels=draft.labels,
        create_us=now_us,
        update_us=now_us,
        revision=revision,
    )
    return _checked(_tidied(made), None)


def registered_by_id(customer_id: str, uid: str, now_us: int, revision: int) -> Customer:
    """Return a new customer of whom only the id is known, which is then its name too."""
    if not customer_id.strip():
        raise InvalidArgument.of_field("FIELD_MISSING", "customer.display_name", "required")
    name = composed(customer_id)
    require_visible([("customer.display_name", name)])
    return Customer(
        customer_id, uid=uid, display_name=name, create_us=now_us, update_us=now_us, revision=revision
    )


def updated(current: Customer, change: Change, now_us: int, revision: int) -> Customer:
    """Apply a change; output-only fields stay as they were."""
    alive(current)
    made = replace(
        change(current),
        id=current.id,
        uid=current.uid,
        create_us=current.create_us,
        update_us=now_us,
        delete_us=None,
        erase_us=None,
        revision=revision,
    )
    return _checked(_tidied(made), current)


def deleted(current: Customer, now_us: int, revision: int) -> Customer:
    """Soft-delete a customer; NotFound if it is deleted already (AIP-164)."""
    if current.erase_us is not None:
        raise NotFound("CUSTOMER_ERASED", resource=current.name, name=current.name)
    if current.delete_us is not None:
        raise NotFound("CUSTOMER_DELETED", resource=current.name, name=current.name)
    return replace(current, delete_us=now_us, update_us=now_us, revision=revision)


def undeleted(current: Customer, now_us: int, revision: int) -> Customer:
    """Undelete a customer; refused for an erased one."""
    if current.erase_us is not None:
        raise FailedPrecondition("CUSTOMER_ERASED", resource=current.name, name=current.name)
    if current.delete_us is None:
        raise AlreadyExists("CUSTOMER_NOT_DELETED", resource=current.name, name=current.name)
    return replace(current, delete_us=None, update_us=now_us, revision=revision)


def erased(current: Customer, now_us: int, revision: int) -> Customer:
    """Remove personal data; ids, times and acquisition remain, which the ledger needs."""
    if current.erase_us is not None:
        raise FailedPrecondition("CUSTOMER_ERASED", resource=current.name, name=current.name)
    return replace(
        without_personal_data(current),
        update_us=now_us,
        revision=revision,
        erase_us=now_us,
        delete_us=current.delete_us or now_us,
    )


def without_personal_data(customer: Customer) -> Customer:
    """Return a current or past record without personal data."""
    won = customer.acquisition
    return Customer(
        id=customer.id,
        uid=customer.uid,
        acquisition=Acquisition(won.channel, won.campaign),
        create_us=customer.create_us,
        update_us=customer.update_us,
        delete_us=customer.delete_us,
        erase_us=customer.erase_us,
        revision=customer.revision,
    )


def alive(customer: Customer) -> None:
    """Refuse what can't be done to a deleted customer, nor to an erased one, which can't be undeleted."""
    if customer.erase_us is not None:
        raise FailedPrecondition("CUSTOMER_ERASED", resource=customer.name, name=customer.name)
    if customer.delete_us is not None:
        raise FailedPrecondition("CUSTOMER_DELETED", resource=customer.name, name=customer.name)


def match_etag(current: Customer, etag: str | None) -> None:
    """Raise Aborted if the etag is not current (AIP-154); an empty one matches anything."""
    if etag and etag != current.etag:
        raise Aborted(
            "ETAG_MISMATCH", resource=current.name, name=current.name, etag=etag, current_etag=current.etag
        )


def _tidied(customer: Customer) -> Customer:
    """Normalize fields to their stored form, and remove duplicates."""
    phones = tuple(dict.fromkeys(map(e164, customer.phones)))
    if phones != customer.phones:
        customer = replace(customer, phones=phones)
    if all(map(str.isascii, _texts(customer))):
        return customer
    customer = all_composed(customer)
    categories = tuple(dict.fromkeys(customer.preferences.categories))
    return replace(customer, preferences=replace(customer.preferences, categories=categories))


def _checked(customer: Customer, before: Customer | None) -> Customer:
    if not customer.display_name.strip():
        raise InvalidArgument.of_field("FIELD_MISSING", "customer.display_name", "required")
    known = frozenset(_names(before)) if before else frozenset()
    require_visible(each for each in _names(customer) if each not in known)
    if customer.acquisition.referrer == customer.id:
        raise InvalidArgument.of_field(
            "REFERRER_IS_SELF",
            "customer.acquisition.referrer",
            "must be another customer",
            name=customer.name,
        )
    if len(customer.emails) > 1 and len(customer.email_keys) < len(customer.emails):
        raise InvalidArgument.of_field("EMAIL_TWICE", "customer.emails", "must differ in more than case")
    return customer


def _texts(customer: Customer) -> Iterator[str]:
    """Return all that is free text, names among it."""
    for _, name in _names(customer):
        yield name or ""
    yield from customer.emails
    yield from customer.labels.values()
    for address in customer.addresses:
        for name in Address.__slots__[1:]:
            yield "".join(getattr(address, name))


def _names(customer: Customer) -> Iterator[tuple[str, str | None]]:
    """Return all that is a name, of a client or of what it is about, with the paths of their fields."""
    yield "customer.display_name", customer.display_name
    match customer.party:
        case Person(given_name, family_name):
            yield "customer.person.given_name", given_name
            yield "customer.person.family_name", family_name
        case Organization(legal_name, tax_id):
            yield "customer.organization.legal_name", legal_name
            yield "customer.organization.tax_id", tax_id
    for place, address in enumerate(customer.addresses):
        yield f"customer.addresses[{place}].organization", address.organization
        for which, recipient in enumerate(address.recipients):
            yield f"customer.addresses[{place}].recipients[{which}]", recipient
    for place, category in enumerate(customer.preferences.categories):
        yield f"customer.preferences.categories[{place}]", category
    yield "customer.acquisition.campaign", customer.acquisition.campaign
    yield "customer.patron", customer.patron
