"""Convert customers."""

from collections.abc import Sequence
from typing import Any

from google.type.postal_address_pb2 import PostalAddress

from clientela.v1 import customers_pb2 as pb
from clientela_server.domain.customers import (
    Acquisition,
    Address,
    Customer,
    CustomerState,
    Organization,
    Person,
    Preferences,
)
from clientela_server.domain.money import Money
from clientela_server.domain.totals import Totals
from clientela_server.rpc.codec.values import (
    customer_id,
    from_money,
    from_time,
    revision_of,
    set_money,
    set_time,
    to_time,
)

_NO_PREFERENCES, _NO_ACQUISITION = Preferences(), Acquisition()


def encoded(record: bytes, totals: Sequence[Totals] = (), *, erasure_pending: bool = False) -> bytes:
    """Return a stored customer as serialized, with its current totals.

    Nothing is parsed: concatenated messages parse as one, merged.
    """
    if not totals and not erasure_pending:
        return record
    added = pb.Customer(erasure_pending=erasure_pending)
    add_totals(added, totals)
    return record + added.SerializeToString()


def is_erased(record: bytes) -> bool:
    """Return whether a stored customer was erased."""
    return pb.Customer.FromString(record).HasField("erase_time")


def add_totals(message: pb.Customer, totals: Sequence[Totals]) -> None:
    """Append totals to a message, one for each currency."""
    for each in totals:
        added = message.totals.add(currency_code=each.currency, purchase_count=each.purchase_count)
        # Set in place: messages made to be copied into this one would take three times as long.
        set_money(added.amount, Money(each.currency, each.amount))
        set_time(added.first_purchase_time, each.first_us)
        set_time(added.last_purchase_time, each.last_us)


def read_totals(message: pb.Customer) -> list[Totals]:
    """Return the totals in a message."""
    return [
        Totals(
            each.currency_code,
            each.purchase_count,
            from_money(each.amount).nanos,
            from_time(each.first_purchase_time),
            from_time(each.last_purchase_time),
        )
        for each in message.totals
    ]


def to_message(customer: Customer) -> pb.Customer:
    """Return the message of a customer, without totals."""
    message = pb.Customer(
        name=customer.name,
        uid=customer.uid,
        display_name=customer.display_name,
        emails=customer.emails or None,
        phones=customer.phones or None,
        addresses=[_to_address(address) for address in customer.addresses] or None,
        labels=customer.labels or None,
        patron=customer.patron,
        etag=customer.etag,
    )
    # Set in place: messages made to be copied into this one would take three times as long.
    set_time(message.create_time, customer.create_us)
    set_time(message.update_time, customer.update_us)
    if customer.preferences != _NO_PREFERENCES:
        message.preferences.CopyFrom(_to_preferences(customer.preferences))
    if customer.acquisition != _NO_ACQUISITION:
        message.acquisition.CopyFrom(_to_acquisition(customer.acquisition))
    if customer.delete_us is not None:
        message.delete_time.CopyFrom(to_time(customer.delete_us))
    if customer.erase_us is not None:
        message.erase_time.CopyFrom(to_time(customer.erase_us))
    _set_party(message, customer.party)
    return message


def to_state(state: CustomerState) -> pb.Customer:
    """Return the message of a customer with its totals."""
    message = to_message(state.customer)
    add_totals(message, state.totals)
    return message


def from_state(message: pb.Customer) -> CustomerState:
    """Return a stored customer with its totals."""
    return CustomerState(from_message(message), read_totals(message))


def draft(message: pb.Customer) -> Customer:
    """Return a customer as the caller stated it, without output-only fields."""
    return Customer(id="", **_stated(message))


def from_message(message: pb.Customer) -> Customer:
    """Return a stored customer, without its totals."""
    return Customer(
        id=customer_id(message.name) if message.name else "",
        uid=message.uid,
        create_us=from_time(message.create_time),
        update_us=from_time(message.update_time),
        delete_us=from_time(message.delete_time) if message.HasField("delete_time") else None,
        erase_us=from_time(message.erase_time) if message.HasField("erase_time") else None,
        revision=revision_of(message.etag),
        **_stated(message),
    )


def _stated(message: pb.Customer) -> dict[str, Any]:
    """Return the fields that the caller states."""
    return {
        "display_name": message.display_name,
        "party": _from_party(message),
        "emails": tuple(message.emails),
        "phones": tuple(message.phones),
        "addresses": tuple(_from_address(address) for address in message.addresses),
        "preferences": (
            _from_preferences(message.preferences) if message.HasField("preferences") else _NO_PREFERENCES
        ),
        "acquisition": (
            _from_acquisition(message.acquisition) if message.HasField("acquisition") else _NO_ACQUISITION
        ),
        "patron": message.patron if message.HasField("patron") else None,
        "labels": dict(message.labels),
    }


def _set_party(message: pb.Customer, party: Person | Organization | None) -> None:
    match party:
        case Person(given_name, family_name):
            message.person.CopyFrom(pb.Person(given_name=given_name, family_name=family_name))
        case Organization(legal_name, tax_id):
            message.organization.CopyFrom(pb.Organization(legal_name=legal_name, tax_id=tax_id))


def _from_party(message: pb.Customer) -> Person | Organization | None:
    match message.WhichOneof("party"):
        case "person":
            person = message.person
            return Person(_optional(person, "given_name"), _optional(person, "family_name"))
        case "organization":
            organization = message.organization
            return Organization(_optional(organization, "legal_name"), _optional(organization, "tax_id"))
    return None


def _optional(message: pb.Person | pb.Organization, name: str) -> str | None:
    return str(getattr(message, name)) if message.HasField(name) else None  # type: ignore[arg-type]


def _to_preferences(preferences: Preferences) -> pb.Preferences:
    return pb.Preferences(
        language_code=preferences.language_code,
        contact_channels=[pb.ContactChannel.ValueType(channel) for channel in preferences.contact_channels],
        categories=preferences.categories,
        marketing_consent=preferences.marketing_consent,
    )


def _from_preferences(message: pb.Preferences) -> Preferences:
    return Preferences(
        language_code=message.language_code if message.HasField("language_code") else None,
        contact_channels=tuple(message.contact_channels),
        categories=tuple(message.categories),
        marketing_consent=message.marketing_consent if message.HasField("marketing_consent") else None,
    )


def _to_acquisition(acquisition: Acquisition) -> pb.Acquisition:
    return pb.Acquisition(
        channel=pb.AcquisitionChannel.ValueType(acquisition.channel),
        campaign=acquisition.campaign,
        referrer=f"customers/{acquisition.referrer}" if acquisition.referrer else None,
    )


def _from_acquisition(message: pb.Acquisition) -> Acquisition:
    return Acquisition(
        channel=message.channel,
        campaign=message.campaign if message.HasField("campaign") else None,
        referrer=customer_id(message.referrer) if message.referrer else None,
    )


def _to_address(address: Address) -> PostalAddress:
    return PostalAddress(**{name: getattr(address, name) for name in Address.__slots__})


def _from_address(message: PostalAddress) -> Address:
    values = {name: getattr(message, name) for name in Address.__slots__}
    for name in ("address_lines", "recipients"):
        values[name] = tuple(values[name])
    return Address(**values)
