"""Lists of customers: what can be filtered and ordered by, and the query of a page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.writing import email_as_found, phone_as_kept
from clientela_server.store.aggregates.totals import in_order, of_customers
from clientela_server.store.database.answer_size import count_fitting
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import customer_terms, customers
from clientela_server.store.filters.filter_fields import Field, Name, Scalar, Text, enum
from clientela_server.store.filters.filter_sql import filtered
from clientela_server.store.filters.filter_terms import Map, Terms
from clientela_server.store.filters.filter_values import read_flag, read_time
from clientela_server.store.filters.paging import Orders, Pages
from clientela_server.store.nouns.customers import Found, size_of

# Of so many filters the queries are kept.
_FILTERS_MAX = 128
_TIME = "a time such as 2026-01-31T12:00:00Z"
_EMAIL = re.compile("[^@]+@[^@]+")
_PHONE = re.compile("[+][0-9]+")
_LABEL_KEY = re.compile("[a-z][a-z0-9_-]{0,62}")


def _terms(*form: Any) -> Terms:
    return Terms(customer_terms, customers.c.customer_id, *form)


def _tag(column: sa.Column[Any]) -> Text:
    """Return a case-insensitive text field, such as a language tag."""
    folded = sa.func.fold_case(column)
    return Text(column, folded, normalize=str.casefold, operand=folded)


DISPLAY_NAME = Text(customers.c.display_name, customers.c.display_name_folded)
_ORDERS: Orders = {
    "name": [customers.c.customer_id],
    "display_name": [customers.c.display_name],
    "create_time": [customers.c.create_us],
    "update_time": [customers.c.update_us],
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what was found, the last row's sort values if there are more, how many there are in all."""

    found: list[Found]
    last: Sequence[Any] | None
    total: int | None


def customer_fields(channels: Mapping[str, int]) -> dict[str, Field]:
    """Name the fields of a customer that filters know; `channels` are the names of the contract's enum."""
    return {
        "name": Name("customers/", customers.c.customer_id),
        "uid": Text(customers.c.uid, normalize=str.lower),
        "display_name": DISPLAY_NAME,
        "person.given_name": Text(customers.c.given_name),
        "person.family_name": Text(customers.c.family_name),
        "organization.legal_name": Text(customers.c.legal_name),
        "organization.tax_id": Text(customers.c.tax_id),
        "emails": _terms(email_as_found, _EMAIL, "a whole address, or a part with * at its ends"),
        "phones": _terms(
            phone_as_kept, _PHONE, "a number with the country's code, or a part with * at its ends"
        ),
        "preferences.language_code": _tag(customers.c.language_code),
        "preferences.categories": _terms(),
        "preferences.marketing_consent": Scalar(
            customers.c.marketing_consent, read_flag, "true or false", ordered=False
        ),
        "acquisition.channel": enum(customers.c.channel, channels, "ACQUISITION_CHANNEL_"),
        "acquisition.campaign": Text(customers.c.campaign),
        "acquisition.referrer": Name("customers/", customers.c.referrer),
        "patron": Text(customers.c.patron),
        "labels": Map("labels", _terms(), _LABEL_KEY),
        "create_time": Scalar(customers.c.create_us, read_time, _TIME),
        "update_time": Scalar(customers.c.update_us, read_time, _TIME),
        "delete_time": Scalar(customers.c.delete_us, read_time, _TIME),
    }


class CustomerLists:
    """Makes and runs the queries of ListCustomers; `channels` are the names of the contract's enum."""

    def __init__(self, channels: Mapping[str, int]) -> None:
        self._fields = customer_fields(channels)
        self.query = lru_cache(_FILTERS_MAX)(self._make_query)

    def _make_query(self, filter_text: str, show_deleted: bool) -> Pages:
        """Make the query of all pages; InvalidArgument where the filter is wrong."""
        select = sa.select(customers.c.record, customers.c.customer_id)
        if not show_deleted:
            select = select.where(customers.c.delete_us.is_(None))
        matching = filtered(select, filter_text, self._fields, bare=DISPLAY_NAME)
        return Pages(matching, _ORDERS, "name", [customers.c.customer_id])

    def page(
        self,
        connection: Connection,
        query: Pages,
        order_by: str,
        after: Sequence[Any] | None,
        limit: int,
    ) -> Page:
        """Run the query of one page; the first one counts all."""
        rows, last = query.read(connection, order_by, after, limit)
        total = None
        if after is None:
            total = int(
                connection.query(sa.select(sa.func.count()).select_from(query.select.subquery()))[0][0]
            )
        return Page(*with_totals(connection, rows, last), total)


def with_totals(
    connection: Connection, rows: Sequence[Row], last: Sequence[Any] | None
) -> tuple[list[Found], Sequence[Any] | None]:
    """Return the records of a page with the totals of their customers, as far as an answer holds them.

    Rows are led by the record and the id; `last` are the sort values of the last one if there are more.
    """
    bought = of_customers(connection, [row[1] for row in rows])
    found = [(row[0], in_order(bought.get(row[1], {}))) for row in rows]
    shown = count_fitting([size_of(each) for each in found])
    return found[:shown], last if shown == len(found) else rows[shown - 1][2:]
