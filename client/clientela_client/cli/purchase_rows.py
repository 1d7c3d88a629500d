"""Rows of a CSV file as purchases: what each column means, and what contradicts itself.

Rules: amounts move as digits, never as floats; all rows of one purchase say the same of it as a whole, or
leave it to the first; a purchase that is wrong in one row is refused with all its rows; every purchase is
stamped with a request id derived from what its rows say.
Read next: purchase_groups.py, row_ids.py, purchase_import.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clientela_client.cli import words
from clientela_client.cli.amounts import NANOS, UNITS_MAX, NotAnAmount, is_currency, parse_amount
from clientela_client.cli.csv_file import CsvFile, Reject, Row, RowProblem
from clientela_client.cli.csv_records import Form
from clientela_client.cli.exported_cells import NotSuchACell, lines_of
from clientela_client.cli.names import customer_name
from clientela_client.cli.purchase_columns import LINE_COLUMNS, OF_EXPORT, Terms, find_columns
from clientela_client.cli.purchase_groups import PurchaseGroups
from clientela_client.cli.rounding import round_purchase
from clientela_client.cli.row_ids import RowIds
from clientela_client.cli.times import NotATime, parse_time

if TYPE_CHECKING:
    from clientela_client.messages import ImportItem, Money, Purchase, PurchaseSource

# What is said of a purchase as a whole, in whichever of its rows.
_SOURCE = words.PREFIXES[words.SOURCES]
_OF_THE_WHOLE = ("customer_id", "date", "purpose", "sales_path", "note")


class PurchaseRows:
    """A file read as purchases, as often as it is iterated: each is (its rows, an ImportItem or a Reject)."""

    def __init__(self, file: CsvFile, terms: Terms) -> None:
        from clientela_client import messages

        self.file = file
        self._terms = terms
        self._place = find_columns(file, terms)
        per_customer = terms.ids_per_customer or OF_EXPORT in file.header
        tells_rows = Form(place=self._place["date"], test=_is_time)
        self._groups = PurchaseGroups(file, self._place, tells_rows, per_customer=per_customer)
        self._customer_place, self._date_place = self._place["customer_id"], self._place["date"]
        self._has_ids = "purchase_id" in self._place
        self._has_lines = any(column in self._place for column in LINE_COLUMNS)
        self._whole = [(column, self._place[column]) for column in _OF_THE_WHOLE if column in self._place]
        self._currency_of_file = terms.currency or ""
        self._currencies: set[str] = set()
        self._source = messages.PurchaseSource.Value(terms.source)
        self._messages = messages
        self._plain = file.plain
        #: Of how many purchases the amount was rounded, as far as they were read.
        self.rounded = 0
        self._has_json = "lines" in self._place
        # Elsewhere a column "source" is another's word.
        ours = OF_EXPORT in file.header and "source" in file.header
        self._source_place = file.header.index("source") if ours else None
        #: Another scheme of request ids, for a file that was imported under it.
        self.known_by: RowIds | None = None

    def __iter__(self) -> Iterator[tuple[list[Row], ImportItem | Reject]]:
        self.rounded = 0
        ids = self.known_by or RowIds(self.file.header, self.file.line_count, self._terms.batch)
        for rows, wrong, goes_on in self._groups:
            try:
                if wrong:
                    raise RowProblem(rows[0], "", wrong)
                yield rows, self._item(rows, ids)
            except RowProblem as problem:
                reject = self.reject(rows, problem.column, problem.reason, problem.row)
                yield rows, reject._replace(goes_on=goes_on)

    def reject(self, rows: list[Row], column: str, reason: str, row: Row | None = None) -> Reject:
        """Return a refusal of a purchase's rows. column: ours, turned into theirs; row: the wrong one."""
        place = self._place.get(column)
        theirs = self.file.header[place] if place is not None else column
        return Reject(rows, (row or rows[0]).line, theirs, reason)

    def _cell(self, row: Row, column: str) -> str:
        place = self._place.get(column)
        return "" if place is None else self._plain(row.cells[place])

    def _item(self, rows: list[Row], ids: RowIds) -> ImportItem:
        head = rows[0]
        customer_id = self._plain(head.cells[self._customer_place])
        if not customer_id:
            raise RowProblem(head, "customer_id", "there is no customer_id")
        for row in rows[1:]:
            self._check_same(head, row)
        customer = customer_name(customer_id)
        item = self._messages.ImportItem(customer=customer)
        purchase = item.purchase
        purchase_id = self._cell(head, "purchase_id") if self._has_ids else ""
        if purchase_id:
            purchase.name = f"{customer}/purchases/{purchase_id}"
        self._fill(purchase, head)
        self._fill_amount(purchase, rows)
        if self._terms.rounds:
            self.rounded += round_purchase(purchase)
        item.request_id = ids.of_purchase(item) if purchase_id else ids.of_row(head)
        return item

    def _check_same(self, head: Row, row: Row) -> None:
        """Refuse a row that contradicts the first one of its purchase; what it leaves empty is as there."""
        for column, place in self._whole:
            text, first = self._plain(row.cells[place]), self._plain(head.cells[place])
            if text and text != first:
                raise RowProblem(row, column, _two(first, text))
        self._check_no_refund(row)

    def _check_no_refund(self, row: Row) -> None:
        if "refund_of" in self._place and self._cell(row, "refund_of"):
            raise RowProblem(row, "refund_of", "a refund is not imported: use `clientela purchases refund`")

    def _fill(self, purchase: Purchase, head: Row) -> None:
        """Set what concerns the purchase as a whole; it is read from its first row."""
        try:
            seconds, nanos = parse_time(self._plain(head.cells[self._date_place]))
        except NotATime as problem:
            raise RowProblem(head, "date", str(problem)) from None
        purchase.purchase_time.seconds = seconds
        if nanos:
            purchase.purchase_time.nanos = nanos
        purchase.source = self._source if self._source_place is None else self._source_of(head)
        self._check_no_refund(head)
        if "note" in self._place and (note := self._cell(head, "note")):
            purchase.note = note
        if "purpose" in self._place:
            purchase.purpose = self._messages.PurchasePurpose.Value(
                self._word(head, "purpose", words.PURPOSES)
            )
        if "sales_path" in self._place:
            purchase.sales_path = self._messages.SalesPath.Value(
                self._word(head, "sales_path", words.SALES_PATHS)
            )

    def _source_of(self, head: Row) -> PurchaseSource.ValueType:
        """Return what recorded it, as our own export says it."""
        text = self._plain(head.cells[self._source_place or 0])
        try:
            name = words.enum_name(words.SOURCES, text) if text else f"{_SOURCE}UNSPECIFIED"
        except words.NotAWord as problem:
            raise RowProblem(head, "source", str(problem)) from None
        return self._messages.PurchaseSource.Value(name)

    def _add_lines(self, purchase: Purchase, row: Row) -> None:
        try:
            purchase.lines.extend(lines_of(self._cell(row, "lines")))
        except NotSuchACell as problem:
            raise RowProblem(row, "lines", str(problem)) from None

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
        head = rows[0]
        currency = self._currency(head)
        total = self._amount(head, "amount")
        self._take(purchase, head, currency, total)
        for row in rows[1:]:
            amount = self._of_more(row, currency, total)
            self._take(purchase, row, currency, amount)
            if amount is not None and total is not None:
                total += amount
        if total is not None:
            self._set_money(purchase.amount, total, currency, head, "amount")

    def _of_more(self, row: Row, currency: str, total: int | None) -> int | None:
        """Return the amount of a further row, if it has one; refuse it where it contradicts those before."""
        own = self._currency(row)
        if own != currency:
            raise RowProblem(row, "currency", f"{_two(currency, own)}; one purchase has one currency")
        amount = self._amount(row, "amount")
        if (amount is None) != (total is None):
            raise RowProblem(row, "amount", "some rows of the purchase have an amount and some have none")
        return amount

    def _take(self, purchase: Purchase, row: Row, currency: str, amount: int | None) -> None:
        """Add the row's line, if there is one; refuse a row that does not say what was paid."""
        if self._has_lines:
            self._add_line(purchase, row, currency)
        if self._has_json and self._cell(row, "lines"):
            self._add_lines(purchase, row)
        elif amount is None and not self._cell(row, "unit_price"):
            raise RowProblem(row, "amount", "there is neither an amount nor a unit_price")

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
        if currency not in self._currencies:
            if not is_currency(currency):
                raise RowProblem(row, "currency", _no_currency(currency))
            self._currencies.add(currency)
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
        money.units = sign * units
        if nanos:
            money.nanos = sign * nanos


def _two(one: str, other: str) -> str:
    return f'rows of one purchase differ: "{one}" and "{other}"'


def _no_currency(text: str) -> str:
    return f'"{text}" is no currency: three capital letters (ISO 4217)' if text else "there is no currency"


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except NotATime:
        return False
    return True
