"""Lists and exports of the ledger: what can be filtered and ordered by, and the queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import customers, purchases
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Params, Statement
from clientela_server.store.filters.filter_fields import Amount, Currency, Field, Name, Scalar, Text, enum
from clientela_server.store.filters.filter_sql import filtered
from clientela_server.store.filters.filter_values import read_integer, read_time
from clientela_server.store.filters.paging import Orders, Pages
from clientela_server.store.names import customer_not_found, name_of
from clientela_server.store.nouns.purchases import RECORD, WITH_RECORD, Found, found_of_row

EXPORT_PAGE = 500
# The most that is read of a page on the event loop, and of a customer's purchases.
SHORT_PAGE = 50
SHORT_LEDGER = 200
# Of so many filters the queries are kept.
_FILTERS_MAX = 128
ALL_CUSTOMERS = "-"
_TIME = "a time such as 2026-01-31T12:00:00Z"
_CUSTOMER = Statement(
    sa.select(customers.c.customer_id).where(customers.c.customer_id == sa.bindparam("customer_id"))
)
# All purchases of the customer may have to be looked at to put the page in order.
_FIRST = Statement(
    sa.select(purchases.c.purchase_id)
    .where(purchases.c.customer_id == sa.bindparam("of_customer"))
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_ORDERS: Orders = {
    "revision": [purchases.c.revision],
    "purchase_time": [purchases.c.purchase_us],
    "create_time": [purchases.c.create_us],
    "amount": [purchases.c.units, purchases.c.nanos],
    "name": [purchases.c.customer_id, purchases.c.purchase_id],
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what was found, and the sort values of its last row if there are more."""

    found: list[Found]
    last: Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class Query:
    """The pages of one question, and its parameters; plain: of one customer, without a filter."""

    pages: Pages
    params: Params
    is_plain: bool = False


class PurchaseLists:
    """Makes and runs the queries of the ledger; `enums` are the contract's, by field name."""

    def __init__(self, enums: Mapping[str, tuple[Mapping[str, int], str]]) -> None:
        self._fields: dict[str, Field] = {
            "name": Name("customers/", purchases.c.customer_id, "/purchases/", purchases.c.purchase_id),
            "amount": Amount(purchases.c.units, purchases.c.nanos),
            "amount.currency_code": Currency(purchases.c.currency),
            "purchase_time": Scalar(purchases.c.purchase_us, read_time, _TIME),
            "create_time": Scalar(purchases.c.create_us, read_time, _TIME),
            "refund_of": Text(purchases.c.refund_of),
            "recorded_by": Text(purchases.c.recorded_by),
            "revision": Scalar(purchases.c.revision, read_integer, "a whole number"),
        }
        for name, (values, prefix) in enums.items():
            self._fields[name] = enum(purchases.c[name], values, prefix)
        self._make = lru_cache(_FILTERS_MAX)(self._make_pages)

    def query(self, customer_id: str, filter_text: str) -> Query:
        """Make the query of all pages of one customer, or of all; InvalidArgument for a wrong filter."""
        of_all = customer_id == ALL_CUSTOMERS
        pages, params = self._make(of_all, filter_text), {"of_customer": customer_id}
        return Query(pages, params, is_plain=not of_all and not filter_text)

    def page(
        self,
        connection: Connection,
        query: Query,
        order_by: str,
        after: Sequence[Any] | None,
        limit: int,
    ) -> Page:
        """Run the query of one page."""
        rows, last = query.pages.read(connection, order_by, after, limit, query.params)
        return Page([found_of_row(row) for row in rows], last)

    def is_short(self, connection: Connection, query: Query, limit: int) -> bool:
        """Return whether a page may be read on the event loop: few rows, of a customer with few purchases."""
        if not query.is_plain or limit > SHORT_PAGE:
            return False
        return len(connection.run(_FIRST, {**query.params, "limit": SHORT_LEDGER + 1})) <= SHORT_LEDGER

    def pages(self, connection: Connection, query: Query) -> Iterator[list[Found]]:
        """Run the query page by page, oldest entry first, until there are no more."""
        after: Sequence[Any] | None = None
        while True:
            page = self.page(connection, query, "", after, EXPORT_PAGE)
            if page.found:
                yield page.found
            if page.last is None:
                return
            after = page.last

    def _make_pages(self, of_all: bool, filter_text: str) -> Pages:
        select = sa.select(*RECORD).select_from(WITH_RECORD)
        if not of_all:
            select = select.where(purchases.c.customer_id == sa.bindparam("of_customer", type_=sa.Text))
        unique = [purchases.c.customer_id, purchases.c.purchase_id]
        return Pages(filtered(select, filter_text, self._fields), _ORDERS, "revision", unique)


def require_customer(connection: Connection, customer_id: str) -> None:
    """Raise NotFound if the parent customer does not exist."""
    if customer_id != ALL_CUSTOMERS and not connection.run(_CUSTOMER, {"customer_id": customer_id}):
        raise customer_not_found(name_of(customer_id))
