"""The running totals of one customer in one currency.

The rule: after each entry the totals are what a scan of the customer's whole ledger would give, so that no
scan is ever needed. Purchases may come back-dated, so first and last are a minimum and a maximum.
"""

from typing import NamedTuple

from clientela_server.domain import money
from clientela_server.domain.purchases import Purchase


class Totals(NamedTuple):
    """What a customer bought in one currency; times in microseconds, `amount` in nanos less refunds."""

    currency: str
    purchase_count: int
    amount: int
    first_us: int
    last_us: int


def with_purchase(before: Totals | None, currency: str, amount: int, purchase_us: int) -> Totals:
    """Count one purchase of `amount` nanos; OUT_OF_RANGE if the sum would overflow."""
    if before is None:
        return Totals(currency, 1, money.add(currency, amount), purchase_us, purchase_us)
    return Totals(
        currency,
        before.purchase_count + 1,
        money.add(currency, before.amount, amount),
        min(before.first_us, purchase_us),
        max(before.last_us, purchase_us),
    )


def with_refund(before: Totals, amount: int) -> Totals:
    """Take back `amount` nanos; the purchase happened all the same, so count and times stay."""
    return before._replace(amount=before.amount - amount)


def totals_of(ledger: list[Purchase]) -> dict[str, Totals]:
    """Fold a ledger into totals by currency: purchases, then refunds."""
    totals: dict[str, Totals] = {}
    for entry in sorted(ledger, key=lambda entry: entry.refund_of is not None):
        currency, amount = entry.amount.currency, entry.amount.nanos
        if entry.refund_of is None:
            totals[currency] = with_purchase(totals.get(currency), currency, amount, entry.purchase_us)
        else:
            totals[currency] = with_refund(totals[currency], amount)
    return totals
