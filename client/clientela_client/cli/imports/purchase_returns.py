"""Returns in a file of purchases: recorded as refunds of the named purchase, or of the latest match.

Rules
1. A refund is the server's entry of today; the figures take it off the day of the purchase. When it was given
   back, and by which row of a file, is in its reason. By that it is known when the file is imported again.
2. Where nobody names the purchase, it is the latest of that customer, before the row's date, in its currency,
   of which as much is left; where the row and the purchase have article numbers, they have one in common.
3. What fits no purchase is refused, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from clientela_client.cli.words.amounts import NANOS, pretty_amount
from clientela_client.cli.words.names import last_part, purchase_name
from clientela_client.cli.words.times import pretty_time

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import ImportItem, Money, Purchase

_MARK = re.compile(r" ?\([^()]*import [0-9a-f]{12}\)$")
_NOTE_MAX = 1900
#: The server's largest page: an anonymous till's customer has many purchases.
PAGE_MAX = 1000


class NotARefund(ValueError):
    """Raised for a text that names no purchase of the customer."""


class Return(NamedTuple):
    """A return. item: its purchase has the amount, above zero, and refund_of, or ""."""

    item: ImportItem

    @property
    def mark(self) -> str:
        """The suffix of the refund's reason that identifies the row of the file."""
        day = pretty_time(self.item.purchase.purchase_time.ToJsonString())
        return f"({day}, import {self.item.request_id.replace('-', '')[:12]})"

    @property
    def reason(self) -> str:
        """The refund's reason."""
        note = _MARK.sub("", self.item.purchase.note)[:_NOTE_MAX] or "return"
        return f"{note} {self.mark}"


class RefusedReturn(NamedTuple):
    """Why a return was refused: a field or "", the server's reason or "", and a message."""

    field: str
    reason: str
    message: str


def refunded_name(customer: str, text: str) -> str:
    """Return the name of the purchase in a cell, in full or by its id; raise NotARefund."""
    name = purchase_name(text) if "/" in text else f"{customer}/purchases/{text}"
    if not name.startswith(f"{customer}/purchases/"):
        raise NotARefund(f'"{text}" is no purchase of {customer}')
    return name


@dataclass(frozen=True, kw_only=True)
class _LedgerEntry:
    """A customer's purchase or refund, reduced to the fields needed for matching. us: its time."""

    name: str
    us: int
    currency: str
    amount: int
    refunded: int
    refund_of: str
    note: str
    skus: frozenset[str]


class ReturnImporter:
    """Records refunds for returns, row by row, and counts the outcomes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._customer = ""
        self._known: list[_LedgerEntry] = []
        self.imported = 0
        self.duplicates = 0

    def take(self, back: Return) -> RefusedReturn | None:
        """Record the refund unless it exists already; return why if it is refused."""
        from clientela_client import Refused

        try:
            known = self._entries(back.item.customer)
            if any(_is_of(each, back) for each in known):
                self.duplicates += 1
                return None
            name = back.item.purchase.refund_of or _latest(known, back)
            if not name:
                return RefusedReturn("refund_of", "", _no_match_sentence(back))
            self._refund(name, back)
        except Refused as refused:
            if refused.code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
                raise
            field = refused.violations[0].path if refused.violations else ""
            return RefusedReturn(field, refused.reason or "", refused.message)
        self.imported += 1
        return None

    def _refund(self, name: str, back: Return) -> None:
        item = back.item
        made = self._client.purchases.refund(
            name, back.reason, amount=item.purchase.amount, request_id=item.request_id
        )
        given = _nanos(made.amount)
        self._known = [
            replace(each, refunded=each.refunded + given) if each.name == name else each
            for each in self._known
        ]
        self._known.append(_ledger_entry(made))

    def _entries(self, customer: str) -> list[_LedgerEntry]:
        if customer != self._customer:
            self._known = [
                _ledger_entry(each) for each in self._client.purchases.list(customer, page_size=PAGE_MAX)
            ]
            self._customer = customer
        return self._known


def _ledger_entry(entry: Purchase) -> _LedgerEntry:
    return _LedgerEntry(
        name=entry.name,
        us=entry.purchase_time.ToMicroseconds(),
        currency=entry.amount.currency_code,
        amount=_nanos(entry.amount),
        refunded=_nanos(entry.refunded_amount),
        refund_of=entry.refund_of,
        note=entry.note,
        skus=frozenset(_skus(entry)),
    )


def _skus(purchase: Purchase) -> Iterator[str]:
    return (line.sku for line in purchase.lines if line.sku)


def _nanos(money: Money) -> int:
    nanos: int = money.units * NANOS + money.nanos
    return nanos


def _is_of(entry: _LedgerEntry, back: Return) -> bool:
    """Return whether an entry is the refund of this row."""
    purchase = back.item.purchase
    same_name = purchase.name and last_part(entry.name) == last_part(purchase.name)
    return bool(entry.refund_of) and (
        entry.note.endswith(back.mark) or bool(same_name and entry.amount == _nanos(purchase.amount))
    )


def _latest(known: list[_LedgerEntry], back: Return) -> str:
    """Return the latest purchase that matches a return without refund_of, "" if there is none."""
    purchase = back.item.purchase
    until, skus = purchase.purchase_time.ToMicroseconds(), set(_skus(purchase))
    fitting = [
        each
        for each in known
        if not each.refund_of
        and each.us <= until
        and each.currency == purchase.amount.currency_code
        and each.amount - each.refunded >= _nanos(purchase.amount)
        and (not skus or not each.skus or skus & each.skus)
    ]
    return max(fitting, key=lambda each: each.us).name if fitting else ""


def _no_match_sentence(back: Return) -> str:
    amount = back.item.purchase.amount
    paid = pretty_amount(amount.units, amount.nanos, amount.currency_code)
    goods = " of these goods" if any(_skus(back.item.purchase)) else ""
    return f"{back.item.customer} has no purchase{goods} before it of which {paid} can still be given back"
