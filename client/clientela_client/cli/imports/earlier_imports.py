"""Detects whether a file was imported before under another scheme of request ids.

Rules
1. A file that was imported when ids were derived from its digest and the row's place is sent under those,
   so that it adds nothing.
2. Where its first purchase is there under an id that is neither, the file is not sent: it may have grown
   since then, or have other columns, or be another file with an equal row. Only the caller knows: `--batch`.
One purchase is looked for, the first without a purchase_id; what has an id is known by it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from clientela_client.cli.imports.files.csv_file import Reject, Row
from clientela_client.cli.imports.files.row_ids import RowIds, derived_request_id
from clientela_client.cli.imports.purchase_returns import PAGE_MAX, Return
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import ImportItem, Purchase

_LOOKED_AT = 1000


class PositionalRowIds(RowIds):
    """The earlier scheme: ids derived from the file's digest and the row's index."""

    def __init__(self, digest: bytes) -> None:
        super().__init__((), 0, "")
        self._file = digest

    def of_row(self, row: Row) -> str:
        """Return the request id of a row that is a whole purchase."""
        return derived_request_id(self._file, row.index)


def detect_id_scheme(client: Client, rows: PurchaseRows) -> None:
    """Set the scheme under which the file was imported; raise click.UsageError if it is ambiguous."""
    first = next(_unnamed(rows), None)
    if first is None:
        return
    row, item = first
    there = {last_part(each.name): each for each in _alike(client, item)}
    if _made_of(item.request_id) in there:
        return
    if _made_of(derived_request_id(rows.file.digest, row.index)) in there:
        rows.known_by = PositionalRowIds(rows.file.digest)
    elif there:
        raise click.UsageError(
            f"line {row.line} is in the ledger already, as {next(iter(there.values())).name}, imported from "
            "another file or by an earlier version. If these are the same purchases, leave out the rows that "
            "are there.\nTry: --batch NAME if they are others, with a name that stands for this file"
        )


def _unnamed(rows: PurchaseRows) -> islice[tuple[Row, ImportItem]]:
    found = islice(rows, _LOOKED_AT)
    return islice(
        (
            (of_item[0], item)
            for of_item, item in found
            if not isinstance(item, Reject | Return) and not item.purchase.name
        ),
        1,
    )


def _made_of(request_id: str) -> str:
    """Return the purchase id that the server derives from a request id."""
    return request_id.replace("-", "")


def _alike(client: Client, item: ImportItem) -> list[Purchase]:
    """Return the customer's purchases that an import may have made of the same row."""
    from clientela_client import Refused

    time = item.purchase.purchase_time.ToJsonString()
    try:
        found = client.purchases.list(item.customer, filter=f'purchase_time = "{time}"', page_size=PAGE_MAX)
        return [each for each in found if _may_be(each, item.purchase)]
    except Refused as refused:
        # An unregistered customer has no purchases; other errors are reported by the import itself.
        if refused.code in ("NOT_FOUND", "INVALID_ARGUMENT", "PERMISSION_DENIED"):
            return []
        raise


def _may_be(there: Purchase, here: Purchase) -> bool:
    """Return whether a purchase has a derived id and no field that contradicts the row."""
    made = last_part(there.name)
    return (
        len(made) == 32
        and made.isalnum()
        and not there.refund_of
        and there.source == here.source
        and (not here.HasField("amount") or there.amount == here.amount)
        and not (there.note and here.note and there.note != here.note)
        and not (there.lines and here.lines and list(there.lines) != list(here.lines))
    )
