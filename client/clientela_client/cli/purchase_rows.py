"""Rows of a CSV file as purchases: what each column means, and which rows are one purchase.

Rules: amounts move as digits, never as floats; consecutive rows with one customer and purchase_id are the
lines of one purchase; every purchase is stamped with a request id derived from the file and the place of
its first row.
Read next: purchase_import.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from typing import TYPE_CHECKING

from clientela_client.cli import words
from clientela_client.cli.amounts import NANOS, UNITS_MAX, NotAnAmount, is_currency, parse_amount
from clientela_client.cli.csv_file import CsvFile, Reject, Row, RowProblem, derived_request_id
from clientela_client.cli.names import customer_name
from clientela_client.cli.purchase_columns import LINE_COLUMNS, Terms, find_columns
from clientela_client.cli.times import NotATime, parse_time

if TYPE_CHECKING:
    from clientela_client.messages import ImportItem, Money, Purchase

_LINES_MAX = 500


class PurchaseRows:
    """A file read as purchases, in file order, as often as it is iterated.

    Each is (its first row, an ImportItem), or (the row that is wrong, a Reject).
    """

    def __init__(self, file: CsvFile, terms: Terms) -> None:
        from clientela_client import messages

        self._file = file
        self._place = find_columns(file, terms)
        self._has_lines = any(column in self._place for column in LINE_COLUMNS)
        self._currency_of_file = terms.currency or ""
        self._source = messages.PurchaseSource.Value(terms.source)
        self._messages = messages

    def __iter__(self) -> Iterator[tuple[Row, ImportItem | Reject]]:
        for rows in self._purchases():
            try:
                yield rows[0], self._item(rows)
            except RowProblem as problem:
                yield problem.row, self.reject(problem.row, problem.column, problem.reason)
            except UnicodeEncodeError:
                yield rows[0], self.reject(rows[0], "", "the row is not UTF-8")

    def reject(self, row: Row, column: str, reason: str) -> Reject:
        """Return a refusal of a row; column: ours, which is turned into theirs."""
        place = self._place.get(column)
        return Reject(row.line, self._file.header[place] if place is not None else column, reason, row.cells)

    def _purchases(self) -> Iterator[list[Row]]:
        """Yield the rows of one purchase at a time: one row, or consecutive ones with one purchase_id."""
        if "purchase_id" not in self._place:
            for row in self._file.rows():
                yield [row]
            return
        for key, rows in groupby(self._file.rows(), self._purchase_key):
            if not key[1]:
                for row in rows:
                    yield [row]
            else:
                # One row too many is enough to see it, and keeps a file of one purchase in bounds.
                yield list(islice(rows, _LINES_MAX + 1))

    def _purchase_key(self, row: Row) -> tuple[str, str]:
        if row.problem:
            return "", ""
        return self._cell(row, "customer_id"), self._cell(row, "purchase_id")

    def _cell(self, row: Row, column: str) -> str:
        place = self._place.get(column)
        return "" if place is None else row.cells[place].strip()

    def _item(self, rows: list[Row]) -> ImportItem:
        head = rows[0]
        if head.problem:
            raise RowProblem(head, "", head.problem)
        if len(rows) > _LINES_MAX:
            raise RowProblem(head, "purchase_id", f"the purchase has more than {_LINES_MAX} lines")
        customer_id = self._cell(head, "customer_id")
        if not customer_id:
            raise RowProblem(head, "customer_id", "there is no customer_id")
        customer = customer_name(customer_id)
        item = self._messages.ImportItem(
            customer=customer, request_id=derived_request_id(self._file.digest, head.index)
        )
        purchase = item.purchase
        if purchase_id := self._cell(head, "purchase_id"):
            purchase.name = f"{customer}/purchases/{purchase_id}"
        self._fill(purchase, head)
        self._fill_amount(purchase, rows)
        return item

    def _fill(self, purchase: Purchase, head: Row) -> None:
        """Set what concerns the purchase as a whole; it is read from its first row."""
        try:
            seconds, nanos = parse_time(self._cell(head, "date"))
        except NotATime as problem:
            raise RowProblem(head, "date", str(problem)) from None
        purchase.purchase_time.seconds = seconds
        if nanos:
            purchase.purchase_time.nanos = nanos
        purchase.source = self._source
        if self._cell(head, "refund_of"):
            raise RowProblem(head, "refund_of", "a refund is not imported: use `clientela purchases refund`")
        if note := self._cell(head, "note"):
            purchase.note = note
        if "purpose" in self._place:
            purchase.purpose = self._messages.PurchasePurpose.Value(
                self._word(head, "purpose", words.PURPOSES)
            )
        if "sales_path" in self._place:
            purchase.sales_path = self._messages.SalesPath.Value(
                self._word(head, "sales_path", words.SALES_PATHS)
            )

    def _word(self, row: Row, column: str, allowed: tuple[str, ...]) -> str:
        text = self._cell(row, column)
        if not text:
            return f"{words.PREFIXES[allowed]}UNSPECIFIED"
        try:
            return words.enum_name(allowed, text)
        except words.NotAWord as problem:
            raise RowProblem(row, column, str(problem)) from None

    def _fill_amount(self, purchase: Purchase, rows: list[Row]) -> None:
        """Set the lines, and the amount as the exact sum of the rows' amounts where they have them."""
        currency = self._currency(rows[0])
        total = None
        for row in rows:
            if self._currency(row) != currency:
                raise RowProblem(
                    row, "currency", f"the purchase began in {currency}: one purchase has one currency"
                )
            amount = self._amount(row, "amount")
            if (amount is None) != (total is None) and row is not rows[0]:
                raise RowProblem(row, "amount", "some rows of the purchase have an amount and some have none")
            if amount is not None:
                total = amount + (total or 0)
            if self._has_lines:
                self._add_line(purchase, row, currency)
            if amount is None and not self._cell(row, "unit_price"):
                raise RowProblem(row, "amount", "there is neither an amount nor a unit_price")
        if total is not None:
            self._set_money(purchase.amount, total, currency, rows[0], "amount")

    def _add_line(self, purchase: Purchase, row: Row, currency: str) -> None:
        texts = {column: text for column in LINE_COLUMNS if (text := self._cell(row, column))}
        if not texts:
            return
        line = purchase.lines.add()
        if quantity := texts.pop("quantity", ""):
            line.quantity.value = quantity
        if texts.pop("unit_price", ""):
            self._set_money(
                line.unit_price, self._amount(row, "unit_price") or 0, currency, row, "unit_price"
            )
        for column, text in texts.items():
            setattr(line, column, text)

    def _currency(self, row: Row) -> str:
        currency = self._cell(row, "currency") or self._currency_of_file
        if not is_currency(currency):
            fact = (
                f'"{currency}" is no currency: three capital letters (ISO 4217)'
                if currency
                else "there is no currency"
            )
            raise RowProblem(row, "currency", fact)
        return currency

    def _amount(self, row: Row, column: str) -> int | None:
        """Return a cell in billionths, None if it is empty."""
        text = self._cell(row, column)
        if not text:
            return None
        try:
            units, nanos = parse_amount(text)
        except NotAnAmount as problem:
            raise RowProblem(row, column, str(problem)) from None
        return units * NANOS + nanos

    def _set_money(self, money: Money, amount: int, currency: str, row: Row, column: str) -> None:
        units, nanos = divmod(abs(amount), NANOS)
        if units > UNITS_MAX:
            raise RowProblem(row, column, "the sum is more than money can hold")
        sign = -1 if amount < 0 else 1
        money.currency_code = currency
        money.units, money.nanos = sign * units, sign * nanos
