"""Parses rows of a CSV file to purchases: the meaning of columns, and checks for contradictions.

Rules: all rows of one purchase say the same of it as a whole, or leave it to the first; a purchase that is
wrong in one row is refused with all its rows; every purchase is stamped with a request id derived from what
its rows say. Rows that come to less than zero, or name a purchase in refund_of, are a Return.
Read next: purchase_amounts.py, purchase_groups.py, row_ids.py, purchase_import.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row, RowProblem
from clientela_client.cli.imports.files.csv_records import CsvDialect
from clientela_client.cli.imports.files.row_ids import RowIds
from clientela_client.cli.imports.purchase_amounts import PurchaseAmounts, differ
from clientela_client.cli.imports.purchase_columns import OF_EXPORT, PurchaseImportOptions, find_columns
from clientela_client.cli.imports.purchase_groups import PurchaseGroups
from clientela_client.cli.imports.purchase_returns import NotARefund, Return, refunded_name
from clientela_client.cli.imports.rounding import round_purchase
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.date_formats import DateReader, date_reader
from clientela_client.cli.words.names import customer_name
from clientela_client.cli.words.times import NotATime

if TYPE_CHECKING:
    from clientela_client.messages import ImportItem, Purchase, PurchaseSource

# What is said of a purchase as a whole, in whichever of its rows.
_SOURCE = enum_choices.PREFIXES[enum_choices.SOURCES]
_OF_THE_WHOLE = ("customer_id", "date", "purpose", "sales_path", "note", "refund_of")
# What fits a message of 1 MiB; fewer rows always do.
_BYTES_MAX, _MANY = 1_000_000, 200
_BELOW_ZERO = (
    "it is below zero: money given back is a refund. Say of which purchase in a column refund_of, or "
    "--returns latest takes it off the latest that holds as much"
)


class PurchaseRows:
    """A file's purchases, re-iterable.

    Each is (rows, ImportItem, Return or Reject).
    """

    def __init__(self, file: CsvFile, options: PurchaseImportOptions) -> None:
        from clientela_client import messages

        self.file = file
        self._options = options
        self._place, self._values = find_columns(file, options)
        per_customer = options.ids_per_customer or OF_EXPORT in file.header
        self._read_time = date_reader(options.date_formats)
        row_dialect = CsvDialect(place=self._place["date"], test=_tester(self._read_time))
        self._groups = PurchaseGroups(file, self._place, row_dialect, per_customer=per_customer)
        self._customer_place, self._date_place = self._place["customer_id"], self._place["date"]
        self._has_ids = "purchase_id" in self._place
        self._whole = [(column, self._place[column]) for column in _OF_THE_WHOLE if column in self._place]
        self._amounts = PurchaseAmounts(self._cell, self._place, options, file.separator)
        self._source = messages.PurchaseSource.Value(options.source)
        self._messages = messages
        self._plain = file.plain
        #: Of how many purchases the amount was rounded, as far as they were read.
        self.rounded = 0
        # Elsewhere a column "source" is another's word.
        ours = OF_EXPORT in file.header and "source" in file.header
        self._source_place = file.header.index("source") if ours else None
        #: Another scheme of request ids, for a file that was imported under it.
        self.known_by: RowIds | None = None

    def __iter__(self) -> Iterator[tuple[list[Row], ImportItem | Return | Reject]]:
        self.rounded = 0
        ids = self.known_by or RowIds(self.file.header, self.file.line_count, self._options.batch)
        for rows, wrong, goes_on in self._groups:
            try:
                if wrong:
                    raise RowProblem(rows[0], "", wrong)
                yield rows, self._item(rows, ids)
            except RowProblem as problem:
                reject = self.reject(rows, problem.column, problem.reason, problem.row)
                yield rows, reject._replace(goes_on=goes_on)

    def reject(self, rows: list[Row], column: str, reason: str, row: Row | None = None) -> Reject:
        """Return a reject of a purchase's rows. column: our name of it; row: the wrong one."""
        place = self._place.get(column)
        theirs = self.file.header[place] if place is not None else column
        return Reject(rows, (row or rows[0]).line, theirs, reason)

    def _cell(self, row: Row, column: str) -> str:
        place = self._place.get(column)
        if place is None:
            return ""
        text = self._plain(row.cells[place])
        return self._values[column].get(text.casefold(), text) if column in self._values else text

    def _item(self, rows: list[Row], ids: RowIds) -> ImportItem | Return:
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
        given_back = self._amounts.fill(purchase, rows)
        of = self._cell(head, "refund_of") if "refund_of" in self._place else ""
        if given_back and not of and not self._options.takes_returns:
            raise RowProblem(given_back, self._below_zero(given_back), _BELOW_ZERO)
        if len(rows) > _MANY and item.ByteSize() > _BYTES_MAX:
            raise RowProblem(
                head, "", f"the purchase is {item.ByteSize():,} bytes, a message holds {_BYTES_MAX:,}"
            )
        if self._options.rounds:
            self.rounded += round_purchase(purchase)
        if of or given_back:
            purchase.refund_of = self._refunded(head, customer, of)
        item.request_id = ids.of_purchase(item) if purchase_id else ids.of_row(head)
        return Return(item) if of or given_back else item

    def _below_zero(self, row: Row) -> str:
        """Return the column by which a row is negative."""
        found = (each for each in ("amount", "quantity", "unit_price") if self._cell(row, each)[:1] == "-")
        return next(found, "")

    def _refunded(self, head: Row, customer: str, text: str) -> str:
        try:
            return refunded_name(customer, text) if text else ""
        except NotARefund as problem:
            raise RowProblem(head, "refund_of", str(problem)) from None

    def _check_same(self, head: Row, row: Row) -> None:
        """Refuse a row that contradicts the first one of its purchase; an empty cell repeats the first."""
        for column, place in self._whole:
            text, first = self._plain(row.cells[place]), self._plain(head.cells[place])
            if text and text != first:
                raise RowProblem(row, column, differ(first, text))

    def _fill(self, purchase: Purchase, head: Row) -> None:
        """Set the fields of the whole purchase, from its first row."""
        try:
            seconds, nanos = self._read_time(self._plain(head.cells[self._date_place]))
        except NotATime as problem:
            raise RowProblem(head, "date", str(problem)) from None
        purchase.purchase_time.seconds = seconds
        if nanos:
            purchase.purchase_time.nanos = nanos
        purchase.source = self._source if self._source_place is None else self._source_of(head)
        if "note" in self._place and (note := self._cell(head, "note")):
            purchase.note = note
        if "purpose" in self._place:
            purchase.purpose = self._messages.PurchasePurpose.Value(
                self._word(head, "purpose", enum_choices.PURPOSES)
            )
        if "sales_path" in self._place:
            purchase.sales_path = self._messages.SalesPath.Value(
                self._word(head, "sales_path", enum_choices.SALES_PATHS)
            )

    def _source_of(self, head: Row) -> PurchaseSource.ValueType:
        """Return the source of a purchase in our own export."""
        text = self._plain(head.cells[self._source_place or 0])
        try:
            name = enum_choices.enum_name(enum_choices.SOURCES, text) if text else f"{_SOURCE}UNSPECIFIED"
        except enum_choices.UnknownChoice as problem:
            raise RowProblem(head, "source", str(problem)) from None
        return self._messages.PurchaseSource.Value(name)

    def _word(self, row: Row, column: str, allowed: tuple[str, ...]) -> str:
        text = self._cell(row, column)
        if not text:
            return f"{enum_choices.PREFIXES[allowed]}UNSPECIFIED"
        try:
            return enum_choices.enum_name(allowed, text)
        except enum_choices.UnknownChoice as problem:
            raise RowProblem(row, column, f'{problem}; --map "{text}=WORD" says which it is') from None


def _tester(read: DateReader) -> Callable[[str], bool]:
    """Return a predicate: whether a text is a time by this reader."""

    def is_time(text: str) -> bool:
        try:
            read(text)
        except NotATime:
            return False
        return True

    return is_time
