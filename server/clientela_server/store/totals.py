"""Running totals in the tables: read and kept within a transaction, written once at its end.

Read next: `domain/totals` for the rule, `transaction` for what notes are.
"""

import json
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from clientela_server.domain.errors import FailedPrecondition
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.totals import Totals
from clientela_server.store.connection import Row
from clientela_server.store.names import customer_not_found, name_of
from clientela_server.store.schema import customers, totals
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
# Two statements: SQLite takes several times longer over their join.
_ALIVE = Statement(
    sa.select(customers.c.delete_us).where(customers.c.customer_id == sa.bindparam("customer_id"))
)
_CURRENT = Statement(
    sa.select(*COLUMNS).where(
        totals.c.customer_id == sa.bindparam("customer_id"), totals.c.currency == sa.bindparam("currency")
    )
)
_ALIVE_MANY = Statement(
    sa.select(customers.c.customer_id, customers.c.delete_us).where(
        customers.c.customer_id.in_(values_of("customer_ids"))
    )
)
_CURRENT_MANY = Statement(
    sa.select(totals.c.customer_id, *COLUMNS).where(totals.c.customer_id.in_(values_of("customer_ids")))
)
# What a customer may be to a purchase.
_ABSENT, _ALIVE_STATE, _DELETED = "absent", "alive", "deleted"
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
    """Look up many customers and their totals at once, so that `buyer` need not ask for each."""
    unknown = [each for each in dict.fromkeys(customer_ids) if transaction.noted(("customer", each)) is None]
    rows = transaction.peek(_ALIVE_MANY, {"customer_ids": json.dumps(unknown)})
    found: dict[str, int | None] = {row[0]: row[1] for row in rows}
    for customer_id in unknown:
        state = _ABSENT if customer_id not in found else _state(found[customer_id])
        transaction.note(("customer", customer_id), state)
    _note_totals(transaction, [customer_id for customer_id in unknown if customer_id in found])


def _note_totals(transaction: Transaction, customer_ids: list[str]) -> None:
    """Note all totals of customers, and that there are no others; those that wait to be written stand."""
    for customer_id, *columns in transaction.peek(_CURRENT_MANY, {"customer_ids": json.dumps(customer_ids)}):
        key = ("totals", customer_id, columns[0])
        if transaction.noted(key) is None:
            transaction.note(key, Running(totals_of_row(tuple(columns)), stored=True))
    for customer_id in customer_ids:
        transaction.note(("all totals", customer_id), True)


def note_new(transaction: Transaction, customer_id: str) -> None:
    """Note a customer that waits to be written, and so has no totals."""
    transaction.note(("customer", customer_id), _ALIVE_STATE)
    transaction.note(("all totals", customer_id), True)


def is_registered(transaction: Transaction, customer_id: str) -> bool:
    """Tell whether there is, or ever was, such a customer."""
    return _customer_state(transaction, customer_id) != _ABSENT


def buyer(transaction: Transaction, customer_id: str, currency: str) -> Totals | None:
    """Find who buys, and give the totals so far; refuse a customer that is not there or is deleted."""
    require_alive(transaction, customer_id)
    return bought(transaction, customer_id, currency)


def require_alive(transaction: Transaction, customer_id: str) -> None:
    """Refuse a customer that is not there or is deleted."""
    state = _customer_state(transaction, customer_id)
    if state == _ABSENT:
        raise customer_not_found(customer_id)
    if state == _DELETED:
        name = name_of(customer_id)
        raise FailedPrecondition("CUSTOMER_DELETED", resource=name, name=name)


def _customer_state(transaction: Transaction, customer_id: str) -> str:
    key = ("customer", customer_id)
    state: str | None = transaction.noted(key)
    if state is None:
        rows = transaction.peek(_ALIVE, {"customer_id": customer_id})
        state = _state(rows[0][0]) if rows else _ABSENT
        transaction.note(key, state)
    return state


def _state(delete_us: int | None) -> str:
    return _ALIVE_STATE if delete_us is None else _DELETED


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
