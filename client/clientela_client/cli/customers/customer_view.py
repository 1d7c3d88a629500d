"""How customers look: in lists with what they bought so far, alone with everything that is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

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
    time_fact,
    word,
)
from clientela_client.cli.words.cell_lists import join_values
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.cli.words.names import last_part
from clientela_client.cli.words.times import pretty_time

if TYPE_CHECKING:
    from clientela_client.messages import Customer, CustomerTotals, Preferences


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


_TABLE: tuple[Column[Customer], ...] = (
    Column("ID", lambda c: last_part(c.name), is_id=True),
    Column("NAME", lambda c: c.display_name, truncatable=True),
    Column(
        "E-MAIL",
        lambda c: ";".join(c.emails),
        lambda c: c.emails[0] if c.emails else "",
        truncatable=True,
        drop_priority=3,
    ),
    Column(
        "PURCHASES",
        lambda c: _each(c, _count),
        lambda c: _each(c, _count, " + "),
        align_right=True,
        drop_priority=2,
    ),
    Column(
        "AMOUNT", lambda c: _each(c, _amount), lambda c: _each(c, _pretty_amount, " + "), align_right=True
    ),
    Column("CURRENCY", lambda c: _each(c, _currency), for_people=False),
    time_column("LAST PURCHASE", lambda c: map(_last, c.totals), drop_priority=1),
    Column("STATE", _state),
)


def _contact_channels(preferences: Preferences) -> list[str]:
    return [enum_word(preferences, "contact_channels", number) for number in preferences.contact_channels]


def _addresses(customer: Customer) -> str:
    """Return the addresses as JSON, as they have too many parts, some of several lines, for columns."""
    if not customer.addresses:
        return ""
    return json.dumps([message_fields(each) for each in customer.addresses], ensure_ascii=False)


# All that an import takes, and beside it what only the server sets.
_FLAT: tuple[Column[Customer], ...] = (
    Column("customer_id", lambda c: last_part(c.name)),
    Column("display_name", lambda c: c.display_name),
    Column("party", lambda c: c.WhichOneof("party") or ""),
    Column("given_name", lambda c: c.person.given_name),
    Column("family_name", lambda c: c.person.family_name),
    Column("legal_name", lambda c: c.organization.legal_name),
    Column("tax_id", lambda c: c.organization.tax_id),
    Column("emails", lambda c: join_values(c.emails)),
    Column("phones", lambda c: join_values(c.phones)),
    Column("addresses", _addresses),
    Column("language_code", lambda c: c.preferences.language_code),
    Column("contact_channels", lambda c: join_values(_contact_channels(c.preferences))),
    Column("categories", lambda c: join_values(c.preferences.categories)),
    Column("marketing_consent", _consent),
    Column("channel", lambda c: word(c.acquisition, "channel")),
    Column("campaign", lambda c: c.acquisition.campaign),
    Column("referrer", lambda c: last_part(c.acquisition.referrer)),
    Column("patron", lambda c: c.patron),
    Column("labels", lambda c: join_values(f"{key}={value}" for key, value in sorted(c.labels.items()))),
    Column("purchase_counts", lambda c: _each(c, _count)),
    Column("amounts", lambda c: _each(c, _amount), is_number=True),
    Column("currencies", lambda c: _each(c, _currency)),
    Column("first_purchase_times", lambda c: _each(c, _first)),
    Column("last_purchase_times", lambda c: _each(c, _last)),
    Column("create_time", lambda c: time(c, "create_time")),
    Column("update_time", lambda c: time(c, "update_time")),
    Column("delete_time", lambda c: time(c, "delete_time")),
    Column("erase_time", lambda c: time(c, "erase_time")),
    Column("uid", lambda c: c.uid),
    Column("etag", lambda c: c.etag),
)


def _labels(customer: Customer, separator: str) -> str:
    return separator.join(f"{key}={value}" for key, value in sorted(customer.labels.items()))


def _listed(key: str, values: Iterable[str]) -> Fact:
    values = list(values)
    return Fact(key, ";".join(values), ", ".join(values))


def _facts(customer: Customer) -> list[Fact]:
    return [*_who(customer), *_bought(customer), *_kept(customer)]


def _who(customer: Customer) -> list[Fact]:
    preferences, acquisition = customer.preferences, customer.acquisition
    return [
        Fact("name", customer.name),
        Fact("state", _state(customer)),
        Fact("display_name", customer.display_name),
        Fact("person.given_name", customer.person.given_name),
        Fact("person.family_name", customer.person.family_name),
        Fact("organization.legal_name", customer.organization.legal_name),
        Fact("organization.tax_id", customer.organization.tax_id),
        _listed("emails", customer.emails),
        _listed("phones", customer.phones),
        _listed(
            "addresses",
            (", ".join([*a.address_lines, a.postal_code, a.locality]) for a in customer.addresses),
        ),
        Fact("preferences.language_code", preferences.language_code),
        _listed("preferences.contact_channels", _contact_channels(preferences)),
        _listed("preferences.categories", preferences.categories),
        Fact("preferences.marketing_consent", _consent(customer)),
        Fact("acquisition.channel", word(acquisition, "channel")),
        Fact("acquisition.campaign", acquisition.campaign),
        Fact("acquisition.referrer", acquisition.referrer),
        Fact("patron", customer.patron),
        Fact("labels", _labels(customer, ";"), _labels(customer, ", ")),
    ]


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


def _kept(customer: Customer) -> list[Fact]:
    return [
        *(time_fact(customer, f"{event}_time") for event in ("create", "update", "delete", "erase")),
        Fact("etag", customer.etag),
        Fact("uid", customer.uid),
    ]


CUSTOMER: View[Customer] = View(
    singular="customer",
    plural="customers",
    table=_TABLE,
    flat=_FLAT,
    facts=_facts,
    name=lambda customer: customer.name,
    fields=message_fields,
)
