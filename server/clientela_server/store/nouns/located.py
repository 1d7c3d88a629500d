"""Rows of nouns whose entries are in the journal alone: added, found, and listed by what their columns hold.

Fields of filters and orders follow from the columns: NAME_us is NAME_time, NAME_day is NAME_date, all others
are called as their columns. What people wrote is no column, so that it can be erased in one place.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from clientela_server.domain.errors import AlreadyExists
from clientela_server.store.aggregates.customer_aggregates import require_active
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.filters.filter_fields import Field, Scalar
from clientela_server.store.filters.filter_sql import filtered
from clientela_server.store.filters.filter_values import read_day, read_flag, read_integer, read_time
from clientela_server.store.filters.paging import Orders, Pages
from clientela_server.store.journal.nouns import LocatingRows, Noun, RecordCodec, Resource
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.nouns.purchase_lists import ALL_CUSTOMERS, require_customer


class Recorded(Resource, Protocol):
    """A resource that is recorded of a customer."""

    @property
    def revision(self) -> int:
        """The revision of its entry."""


T = TypeVar("T", bound=Recorded)
Page = tuple[list[bytes], Sequence[Any] | None]


def _plain_row(table: sa.Table) -> Callable[[Any], dict[str, Any]]:
    """Return what makes a row of a resource whose attributes are called as the columns."""
    names = table.columns.keys()
    return lambda resource: {name: getattr(resource, name) for name in names}


def _scalar(column: sa.Column[Any]) -> tuple[str, Field]:
    """Return the field of a column, with its name."""
    stem, _, unit = column.name.rpartition("_")
    match unit, column.type:
        case "us", _:
            return f"{stem}_time", Scalar(column, read_time, "a time such as 2026-01-31T12:00:00Z")
        case "day", _:
            return f"{stem}_date", Scalar(column, read_day, "a day such as 2026-01-31")
        case _, sa.Boolean():
            return column.name, Scalar(column, read_flag, "true or false", ordered=False)
    return column.name, Scalar(column, read_integer, "a whole number")


def recorded(
    name: str, kind: type[T], codec: RecordCodec[T], rows: "LocatedRows", *, texts: Sequence[str] = ()
) -> Noun[T]:
    """Return the registration of a noun that is recorded of customers.

    Args:
        name: of the noun; the other parts of its resource names are the table's.
        kind: the type of its resources, a dataclass.
        codec: of its records.
        rows: its table.
        texts: the fields in which people write, which are emptied when the customer is erased.
    """

    def strip(resource: T) -> T:
        changed: T = replace(resource, **dict.fromkeys(texts, ""))  # type: ignore[type-var]
        return changed

    return Noun(
        name,
        kind,
        codec,
        f"customers/{{customer_id}}/{rows.rows.table.name}/{{{name}_id}}",
        rows=rows.rows,
        revision_of=lambda each: each.revision,
        strip=strip if texts else None,
    )


class LocatedRows:
    """The rows of one noun of customers: its table's key is the customer's id, then its own.

    rows: what the noun registers.
    """

    def __init__(self, table: sa.Table) -> None:
        self.rows: LocatingRows[Any] = LocatingRows(table, _plain_row(table))
        self._insert = insert(table)
        keys = [column == sa.bindparam(column.name) for column in table.primary_key.columns]
        self._exists = Statement(sa.select(table.c.revision).where(*keys))
        columns = [column for column in table.columns if not column.primary_key]
        self._fields = dict(map(_scalar, columns))
        # A page begins behind the values of a row: none of them may be unset.
        self._orders: Orders = {
            name: [column] for name, column in zip(self._fields, columns, strict=True) if not column.nullable
        }

    def add(self, transaction: Transaction, resource: Any) -> None:
        """Enqueue the row of a customer's new resource; AlreadyExists if its name is taken.

        Raises NotFound or FailedPrecondition where the customer is unknown or deleted.
        """
        row = self.rows.row_of(resource)
        require_active(transaction, resource.customer_id)
        if transaction.run(self._exists, row):
            raise AlreadyExists("RESOURCE_EXISTS", resource=resource.name, name=resource.name)
        transaction.enqueue(self._insert, row)

    def page(
        self,
        connection: Connection,
        customer_id: str,
        filter_text: str,
        order_by: str,
        *,
        after: Sequence[Any] | None,
        limit: int,
    ) -> Page:
        """Read one page, of one customer or all, and the sort values of its last row if there are more."""
        require_customer(connection, customer_id)
        table = self.rows.table
        query = sa.select(journal.c.record).join(table, journal.c.revision == table.c.revision)
        if customer_id != ALL_CUSTOMERS:
            query = query.where(table.c.customer_id == customer_id)
        query = filtered(query, filter_text, self._fields)
        pages = Pages(query, self._orders, "revision", [table.c.revision])
        rows, last = pages.read(connection, order_by, after, limit)
        return [row[0] for row in rows], last
