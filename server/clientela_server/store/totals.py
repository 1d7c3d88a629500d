"""Running totals in the tables: read and kept within a transaction, written once at its end.

Read next: `domain/totals` for the rule, `transaction` for what notes are.
"""

import json
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.totals import Totals
from clientela_server.store.connection import Row
from clientela_server.store.facts import note_many, require_alive
from clientela_server.store.schema import totals
from clientela_server.store.statements import Params, Statement, insert, values_of
from clientela_server.store.transaction import Transaction

COLUMNS = (
    totals.c.currency,
    totals.c.purchase_count,
    totals.c.units,
    totals.c.nanos,
    totals.c.first_us,
    totals.c.last_us,
)
_CURRENT = Statement(
    sa.select(*COLUMNS).where(
        totals.c.customer_id == sa.bindparam("customer_id"), totals.c.currency == sa.bindparam("currency")
    )
)
_CURRENT_MANY = Statement(
    sa.select(totals.c.customer_id, *COLUMNS).where(totals.c.customer_id.in_(values_of("customer_ids")))
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


def note_buyers(transaction: Transaction, customer_ids: list[str]) -> None:
    """Look up many customers, their facts and their totals at once, so that none need be asked for alone."""
    _note_totals(transaction, note_many(transaction, customer_ids))


def _note_totals(transaction: Transaction, customer_ids: list[str]) -> None:
    """Note all totals of customers, and that there are no others; those that wait to be written stand."""
    for customer_id, *columns in transaction.peek(_CURRENT_MANY, {"customer_ids": json.dumps(customer_ids)}):
        key = ("totals", customer_id, columns[0])
        if transaction.noted(key) is None:
            transaction.note(key, Running(totals_of_row(tuple(columns)), stored=True))
    for customer_id in customer_ids:
        transaction.note(("all totals", customer_id), True)


def note_new(transaction: Transaction, customer_id: str) -> None:
    """Note of a customer that waits to be written that it has no totals."""
    transaction.note(("all totals", customer_id), True)


def buyer(transaction: Transaction, customer_id: str, currency: str) -> Totals | None:
    """Find who buys, and give the totals so far; refuse a customer that is not there or is deleted."""
    require_alive(transaction, customer_id)
    return bought(transaction, customer_id, currency)


def bought(transaction: Transaction, customer_id: str, currency: str) -> Totals | None:
    """Give the totals of a customer who need not be there any more: money is given back all the same."""
    key = ("totals", customer_id, currency)
    known: Running | None = transaction.noted(key)
    if known is None:
        known = _read_totals(transaction, customer_id, currency)
        transaction.note(key, known)
    return known.totals


def _read_totals(transaction: Transaction, customer_id: str, currency: str) -> Running:
    if transaction.noted(("all totals", customer_id)):
        return Running(None, stored=False)
    rows = transaction.peek(_CURRENT, {"customer_id": customer_id, "currency": currency})
    return Running(totals_of_row(rows[0]), stored=True) if rows else Running(None, stored=False)


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
