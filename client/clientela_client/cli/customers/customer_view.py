"""How customers look: in lists with what they bought so far, alone with everything that is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from clientela_client.cli.output.fields import Field, field, time_field, view_of
from clientela_client.cli.output.views import (
    Column,
    Fact,
    View,
    enum_word,
    message_fields,
    money,
    pretty_money,
    time,
    time_column,
    word,
)
from clientela_client.cli.words.cell_lists import join_values
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.cli.words.names import last_part
from clientela_client.cli.words.times import pretty_time

if TYPE_CHECKING:
    from clientela_client.messages import Customer, CustomerTotals, PostalAddress, Preferences


def _state(customer: Customer) -> str:
    if customer.HasField("erase_time"):
        return "erased"
    return "deleted" if customer.HasField("delete_time") else ""


def _consent(customer: Customer) -> str:
    if not customer.preferences.HasField("marketing_consent"):
        return ""
    return "yes" if customer.preferences.marketing_consent else "no"


def _each(customer: Customer, cell: Callable[[CustomerTotals], str], separator: str = ";") -> str:
    """Return one cell for all currencies of a customer."""
    return separator.join(map(cell, customer.totals))


def _count(total: CustomerTotals) -> str:
    return f"{total.purchase_count}"


def _amount(total: CustomerTotals) -> str:
    return money(total.amount)


def _pretty_amount(total: CustomerTotals) -> str:
    return pretty_money(total.amount)


def _currency(total: CustomerTotals) -> str:
    return total.currency_code


def _first(total: CustomerTotals) -> str:
    return time(total, "first_purchase_time")


def _last(total: CustomerTotals) -> str:
    return time(total, "last_purchase_time")


def _contact_channels(preferences: Preferences) -> list[str]:
    return [enum_word(preferences, "contact_channels", number) for number in preferences.contact_channels]


def _addresses(customer: Customer) -> str:
    """Return the addresses as JSON, as they have too many parts, some of several lines, for columns."""
    if not customer.addresses:
        return ""
    return json.dumps([message_fields(each) for each in customer.addresses], ensure_ascii=False)


def _address_line(address: PostalAddress) -> str:
    return ", ".join([*address.address_lines, address.postal_code, address.locality])


def _labels(customer: Customer) -> list[str]:
    return [f"{key}={value}" for key, value in sorted(customer.labels.items())]


def _listed(key: str, values: Iterable[str]) -> Fact:
    values = list(values)
    return Fact(key, ";".join(values), ", ".join(values))


def _bought(customer: Customer) -> list[Fact]:
    return [fact for total in customer.totals for fact in _total(total)]


def _total(total: CustomerTotals) -> list[Fact]:
    """Return one line for people, and the figures one by one for programs."""
    key = f"totals.{total.currency_code}"
    purchases = pluralized(total.purchase_count, "purchase")
    first, last = pretty_time(_first(total)), pretty_time(_last(total))
    days = first if first == last else f"{first} to {last}"
    bought = ", ".join(text for text in (purchases, _pretty_amount(total), days) if text)
    return [
        Fact("bought", "", bought),
        Fact(f"{key}.purchase_count", _count(total), ""),
        Fact(f"{key}.amount", _amount(total), ""),
        Fact(f"{key}.first_purchase_time", _first(total), ""),
        Fact(f"{key}.last_purchase_time", _last(total), ""),
    ]


def _texts(key: str, values: Callable[[Customer], Iterable[str]]) -> Field[Customer]:
    """Return the field of many texts: joined as an import reads them, and listed for people."""
    return Field(
        flat=Column(key.rpartition(".")[2], lambda c: join_values(values(c))),
        facts=lambda c: [_listed(key, values(c))],
    )


# The CSV file has all that an import takes, and beside it what only the server sets.
_FIELDS: tuple[Field[Customer], ...] = (
    field(lambda c: c.name, fact="name"),
    field(_state, fact="state"),
    field(lambda c: last_part(c.name), table="ID", flat="customer_id", is_id=True),
    field(lambda c: c.display_name, table="NAME", flat="display_name", fact="display_name", truncatable=True),
    field(
        lambda c: ";".join(c.emails),
        lambda c: c.emails[0] if c.emails else "",
        table="E-MAIL",
        truncatable=True,
        drop_priority=3,
    ),
    field(lambda c: c.WhichOneof("party") or "", flat="party"),
    field(lambda c: c.person.given_name, flat="given_name", fact="person.given_name"),
    field(lambda c: c.person.family_name, flat="family_name", fact="person.family_name"),
    field(lambda c: c.organization.legal_name, flat="legal_name", fact="organization.legal_name"),
    field(lambda c: c.organization.tax_id, flat="tax_id", fact="organization.tax_id"),
    _texts("emails", lambda c: c.emails),
    _texts("phones", lambda c: c.phones),
    field(_addresses, flat="addresses"),
    Field(facts=lambda c: [_listed("addresses", map(_address_line, c.addresses))]),
    field(lambda c: c.preferences.language_code, flat="language_code", fact="preferences.language_code"),
    _texts("preferences.contact_channels", lambda c: _contact_channels(c.preferences)),
    _texts("preferences.categories", lambda c: c.preferences.categories),
    field(_consent, flat="marketing_consent", fact="preferences.marketing_consent"),
    field(lambda c: word(c.acquisition, "channel"), flat="channel", fact="acquisition.channel"),
    field(lambda c: c.acquisition.campaign, flat="campaign", fact="acquisition.campaign"),
    field(lambda c: last_part(c.acquisition.referrer), flat="referrer"),
    field(lambda c: c.acquisition.referrer, fact="acquisition.referrer"),
    field(lambda c: c.patron, flat="patron", fact="patron"),
    field(lambda c: join_values(_labels(c)), flat="labels"),
    field(lambda c: ";".join(_labels(c)), lambda c: ", ".join(_labels(c)), fact="labels"),
    field(
        lambda c: _each(c, _count),
        lambda c: _each(c, _count, " + "),
        table="PURCHASES",
        align_right=True,
        drop_priority=2,
    ),
    field(lambda c: _each(c, _count), flat="purchase_counts"),
    field(
        lambda c: _each(c, _amount),
        lambda c: _each(c, _pretty_amount, " + "),
        table="AMOUNT",
        align_right=True,
    ),
    field(lambda c: _each(c, _amount), flat="amounts", is_number=True),
    field(lambda c: _each(c, _currency), table="CURRENCY", flat="currencies", for_people=False),
    field(lambda c: _each(c, _first), flat="first_purchase_times"),
    Field(table=time_column("LAST PURCHASE", lambda c: map(_last, c.totals), drop_priority=1)),
    field(lambda c: _each(c, _last), flat="last_purchase_times"),
    Field(facts=_bought),
    field(_state, table="STATE"),
    *(time_field(f"{event}_time") for event in ("create", "update", "delete", "erase")),
    field(lambda c: c.etag, fact="etag"),
    field(lambda c: c.uid, flat="uid", fact="uid"),
    field(lambda c: c.etag, flat="etag"),
)

CUSTOMER: View[Customer] = view_of("customer", "customers", _FIELDS)
