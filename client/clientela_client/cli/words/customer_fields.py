"""A customer's fields as options, as CSV columns and as a message: one table maps options to fields.

Read next: customers/customer_commands.py, imports/customer_rows.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.names import customer_name

if TYPE_CHECKING:
    from clientela_client.messages import Customer

# Option name -> field path, as in an update mask (AIP-161).
FIELDS = {
    "display_name": "display_name",
    "given_name": "person.given_name",
    "family_name": "person.family_name",
    "legal_name": "organization.legal_name",
    "tax_id": "organization.tax_id",
    "emails": "emails",
    "phones": "phones",
    "language_code": "preferences.language_code",
    "contact_channels": "preferences.contact_channels",
    "categories": "preferences.categories",
    "marketing_consent": "preferences.marketing_consent",
    "channel": "acquisition.channel",
    "campaign": "acquisition.campaign",
    "referrer": "acquisition.referrer",
    "patron": "patron",
    "labels": "labels",
}
# A customer is a person or an organization (a oneof): to change it, the present one is cleared.
CLEARABLE = (
    *(path for path in FIELDS.values() if path != "display_name"),
    "addresses",
    "person",
    "organization",
)


def _labels(_ctx: click.Context, _param: click.Parameter, entries: Sequence[str]) -> dict[str, str]:
    labels = {}
    for entry in entries:
        key, equals, value = entry.partition("=")
        if not equals or not key:
            raise click.BadParameter(f'"{entry}" is not KEY=VALUE')
        labels[key] = value
    return labels


def customer_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each field except the display name, which create and update word differently."""
    for flag in reversed(
        (
            click.option("--given-name", help="Of a person."),
            click.option("--family-name", help="Of a person."),
            click.option("--legal-name", help="Of an organization, as registered."),
            click.option("--tax-id", help="Of an organization."),
            click.option("--email", "emails", multiple=True, help="Repeatable; the first is preferred."),
            click.option("--phone", "phones", multiple=True, help="+48 22 123-45-67; repeatable."),
            click.option("--language", "language_code", metavar="TAG", help="To write in: pl, lt-LT."),
            click.option(
                "--contact-by",
                "contact_channels",
                multiple=True,
                type=click.Choice(enum_choices.CONTACT_CHANNELS, case_sensitive=False),
                help="Repeatable; the first is preferred.",
            ),
            click.option("--category", "categories", multiple=True, help="Of interest; repeatable."),
            click.option("--consent/--no-consent", "marketing_consent", default=None, help="To marketing."),
            click.option(
                "--channel",
                type=click.Choice(enum_choices.CHANNELS, case_sensitive=False),
                help="What brought the client.",
            ),
            click.option("--campaign", help="Which campaign of that channel."),
            click.option("--referrer", metavar="CUSTOMER", help="The customer who recommended us."),
            click.option("--patron", help="Who on our side looks after this client."),
            click.option(
                "--label", "labels", multiple=True, callback=_labels, metavar="KEY=VALUE", help="Repeatable."
            ),
        )
    ):
        command = flag(command)
    return command


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    # An empty text counts as given: it clears the field. Absent repeatable options are empty.
    return {key: value for key, value in fields.items() if value is not None and value not in ((), {})}


def mask_of(fields: Mapping[str, Any], clear: Sequence[str] = ()) -> list[str]:
    """Return the update mask: paths of the given fields and of those to clear, in the table's order."""
    given = _given(fields)
    both = sorted({FIELDS[key] for key in given} & set(clear))
    if both:
        raise click.UsageError(f"{both[0]} is both given and cleared")
    return [path for key, path in FIELDS.items() if key in given or path in clear] + [
        path for path in clear if path not in FIELDS.values()
    ]


def customer_of(fields: Mapping[str, Any]) -> Customer:
    """Return a Customer from the options' values; raise click.UsageError if both person and organization."""
    from clientela_client.messages import Customer

    given = _given(fields)
    if {"given_name", "family_name"} & given.keys() and {"legal_name", "tax_id"} & given.keys():
        raise click.UsageError(
            "a customer is a person (--given-name, --family-name) or an organization, not both"
        )
    customer = Customer()
    for key, value in given.items():
        message: Any = customer
        *parents, name = FIELDS[key].split(".")
        for parent in parents:
            message = getattr(message, parent)
        _set(message, name, value)
    return customer


def _set(message: Any, field: str, value: Any) -> None:
    from clientela_client.messages import AcquisitionChannel, ContactChannel

    match field:
        case "channel":
            message.channel = AcquisitionChannel.Value(enum_choices.enum_name(enum_choices.CHANNELS, value))
        case "contact_channels":
            names = [enum_choices.enum_name(enum_choices.CONTACT_CHANNELS, word) for word in value]
            message.contact_channels.extend(ContactChannel.Value(name) for name in names)
        case "referrer":
            message.referrer = customer_name(value)
        case "emails" | "phones" | "categories":
            getattr(message, field).extend(value)
        case "labels":
            message.labels.update(value)
        case _:
            setattr(message, field, value)
