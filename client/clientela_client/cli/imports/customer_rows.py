"""Parses rows of a CSV file to customers: columns are the fields of customer_fields.py, lists separated by ;.

Read next: customer_import.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from clientela_client.cli.imports.files.csv_columns import columns
from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row, RowProblem
from clientela_client.cli.imports.files.csv_records import CsvDialect
from clientela_client.cli.imports.files.exported_cells import (
    NotSuchACell,
    addresses_of,
    labels_of,
    set_deletion,
    set_party,
)
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.cell_lists import split_values
from clientela_client.cli.words.customer_fields import FIELDS, customer_of
from clientela_client.cli.words.names import customer_name
from clientela_client.cli.words.value_words import split_mapping, values_of

if TYPE_CHECKING:
    from clientela_client.messages import Customer

KNOWN = (
    *("customer_id", *FIELDS, "email", "phone", "label."),
    *("party", "addresses", "delete_time", "erase_time"),
)
_SEVERAL = {"emails", "phones", "categories", "contact_channels"}
_ALIASES = {"email": "emails", "phone": "phones"}
_ID = re.compile(r"(?:customers/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_WORD = re.compile("[A-Z][a-z]+")
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
# Further columns of `list -o csv` and `--rejects`: ignored, so that those files can be imported.
_IGNORED = frozenset(
    "purchase_counts amounts currencies first_purchase_times last_purchase_times "
    "create_time update_time uid etag rejected_line rejected_column rejected_reason".split()
)


def _refuse_erased(_customer: Customer, _time: str) -> None:
    raise NotSuchACell("an erased customer is not imported: nothing is left that tells who it was")


def _add_addresses(customer: Customer, text: str) -> None:
    customer.addresses.extend(addresses_of(text))


_BESIDE = {
    "party": set_party,
    "addresses": _add_addresses,
    "delete_time": set_deletion,
    "erase_time": _refuse_erased,
}


class CustomerRows:
    """A file's customers in file order, each as (row, Customer with its name, or Reject)."""

    def __init__(self, file: CsvFile, mapping: dict[str, str], *, ignores_others: bool = False) -> None:
        self._file = file
        of_columns, of_values = split_mapping(mapping, file.header)
        self._place = columns(
            file.header, of_columns, KNOWN, _IGNORED, _ALIASES, ignores_others=ignores_others
        )
        self._values = values_of(of_values, self._place, file.header)
        if "customer_id" not in self._place:
            found = ", ".join(file.header)
            raise click.UsageError(
                f'there is no column "customer_id"; the file has: {found}\nTry: --map "THEIRS=customer_id"'
            )

        #: Our columns in the file.
        self.columns = tuple(self._place)
        self._tells_rows = CsvDialect(place=self._place["customer_id"], test=_is_id)

    def __iter__(self) -> Iterator[tuple[Row, Customer | Reject]]:
        # Of each customer only a 64-bit hash of the row and its line are kept in memory.
        met: dict[str, tuple[int, int]] = {}
        for row in self._file.rows(self._tells_rows):
            try:
                customer = self._customer(row)
                said = _said(row)
                line, first = met.setdefault(customer.name, (row.line, said))
                if first != said:
                    fact = f"the customer is in line {line} too, with other values"
                    raise RowProblem(row, "customer_id", fact)
                yield row, customer
            except RowProblem as problem:
                yield row, self.reject(row, problem.column, problem.reason)

    def reject(self, row: Row, column: str, reason: str) -> Reject:
        """Return a reject of a row. column: our name, translated to the file's."""
        place = self._place.get(column)
        if place is None and column.startswith("label."):
            place, column = self._place.get("labels"), "labels"
        return Reject([row], row.line, self._file.header[place] if place is not None else column, reason)

    def _customer(self, row: Row) -> Customer:
        if row.problem:
            raise RowProblem(row, "", row.problem)
        given: dict[str, Any] = {}
        labels: dict[str, str] = {}
        for column, place in self._place.items():
            text = self._cell(row, column, place)
            if column.startswith("label.") and text:
                labels[column.removeprefix("label.")] = text
            elif text and column not in ("customer_id", *_BESIDE):
                given[column] = self._value(row, column, text)
        customer_id = self._file.plain(row.cells[self._place["customer_id"]])
        if not customer_id:
            raise RowProblem(row, "customer_id", "there is no customer_id")
        given["labels"] = given.get("labels", {}) | labels
        try:
            customer = customer_of(given)
        except click.UsageError:
            raise RowProblem(
                row, "legal_name", "a customer is a person or an organization, not both"
            ) from None
        customer.name = customer_name(customer_id)
        self._set_beside(customer, row)
        return customer

    def _set_beside(self, customer: Customer, row: Row) -> None:
        """Set the fields without an option: party, addresses, and deletion."""
        for column, put in _BESIDE.items():
            place = self._place.get(column)
            text = "" if place is None else self._cell(row, column, place)
            if text:
                try:
                    put(customer, text)
                except NotSuchACell as problem:
                    raise RowProblem(row, column, str(problem)) from None

    def _cell(self, row: Row, column: str, place: int) -> str:
        text = self._file.plain(row.cells[place])
        values = self._values.get(column)
        return values.get(text.casefold(), text) if values else text

    def _value(self, row: Row, column: str, text: str) -> Any:
        try:
            if column == "channel":
                return enum_choices.enum_name(enum_choices.CHANNELS, text)
            if column == "contact_channels":
                values = self._values.get(column, {})
                found = [values.get(word.casefold(), word) for word in split_values(text)]
                return [enum_choices.enum_name(enum_choices.CONTACT_CHANNELS, word) for word in found if word]
            if column == "labels":
                return labels_of(text)
        except enum_choices.UnknownChoice as problem:
            raise RowProblem(row, column, f'{problem}; --map "{text}=WORD" says which it is') from None
        except NotSuchACell as problem:
            raise RowProblem(row, column, str(problem)) from None
        if column in _SEVERAL:
            return split_values(text)
        if column == "marketing_consent":
            if text.lower() not in _YES_NO:
                raise RowProblem(row, column, f'"{text}" is neither yes nor no')
            return _YES_NO[text.lower()]
        return text


def _said(row: Row) -> int:
    return hash(tuple(cell.strip() for cell in row.cells))


def _is_id(text: str) -> bool:
    """Return whether a text is a customer id; a capitalized word is taken as prose."""
    return _ID.fullmatch(text) is not None and _WORD.fullmatch(text) is None
