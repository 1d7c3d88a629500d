"""The columns and terms of a customer that filters and orders use.

The whole record is stored beside them, and is what reads return. Read next: `customer_lists`.
"""

from collections.abc import Sequence
from typing import Any

from clientela_server.domain.customers import Customer, Organization, Person
from clientela_server.domain.writing import email_as_found


def terms_of(customer: Customer) -> Sequence[tuple[str, str]]:
    """List what filters find in fields that hold many values, each pair once."""
    found = [("emails", key) for key in customer.email_keys]
    found += [("emails", email_as_found(email)) for email in customer.emails]
    found += [("phones", phone) for phone in customer.phones]
    found += [("preferences.categories", category) for category in customer.preferences.categories]
    found += [(f"labels.{key}", value) for key, value in customer.labels.items()]
    return sorted(set(found))


_PERSON, _ORGANIZATION = Person(), Organization()


def row_of(customer: Customer, record: bytes) -> dict[str, Any]:
    """Make the row of a customer."""
    person = customer.party if isinstance(customer.party, Person) else _PERSON
    organization = customer.party if isinstance(customer.party, Organization) else _ORGANIZATION
    return {
        "customer_id": customer.id,
        "uid": customer.uid,
        "display_name": customer.display_name,
        "display_name_folded": customer.display_name.casefold(),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "legal_name": organization.legal_name,
        "tax_id": organization.tax_id,
        "language_code": customer.preferences.language_code,
        "marketing_consent": customer.preferences.marketing_consent,
        "channel": customer.acquisition.channel,
        "campaign": customer.acquisition.campaign,
        "referrer": customer.acquisition.referrer,
        "patron": customer.patron,
        "create_us": customer.create_us,
        "update_us": customer.update_us,
        "delete_us": customer.delete_us,
        "record": record,
    }
