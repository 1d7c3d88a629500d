"""Rows of a CSV file as customers: the columns are the fields of customer_fields.py, lists separated by ;.

Read next: customer_import.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from clientela_client.cli import words
from clientela_client.cli.csv_columns import columns
from clientela_client.cli.csv_file import CsvFile, Reject, Row, RowProblem
from clientela_client.cli.csv_records import Form
from clientela_client.cli.customer_fields import FIELDS, message_of
from clientela_client.cli.names import customer_name

if TYPE_CHECKING:
    from clientela_client.messages import Customer

KNOWN = ("customer_id", *(key for key in FIELDS if key != "labels"), "email", "phone", "label.")
_SEVERAL = {"emails", "phones", "categories", "contact_channels"}
_ALIASES = {"email": "emails", "phone": "phones"}
_ID = re.compile(r"(?:customers/)?[a-z0-9](?:[a-z0-9_.-]{0,61}[a-z0-9])?")
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
# What `list -o csv` and `--rejects` write beside: those files can be imported as they are.
_IGNORED = frozenset(
    "party addresses purchase_counts amounts currencies first_purchase_times last_purchase_times labels "
    "create_time update_time delete_time erase_time uid etag "
    "rejected_line rejected_column rejected_reason".split()
)


class CustomerRows:
    """A file read as customers, in file order: each is (its row, a Customer with its name or a Reject)."""

    def __init__(self, file: CsvFile, mapping: dict[str, str]) -> None:
        self._file = file
        self._place = columns(file.header, mapping, KNOWN, _IGNORED, _ALIASES)
        if "customer_id" not in self._place:
            found = ", ".join(file.header)
            raise click.UsageError(
                f'there is no column "customer_id"; the file has: {found}\nTry: --map "THEIRS=customer_id"'
            )

        self._tells_rows = Form(place=self._place["customer_id"], test=_is_id)

    def __iter__(self) -> Iterator[tuple[Row, Customer | Reject]]:
        # 64 bits of what was said of each, and the line: all that is kept of a customer.
        met: dict[str, tuple[int, int]] = {}
        for row in self._file.rows(self._tells_rows):
            try:
                customer = self._customer(row)
                self._check_same(row, met.setdefault(customer.name, (row.line, _said(row))))
                yield row, customer
            except RowProblem as problem:
                yield row, self.reject(row, problem.column, problem.reason)

    def _check_same(self, row: Row, first: tuple[int, int]) -> None:
        line, said = first
        if said != _said(row):
            fact = f"the customer is in line {line} too, with other values"
            raise RowProblem(row, "customer_id", fact)

    def reject(self, row: Row, column: str, reason: str) -> Reject:
        """Return a refusal of a row; column: ours, which is turned into theirs."""
        place = self._place.get(column)
        return Reject([row], row.line, self._file.header[place] if place is not None else column, reason)

    def _customer(self, row: Row) -> Customer:
        if row.problem:
            raise RowProblem(row, "", row.problem)
        given: dict[str, Any] = {}
        labels: dict[str, str] = {}
        for column, place in self._place.items():
            text = row.cells[place].strip()
            if column.startswith("label.") and text:
                labels[column.removeprefix("label.")] = text
            elif text and column != "customer_id":
                given[column] = self._value(row, column, text)
        customer_id = row.cells[self._place["customer_id"]].strip()
        if not customer_id:
            raise RowProblem(row, "customer_id", "there is no customer_id")
        given["labels"] = labels
        given.setdefault("display_name", self._name_of(given))
        try:
            customer = message_of(given)
        except click.UsageError:
            raise RowProblem(
                row, "legal_name", "a customer is a person or an organization, not both"
            ) from None
        customer.name = customer_name(customer_id)
        return customer

    def _name_of(self, given: dict[str, Any]) -> str:
        """Return the name to display where the file has none: that of the person or of the organization."""
        person = " ".join(given[key] for key in ("given_name", "family_name") if key in given)
        return person or given.get("legal_name", "")

    def _value(self, row: Row, column: str, text: str) -> Any:
        try:
            if column == "channel":
                return words.enum_name(words.CHANNELS, text)
            if column == "contact_channels":
                return [words.enum_name(words.CONTACT_CHANNELS, word) for word in text.split(";")]
        except words.NotAWord as problem:
            raise RowProblem(row, column, str(problem)) from None
        if column in _SEVERAL:
            return [value for part in text.split(";") if (value := part.strip())]
        if column == "marketing_consent":
            if text.lower() not in _YES_NO:
                raise RowProblem(row, column, f'"{text}" is neither yes nor no')
            return _YES_NO[text.lower()]
        return text


def _said(row: Row) -> int:
    return hash(tuple(cell.strip() for cell in row.cells))


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
