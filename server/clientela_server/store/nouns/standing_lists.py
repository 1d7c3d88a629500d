"""Lists of standings: what can be filtered and ordered by, and the query of a page. Segments use them too.

Filters see stage and kinds as they were last looked at; a standing itself is judged when it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.util import find_tables

from clientela_server.domain.days import day_of
from clientela_server.domain.errors import InvalidArgument
from clientela_server.store.aggregates.aggregate_rows import COLUMNS
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import bought_categories, customers, facts
from clientela_server.store.filters.filter_fields import (
    Condition,
    Field,
    Scalar,
    enum,
    matches,
    wrong_operator,
    wrong_value,
)
from clientela_server.store.filters.filter_grammar import Restriction
from clientela_server.store.filters.filter_sql import compile_filter
from clientela_server.store.filters.filter_values import (
    one_of,
    read_decimal,
    read_enum,
    read_integer,
    read_time,
)
from clientela_server.store.filters.paging import Orders, Pages, compile_order, paged
from clientela_server.store.nouns.customer_lists import DISPLAY_NAME, customer_fields
from clientela_server.store.nouns.rfm_fields import RfmScore, Step

_DAY = "a date such as 2026-01-31"
_NUMBER = "a whole number"
# Before every day: a client without purchases is first in an order by time.
_NO_DAY: sa.ColumnClause[int] = sa.literal_column("-100000000")
_ORDERS: Orders = {
    "name": [facts.c.customer_id],
    "purchases": [facts.c.purchases],
    "purchase_days": [facts.c.purchase_days],
    "first_purchase_time": [sa.func.coalesce(facts.c.first_day, _NO_DAY)],
    "last_purchase_time": [sa.func.coalesce(facts.c.last_day, _NO_DAY)],
}


@dataclass(frozen=True)
class Kinds(Field):
    """The kinds, kept as bits: `:` has one of a name; `read` gives its number."""

    names: Mapping[str, int]

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if restriction.operator != ":":
            raise wrong_operator(restriction, ": (has)")
        if restriction.is_present:
            return facts.c.kinds != sa.literal_column("0")
        number = read_enum(self.names, "KIND_")(restriction.value)
        if not number:
            raise wrong_value(restriction, one_of(self.names, "KIND_"))
        return facts.c.kinds.op("&")(1 << number) != sa.literal_column("0")


@dataclass(frozen=True)
class Categories(Field):
    """The categories that were bought: `:` has one."""

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if restriction.operator != ":":
            raise wrong_operator(restriction, ": (has)")
        row = sa.select(bought_categories.c.category).where(
            bought_categories.c.customer_id == facts.c.customer_id
        )
        if restriction.has_wildcard:
            row = row.where(matches(bought_categories.c.category, restriction.pieces))
        else:
            row = row.where(bought_categories.c.category == restriction.value)
        return row.exists()


@dataclass(frozen=True)
class MedianGap(Field):
    """The median gap, kept as twice the days; 0 where there is none, of which only != holds."""

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        none = facts.c.twice_median_gap == sa.literal_column("0")
        if restriction.is_present:
            return sa.not_(none)
        found = _TWICE_MEDIAN_GAP.condition(restriction, key)
        return sa.or_(none, found) if restriction.operator == "!=" else sa.and_(sa.not_(none), found)


def _read_day(text: str) -> int | None:
    us = read_time(text)
    return None if us is None else day_of(us)


def _read_half_days(text: str) -> float | None:
    days = read_decimal(text)
    return None if days is None else float(days * 2)


_TWICE_MEDIAN_GAP = Scalar(facts.c.twice_median_gap, _read_half_days, "a number of days")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows of facts, the sort values of each, if there are more, how many there are in all."""

    rows: Sequence[Row]
    sorted_by: Sequence[Sequence[Any]]
    more: bool
    total: int | None

    def last(self, shown: int) -> Sequence[Any] | None:
        """Return the sort values of the last of so many rows, None where there are no more behind it."""
        return self.sorted_by[shown - 1] if self.more or shown < len(self.rows) else None


class StandingLists:
    """Makes and runs queries over facts; the names are those of the contract's enums."""

    def __init__(
        self,
        stages: Mapping[str, int],
        kinds: Mapping[str, int],
        channels: Mapping[str, int],
        cutpoints: RfmCutpointsCache,
    ) -> None:
        self._fields: dict[str, Field] = {
            **customer_fields(channels),
            "stage": enum(facts.c.stage, stages, "STAGE_"),
            "kinds": Kinds(kinds),
            "purchases": Scalar(facts.c.purchases, read_integer, _NUMBER),
            "purchase_days": Scalar(facts.c.purchase_days, read_integer, _NUMBER),
            "referrals": Scalar(facts.c.referrals, read_integer, _NUMBER),
            "first_purchase_time": Scalar(facts.c.first_day, _read_day, _DAY),
            "last_purchase_time": Scalar(facts.c.last_day, _read_day, _DAY),
            "median_gap_days": MedianGap(),
            "categories": Categories(),
            **{step.value: RfmScore(step, cutpoints) for step in Step},
        }

    def condition(self, text: str, field: str = "filter") -> Condition | None:
        """Read a filter; InvalidArgument where it is wrong. field: where in the request it stands."""
        try:
            return compile_filter(text, self._fields, bare=DISPLAY_NAME)
        except InvalidArgument as refusal:
            raise refusal.at(field) from None

    def ids(self, condition: Condition | None, *, show_deleted: bool = False) -> sa.Select[Any]:
        """Build the query of the ids that match a filter."""
        return _filtered(sa.select(facts.c.customer_id), condition, show_deleted)

    def page(
        self,
        connection: Connection,
        condition: Condition | None,
        order_by: str,
        after: Sequence[Any] | None,
        limit: int,
    ) -> Page:
        """Run the query of one page; the first one counts all."""
        query = _filtered(sa.select(*COLUMNS), condition, show_deleted=False)
        keys = compile_order(order_by, _ORDERS, "name", [facts.c.customer_id])
        rows = connection.query(paged(query, keys, after, limit))
        total = None
        if after is None:
            counted = self.ids(condition).subquery()
            total = int(connection.query(sa.select(sa.func.count()).select_from(counted))[0][0])
        width = len(COLUMNS)
        shown = rows[:limit]
        return Page([row[:width] for row in shown], [row[width:] for row in shown], len(rows) > limit, total)

    def members(
        self,
        connection: Connection,
        conditions: Sequence[Condition | None],
        order_by: str,
        after: Sequence[Any] | None,
        limit: int,
        *,
        show_deleted: bool,
    ) -> tuple[list[Row], Sequence[Any] | None]:
        """Read one page of customers that match all filters, as records and ids, and the last sort values."""
        query = sa.select(customers.c.record, customers.c.customer_id).join_from(
            customers, facts, facts.c.customer_id == customers.c.customer_id
        )
        if not show_deleted:
            query = query.where(facts.c.delete_us.is_(None))
        query = query.where(*(each for each in conditions if each is not None))
        return Pages(query, _ORDERS, "name", [facts.c.customer_id]).read(connection, order_by, after, limit)


def _filtered(query: sa.Select[Any], condition: Condition | None, show_deleted: bool) -> sa.Select[Any]:
    """Add a filter, and the customers where it asks for what only they hold."""
    if not show_deleted:
        query = query.where(facts.c.delete_us.is_(None))
    if condition is None:
        return query
    if customers in find_tables(condition, check_columns=True, include_selects=True):
        query = query.join_from(facts, customers, customers.c.customer_id == facts.c.customer_id)
    return query.where(condition)
