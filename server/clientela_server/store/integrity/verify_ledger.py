"""Verification of refunds and totals against purchases; `verify_rows` holds purchases against the journal.

All is read in the order of an index, page by page, so that memory does not grow with the ledger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa

from clientela_server.domain.money import NANOS_PER_UNIT, Money
from clientela_server.domain.totals import Totals, with_purchase, with_refund
from clientela_server.store.aggregates.rebuild import NOT_MADE, are_made
from clientela_server.store.aggregates.totals import of_customers, totals_of_text
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import facts, purchases
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.integrity.verify_rows import Found
from clientela_server.store.names import purchase_name

_PAGE = 1000
_BY_CUSTOMER = Statement(
    sa.select(
        purchases.c.customer_id,
        purchases.c.purchase_id,
        purchases.c.currency,
        purchases.c.units,
        purchases.c.nanos,
        purchases.c.purchase_us,
        purchases.c.refund_of,
        purchases.c.refunded_units,
        purchases.c.refunded_nanos,
    )
    .where(
        sa.tuple_(purchases.c.customer_id, purchases.c.purchase_id)
        > sa.tuple_(sa.bindparam("after_customer"), sa.bindparam("after_purchase"))
    )
    .order_by(purchases.c.customer_id, purchases.c.purchase_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_BOUGHT = sa.select(purchases.c.purchase_id).where(
    purchases.c.customer_id == facts.c.customer_id, purchases.c.refund_of.is_(None)
)
_UNFOUNDED = Statement(
    sa.select(facts.c.customer_id, facts.c.totals)
    .where(facts.c.totals != sa.literal_column("''"), ~_BOUGHT.exists())
    .limit(LIMIT)
    .offset(NO_OFFSET)
)


@dataclass(slots=True)
class _Book:
    """The sums of one customer's ledger rows."""

    totals: dict[str, Totals] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    refunded_refunds: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Add an entry; refunds are deferred until all purchases are added."""
        customer_id, purchase_id, currency, units, nanos, purchase_us, refund_of, back_units, back_nanos = row
        amount = units * NANOS_PER_UNIT + nanos
        if refund_of is not None:
            self.refunds[refund_of] = self.refunds.get(refund_of, 0) + amount
            if back_units or back_nanos:
                self.refunded_refunds.append(purchase_name(customer_id, purchase_id))
            return
        self.totals[currency] = with_purchase(self.totals.get(currency), currency, amount, purchase_us)
        self.refunded[purchase_name(customer_id, purchase_id)] = (
            currency,
            amount,
            back_units * NANOS_PER_UNIT + back_nanos,
        )

    def settle(self) -> Iterator[str]:
        """Subtract the refunds, and yield the faults found."""
        for name, (currency, paid, kept) in self.refunded.items():
            back = self.refunds.pop(name, 0)
            if back != kept:
                held, given = Money(currency, kept), Money(currency, back)
                yield f"{name}: {held} kept as refunded, its refunds come to {given}"
            if back > paid:
                yield f"{name}: {Money(currency, back)} refunded of {Money(currency, paid)}"
            self.totals[currency] = with_refund(self.totals[currency], back)
        yield from (f"{name}: refunded, and is not there" for name in self.refunds)
        yield from (
            f"{name}: is a refund, and money is kept as given back of it" for name in self.refunded_refunds
        )


def totals_as_purchases(connection: Connection) -> Found:
    """Recompute every customer's totals and compare them with the stored ones."""
    if not are_made(connection):
        return NOT_MADE, []
    faults: list[str] = []
    wanted: dict[str, dict[str, Totals]] = {}
    count = 0
    for customer_id, rows in groupby(_by_customer(connection), key=lambda row: row[0]):
        book = _Book()
        for row in rows:
            book.add(row)
        faults += book.settle()
        wanted[customer_id] = book.totals
        count += len(book.totals)
        if len(wanted) == _PAGE:
            faults += _compared(connection, wanted)
            wanted = {}
    faults += _compared(connection, wanted)
    for customer_id, text in connection.run(_UNFOUNDED, {"limit": _PAGE}):
        faults += [_unfounded(customer_id, currency) for currency in totals_of_text(text)]
    return f"{count:,}, each what its purchases and refunds come to", faults


def _by_customer(connection: Connection) -> Iterator[Row]:
    after = ("", "")
    while True:
        customer_id, purchase_id = after
        page = {"after_customer": customer_id, "after_purchase": purchase_id, "limit": _PAGE}
        rows = connection.run(_BY_CUSTOMER, page)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1][0], rows[-1][1]


def _compared(connection: Connection, wanted: dict[str, dict[str, Totals]]) -> Iterable[str]:
    kept = of_customers(connection, list(wanted))
    for customer_id, right in wanted.items():
        found = kept.get(customer_id, {})
        yield from (_unfounded(customer_id, currency) for currency in found if currency not in right)
        for currency in right:
            has, comes = found.get(currency), right[currency]
            if has != comes:
                yield f"customers/{customer_id}: {_told(has)} kept, its ledger comes to {_told(comes)}"


def _unfounded(customer_id: str, currency: str) -> str:
    return f"customers/{customer_id}: totals in {currency} are kept, and nothing was bought"


def _told(each: Totals | None) -> str:
    if each is None:
        return "nothing"
    amount = Money(each.currency, each.amount)
    return f"{amount} in {each.purchase_count} purchases from {each.first_us} to {each.last_us} us"
