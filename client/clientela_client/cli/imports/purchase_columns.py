"""The columns of a file of purchases: known and required ones, and the options of the import.

Read next: purchase_rows.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import click

from clientela_client.cli.imports.files.csv_columns import columns, parse_mapping
from clientela_client.cli.imports.files.csv_file import CsvFile
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.value_words import Values, split_mapping, values_of

KNOWN = (
    "customer_id",
    "date",
    "amount",
    "quantity",
    "unit_price",
    "discount",
    "currency",
    "purchase_id",
    "refund_of",
    "sku",
    "description",
    "category",
    "purpose",
    "sales_path",
    "note",
    "lines",
)
#: A column of our own export only: there ids are unique per customer.
OF_EXPORT = "revision"
# Further columns of `export -o csv` and `--rejects`: ignored, so that those files can be imported.
_IGNORED = frozenset(
    "refunded_amount line_count source recorded_by create_time revision "
    "rejected_line rejected_column rejected_reason".split()
)
LINE_COLUMNS = ("quantity", "unit_price", "sku", "description", "category")


@dataclass(frozen=True)
class PurchaseImportOptions:
    """The options of an import of purchases. currency: the default of rows; source: an enum value's name.

    batch: distinguishes the file's rows from equal ones of other files; ids_per_customer: whether purchase
    ids are unique per customer only; rounds: whether amounts are rounded; decimal: "point", "comma", or "" to
    detect it for each number; takes_returns: whether a return without refund_of refunds the latest purchase.
    """

    mapping: dict[str, str]
    currency: str | None
    source: str
    _: KW_ONLY
    batch: str = ""
    ids_per_customer: bool = False
    rounds: bool = False
    decimal: str = ""
    date_formats: tuple[str, ...] = ()
    ignores_others: bool = False
    takes_returns: bool = False


def purchase_import_options(
    *, mapping: Sequence[str], source: str, decimal: str | None, returns: str, **others: Any
) -> PurchaseImportOptions:
    """Return the options; raise click.BadParameter."""
    return PurchaseImportOptions(
        mapping=parse_mapping(mapping),
        source=enum_choices.enum_name(enum_choices.SOURCES, source),
        decimal=decimal or "",
        takes_returns=returns == "latest",
        **others,
    )


def find_columns(file: CsvFile, options: PurchaseImportOptions) -> tuple[dict[str, int], Values]:
    """Return the index of each of our columns, and the value mapping of each.

    Raise click.UsageError if the header is not that of purchases.
    """
    of_columns, of_values = split_mapping(options.mapping, file.header)
    places = columns(file.header, of_columns, KNOWN, _IGNORED, ignores_others=options.ignores_others)
    found = f"the file has: {', '.join(file.header)}"
    for needed in ("customer_id", "date"):
        if needed not in places:
            raise click.UsageError(f'there is no column "{needed}"; {found}\nTry: --map "THEIRS={needed}"')
    if "lines" in places and (others := [column for column in LINE_COLUMNS if column in places]):
        raise click.UsageError(f'a file has "lines" or "{others[0]}", not both; {found}')
    if not {"amount", "lines"} & places.keys() and not {"quantity", "unit_price"} <= places.keys():
        raise click.UsageError(f'there is neither "amount" nor both "quantity" and "unit_price"; {found}')
    if "discount" in places and "unit_price" not in places:
        amount = file.header[places["amount"]] if "amount" in places else "amount"
        raise click.UsageError(_without_price(file.header[places["discount"]], amount))
    if "currency" not in places and not options.currency:
        raise click.UsageError(f'there is no column "currency"; {found}\nTry: --currency USD')
    return places, values_of(of_values, places, file.header)


def _without_price(discount: str, amount: str) -> str:
    return (
        'there is a "discount" and no "unit_price" that it is taken off\n'
        f'Try: --map "{discount}=" where "{amount}" is what was paid, or --map "{amount}=unit_price" where '
        "the discount is still to be taken off"
    )
