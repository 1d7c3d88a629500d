"""Computes a purchase's amount and lines from its rows: amounts, prices and discounts as money.

Rules: amounts move as digits, never as floats. What lowers the amount, a discount or a row below zero beside
others, is a line of quantity 0 without a price that says so, for lines have no negative price; the amount is
then stated. Rows that come to less than zero are money given back (purchase_returns.py).
Read next: amount_texts.py, rounding.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from clientela_client.cli.imports.files.csv_file import Row, RowProblem
from clientela_client.cli.imports.files.exported_cells import NotSuchACell, lines_of
from clientela_client.cli.imports.purchase_columns import LINE_COLUMNS, PurchaseImportOptions
from clientela_client.cli.imports.rounding import in_coins
from clientela_client.cli.words.amount_texts import with_decimal_point
from clientela_client.cli.words.amounts import (
    NANOS,
    UNITS_MAX,
    NotAnAmount,
    is_currency,
    parse_amount,
    plain_amount,
)

if TYPE_CHECKING:
    from clientela_client.messages import Money, Purchase, PurchaseLine


class PurchaseAmounts:
    """Computes amounts and lines. cell: returns a row's cell by our column name, "" if there is none."""

    def __init__(
        self,
        cell: Callable[[Row, str], str],
        places: Mapping[str, int],
        options: PurchaseImportOptions,
        separator: str,
    ) -> None:
        self._cell = cell
        self._decimal = options.decimal
        self._comma_separated = separator == ","
        self._has_lines = any(column in places for column in LINE_COLUMNS)
        self._has_json = "lines" in places
        self._has_discounts = "discount" in places
        self._currency_of_file = options.currency or ""
        self._currencies: set[str] = set()

    def fill(self, purchase: Purchase, rows: list[Row]) -> Row | None:
        """Set the lines, and the amount as the exact sum of the rows' amounts where they have them.

        Return the row that says that money was given back, where they come to less than zero: then the amount
        is what was given back, and above zero.
        """
        head = rows[0]
        currency = self._currency(head)
        total = self._amount(head, "amount")
        lowered = self._take(purchase, head, currency, total)
        for row in rows[1:]:
            amount = self._of_more(row, currency, total)
            lowered = self._take(purchase, row, currency, amount) or lowered
            if amount is not None and total is not None:
                total += amount
        if lowered:
            return self._state(purchase, rows, currency, lowered)
        if total is not None:
            self._set_money(purchase.amount, total, currency, head, "amount")
        return None

    def _of_more(self, row: Row, currency: str, total: int | None) -> int | None:
        """Return the amount of a further row, if it has one; refuse it where it contradicts those before."""
        own = self._currency(row)
        if own != currency:
            raise RowProblem(row, "currency", f"{differ(currency, own)}; one purchase has one currency")
        amount = self._amount(row, "amount")
        if (amount is None) != (total is None):
            raise RowProblem(row, "amount", "some rows of the purchase have an amount and some have none")
        return amount

    def _take(self, purchase: Purchase, row: Row, currency: str, amount: int | None) -> Row | None:
        """Add the row's line, if there is one; refuse a row with neither amount nor price.

        Return the row, if it lowers what is paid.
        """
        lowers = amount is not None and amount < 0
        if self._has_lines:
            lowers = self._add_line(purchase.lines.add(), row, currency) or lowers
            if not purchase.lines[-1].ByteSize():
                del purchase.lines[-1]
        if self._has_json and self._cell(row, "lines"):
            self._add_lines(purchase, row)
        elif amount is None and not self._cell(row, "unit_price"):
            raise RowProblem(row, "amount", "there is neither an amount nor a unit_price")
        return row if lowers or (self._has_discounts and self._cell(row, "discount")) else None

    def _add_line(self, line: PurchaseLine, row: Row, currency: str) -> bool:
        """Fill a line; return whether it is negative."""
        below = False
        for column in LINE_COLUMNS:
            text = self._cell(row, column)
            if not text:
                continue
            if column == "quantity":
                line.quantity.value = quantity = self._number(row, column, text)
                below = below or quantity[0] == "-"
            elif column == "unit_price":
                price = self._amount(row, column) or 0
                self._set_money(line.unit_price, price, currency, row, column)
                below = below or price < 0
            else:
                setattr(line, column, text)
        return below

    def _add_lines(self, purchase: Purchase, row: Row) -> None:
        try:
            purchase.lines.extend(lines_of(self._cell(row, "lines")))
        except NotSuchACell as problem:
            raise RowProblem(row, "lines", str(problem)) from None

    def _state(self, purchase: Purchase, rows: list[Row], currency: str, lowered: Row) -> Row | None:
        """Set lines and amount anew, of rows of which some lower it; return `lowered` if it is below zero."""
        del purchase.lines[:]
        total = 0
        for row in rows:
            gross, discount = self._gross(row, currency), 0
            if self._has_discounts and (text := self._cell(row, "discount")):
                discount = self._discount(row, text, gross, currency)
            amount = self._amount(row, "amount")
            if amount is not None and discount and amount != gross - discount:
                raise RowProblem(row, "amount", _contradicts(amount, gross, discount, currency))
            worth = gross - discount if amount is None else amount
            self._describe(purchase, row, currency, worth, discount)
            total += worth
        self._set_money(purchase.amount, abs(total), currency, lowered, "amount")
        return lowered if total < 0 else None

    def _gross(self, row: Row, currency: str) -> int:
        """Return quantity times price in nanos, rounded to the minor unit; 0 without a price."""
        price = self._amount(row, "unit_price") or 0
        text = self._cell(row, "quantity")
        try:
            quantity = Fraction(self._number(row, "quantity", text)) if text else Fraction(1)
        except ValueError:
            raise RowProblem(row, "quantity", f'"{text}" is no number') from None
        exact = quantity * price
        return in_coins(abs(exact), currency) * (-1 if exact < 0 else 1)

    def _discount(self, row: Row, text: str, gross: int, currency: str) -> int:
        """Return the row's discount in nanos: an amount, or a percentage of the gross."""
        if not self._cell(row, "unit_price"):
            fact = "is of a row without a unit_price: an amount is what was paid, with the discount taken off"
            raise RowProblem(row, "discount", fact)
        share = text.removesuffix("%").rstrip() if text.endswith("%") else ""
        found = self._nanos(row, "discount", share or text)
        if share:
            found = in_coins(Fraction(gross * found, 100 * NANOS), currency) if gross > 0 else 0
        if found < 0 or found > max(gross, 0):
            raise RowProblem(row, "discount", f'"{text}" is below zero, or more than the price of the row')
        return found

    def _describe(self, purchase: Purchase, row: Row, currency: str, worth: int, discount: int) -> None:
        """Add the row's line, and its discount as a line of its own."""
        if self._has_json and self._cell(row, "lines"):
            self._add_lines(purchase, row)
        elif self._has_lines:
            line = purchase.lines.add()
            self._add_line(line, row, currency)
            if worth < 0:
                what = f"{line.description} " if line.description else ""
                _lower(line, f"{what}(return: {_money(worth, currency)})")
            if discount:
                lower = purchase.lines.add()
                lower.CopyFrom(line)
                _lower(lower, f"discount {_money(discount, currency)}")

    def _currency(self, row: Row) -> str:
        currency = self._cell(row, "currency") or self._currency_of_file
        if currency not in self._currencies:
            if not is_currency(currency):
                raise RowProblem(row, "currency", _no_currency(currency))
            self._currencies.add(currency)
        return currency

    def _amount(self, row: Row, column: str) -> int | None:
        """Return a cell in billionths, None if it is empty."""
        text = self._cell(row, column)
        return self._nanos(row, column, text) if text else None

    def _nanos(self, row: Row, column: str, text: str) -> int:
        try:
            units, nanos = parse_amount(self._number(row, column, text))
        except NotAnAmount as problem:
            raise RowProblem(row, column, str(problem)) from None
        return units * NANOS + nanos

    def _number(self, row: Row, column: str, text: str) -> str:
        if text.isdecimal():
            return text
        try:
            return with_decimal_point(text, self._decimal, comma_separated=self._comma_separated)
        except NotAnAmount as problem:
            raise RowProblem(row, column, str(problem)) from None

    def _set_money(self, money: Money, amount: int, currency: str, row: Row, column: str) -> None:
        units, nanos = divmod(abs(amount), NANOS)
        if units > UNITS_MAX:
            raise RowProblem(row, column, "the sum is more than money can hold")
        sign = -1 if amount < 0 else 1
        money.currency_code = currency
        money.units = sign * units
        if nanos:
            money.nanos = sign * nanos


def differ(one: str, other: str) -> str:
    """Return the reason of a purchase whose rows say two things."""
    return f'rows of one purchase differ: "{one}" and "{other}"'


def _lower(line: PurchaseLine, description: str) -> None:
    """Make a line one that only says why less is paid."""
    line.description = description
    line.quantity.value = "0"
    line.ClearField("unit_price")


def _money(nanos: int, currency: str) -> str:
    return f"{plain_amount(*divmod(abs(nanos), NANOS), currency)} {currency}"


def _contradicts(amount: int, gross: int, discount: int, currency: str) -> str:
    paid, price, less = (_money(each, currency) for each in (amount, gross, discount))
    return f"it is {paid}, but {price} less {less} is {_money(gross - discount, currency)}"


def _no_currency(text: str) -> str:
    return f'"{text}" is no currency: three capital letters (ISO 4217)' if text else "there is no currency"
