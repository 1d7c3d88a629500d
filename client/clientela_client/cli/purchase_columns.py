"""The columns of a file of purchases: which there are, which are needed, what holds for the whole file.

Read next: purchase_rows.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import click

from clientela_client.cli.csv_columns import columns
from clientela_client.cli.csv_file import CsvFile

KNOWN = (
    "customer_id",
    "date",
    "amount",
    "quantity",
    "unit_price",
    "currency",
    "purchase_id",
    "sku",
    "description",
    "category",
    "purpose",
    "sales_path",
    "note",
    "lines",
)
#: A column that only our own export has: there an id counts within its customer.
OF_EXPORT = "revision"
# What `export -o csv` and `--rejects` write beside: those files can be imported as they are.
_IGNORED = frozenset(
    "refunded_amount line_count source recorded_by create_time revision "
    "rejected_line rejected_column rejected_reason".split()
)
LINE_COLUMNS = ("quantity", "unit_price", "sku", "description", "category")


@dataclass(frozen=True)
class Terms:
    """What the caller says of the whole file. currency: where a row names none; source: an enum's name.

    batch: tells its rows from equal ones of other files; ids_per_customer: whether an id of a purchase counts
    within its customer, so that two customers may have the same; rounds: whether amounts are rounded.
    """

    mapping: dict[str, str]
    currency: str | None
    source: str
    batch: str = ""
    ids_per_customer: bool = False
    rounds: bool = False


def find_columns(file: CsvFile, terms: Terms) -> dict[str, int]:
    """Return where our columns are; raises click.UsageError if the file can't be a list of purchases."""
    places = columns(file.header, terms.mapping, (*KNOWN, "refund_of"), _IGNORED)
    found = f"the file has: {', '.join(file.header)}"
    for needed in ("customer_id", "date"):
        if needed not in places:
            raise click.UsageError(f'there is no column "{needed}"; {found}\nTry: --map "THEIRS={needed}"')
    if "lines" in places and (others := [column for column in LINE_COLUMNS if column in places]):
        raise click.UsageError(f'a file has "lines" or "{others[0]}", not both; {found}')
    if not {"amount", "lines"} & places.keys() and not {"quantity", "unit_price"} <= places.keys():
        raise click.UsageError(f'there is neither "amount" nor both "quantity" and "unit_price"; {found}')
    if "currency" not in places and not terms.currency:
        raise click.UsageError(f'there is no column "currency"; {found}\nTry: --currency USD')
    return places
