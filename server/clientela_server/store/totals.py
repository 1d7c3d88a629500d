"""Running totals in the tables: read and kept within a transaction, written once at its end.

Read next: `domain/totals` for the rule, `transaction` for what notes are.
"""

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from clientela_server.domain.errors import FailedPrecondition
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.totals import Totals
from clientela_server.store.names import customer_not_found, name_of
from clientela_server.store.schema import customers, totals
from clientela_server.store.sqlite import Row
from clientela_server.store.statements import Params, Statement, insert
from clientela_server.store.transaction import Transaction

COLUMNS = (
    totals.c.currency,
    totals.c.purchase_count,
    totals.c.units,
    totals.c.nanos,
    totals.c.first_us,
    totals.c.last_us,
)
# Two statements: SQLite takes several times longer over their join.
_ALIVE = Statement(
    sa.select(customers.c.delete_us).where(customers.c.customer_id == sa.bindparam("customer_id"))
)
_CURRENT = Statement(
    sa.select(*COLUMNS).where(
        totals.c.customer_id == sa.bindparam("customer_id"), totals.c.currency == sa.bindparam("currency")
    )
)
_INSERT = insert(totals)
_UPDATE = Statement(
    totals.update()
    .where(
        totals.c.customer_id == sa.bindparam("of_customer"), totals.c.currency == sa.bindparam("of_currency")
    )
    .values(
        {name: sa.bindparam(name) for name in ("purchase_count", "units", "nanos", "first_us", "last_us")}
    )
)


_OF_CUSTOMER = Statement(sa.select(*COLUMNS).where(totals.c.customer_id == sa.bindparam("customer_id")))


class Reads(Protocol):
    """Anything that runs statements: a connection, or a transaction."""

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and give its rows."""


def of_customer(reads: Reads, customer_id: str) -> list[Totals]:
    """Read a customer's totals, by currency."""
    rows = reads.run(_OF_CUSTOMER, {"customer_id": customer_id})
    # Sorted here: SQLite takes longer to see that there is nothing to sort than to read.
    return [totals_of_row(row) for row in (sorted(rows) if len(rows) > 1 else rows)]


def totals_of_row(row: Row) -> Totals:
    """Read totals from currency, count, units, nanos, first and last."""
    currency, count, units, nanos, first_us, last_us = row
    return Totals(currency, count, units * NANOS_PER_UNIT + nanos, first_us, last_us)


@dataclass(frozen=True, slots=True)
class Running:
    """Totals as they are within a transaction, and whether there is a row of them in the table."""

    totals: Totals | None
    stored: bool


def is_registered(transaction: Transaction, customer_id: str) -> bool:
    """Tell whether there is, or ever was, such a customer."""
    if transaction.noted(("customer", customer_id)) is None:
        found = bool(transaction.peek(_ALIVE, {"customer_id": customer_id}))
        if not found:
            return False
        transaction.note(("customer", customer_id), True)
    return True


def buyer(transaction: Transaction, customer_id: str, currency: str) -> Totals | None:
    """Find who buys, and give the totals so far; refuse a customer that is not there or is deleted."""
    known: Running | None = transaction.noted(("totals", customer_id, currency))
    if known is not None:
        return known.totals
    alive = transaction.peek(_ALIVE, {"customer_id": customer_id})
    if not alive and not transaction.noted(("customer", customer_id)):
        raise customer_not_found(customer_id)
    if alive and alive[0][0] is not None:
        name = name_of(customer_id)
        raise FailedPrecondition("CUSTOMER_DELETED", resource=name, name=name)
    return bought(transaction, customer_id, currency)


def bought(transaction: Transaction, customer_id: str, currency: str) -> Totals | None:
    """Give the totals of a customer who need not be there any more: money is given back all the same."""
    rows = transaction.peek(_CURRENT, {"customer_id": customer_id, "currency": currency})
    found = totals_of_row(rows[0]) if rows else None
    transaction.note(("totals", customer_id, currency), Running(found, found is not None))
    return found


def keep(transaction: Transaction, customer_id: str, after: Totals) -> None:
    """Put totals in the place of those read before; they are written once, however often they change."""
    key = ("totals", customer_id, after.currency)
    stored: bool = transaction.noted(key).stored
    units, nanos = divmod(after.amount, NANOS_PER_UNIT)
    values = {
        "purchase_count": after.purchase_count,
        "units": units,
        "nanos": nanos,
        "first_us": after.first_us,
        "last_us": after.last_us,
    }
    if stored:
        row = {"of_customer": customer_id, "of_currency": after.currency, **values}
    else:
        row = {"customer_id": customer_id, "currency": after.currency, **values}
    transaction.later(_UPDATE if stored else _INSERT, row, key)
    transaction.note(key, Running(after, stored))
