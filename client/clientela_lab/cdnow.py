"""The CDNOW sample: 6,919 real purchases of 1997-98, and the figures that they are known to add up to.

The file is the one that others publish, unchanged (data/README.md names its origin); it is turned into CSV
here. Of the customers it has only ids: their names and channels are made up.
Read next: cli.py (`clientela lab sample`), and demo.py, which imports it.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

CURRENCY = "USD"
CUSTOMERS = 2_357
PURCHASES = 6_919
AMOUNT = Decimal("244091.94")
TOP_CUSTOMER = "19339"
TOP_PURCHASES = 56
TOP_AMOUNT = Decimal("6552.70")

HEADER = ("customer_id", "date", "quantity", "amount")
CUSTOMERS_HEADER = ("customer_id", "display_name", "channel")
# Made up: how each of eight customers with neighbouring ids came.
CHANNELS = (
    "advertising",
    "marketing",
    "advertising",
    "referral",
    "marketing",
    "public_relations",
    "advertising",
    "",
)


class Row(NamedTuple):
    """One purchase as the file has it; the customer's id keeps its leading zeros."""

    customer_id: str
    date: str
    quantity: str
    amount: str


def rows() -> Iterator[Row]:
    """Yield the purchases in the order of the file, dates as 1997-01-31."""
    with gzip.open(str(files(__package__) / "data" / "cdnow_sample.txt.gz"), "rt", encoding="ascii") as lines:
        for line in lines:
            master_id, _sample_id, day, quantity, amount = line.split()
            yield Row(master_id, f"{day[:4]}-{day[4:6]}-{day[6:]}", quantity, amount)


def customers() -> Iterator[tuple[str, str, str]]:
    """Yield each customer's id, made-up name and made-up channel, in the order of ids."""
    for place, customer_id in enumerate(sorted({row.customer_id for row in rows()})):
        yield customer_id, f"Customer {customer_id}", CHANNELS[place % len(CHANNELS)]


def write_csv(path: Path) -> None:
    """Write the purchases as a new file that `clientela purchases import --currency USD` reads.

    Raises:
        FileExistsError: there is such a file; it stays as it is.
    """
    _write(path, HEADER, rows())


def write_customers_csv(path: Path) -> None:
    """Write the customers as a new file that `clientela customers import` reads.

    Raises:
        FileExistsError: there is such a file; it stays as it is.
    """
    _write(path, CUSTOMERS_HEADER, customers())


def _write(path: Path, header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)
