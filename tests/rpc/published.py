"""Ledgers whose figures others have published, as purchases to import; each in a currency of its own.

The CDNOW sample is part of the project. The others, and the figures of each customer, lie beside the checkout
where they are there at all.
"""

import csv
import gzip
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from clientela.v1.purchases_pb2 import ImportItem, Purchase
from clientela_client import connect
from tests.rpc.callers import Caller
from tests.rpc.making import money

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not (DATA / "truth.json").exists(), reason="the data sets are not there")


@dataclass(frozen=True)
class Bought:
    """One purchase as a file has it: the amount in cents."""

    customer_id: str
    date: str
    cents: int


def cdnow() -> Iterator[Bought]:
    """The CDNOW sample, by its own ids, in USD."""
    file = files("clientela_lab") / "data" / "cdnow_sample.txt.gz"
    for line in gzip.decompress(file.read_bytes()).decode().splitlines():
        _, customer_id, day, _, amount = line.split()
        yield Bought(str(int(customer_id)), f"{day[:4]}-{day[4:6]}-{day[6:]}", cents(amount))


def chinook() -> Iterator[Bought]:
    """The invoices of Chinook, in EUR."""
    for row in _rows("chinook_invoices.csv"):
        yield Bought(row["customer_id"], row["date"], cents(row["amount"]))


def example() -> Iterator[Bought]:
    """The simulated example of the package lifetimes, which has no amounts, in PLN."""
    for row in _rows("lifetimes_example_transactions.csv"):
        yield Bought(row["customer_id"], row["date"], 0)


def cents(amount: str) -> int:
    units, _, rest = amount.partition(".")
    return int(units) * 100 + int(rest.ljust(2, "0"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def truth() -> dict[str, Any]:
    """What is published."""
    found: dict[str, Any] = json.loads((DATA / "truth.json").read_text())
    return found


@cache
def figures(name: str) -> dict[str, dict[str, str]]:
    """What is published of each customer."""
    return {row["customer_id"]: row for row in _rows(name)}


def import_all(caller: Caller, address: str) -> None:
    """Import what there is, each ledger in its currency."""
    ledgers = {"USD": cdnow}
    if DATA.exists():
        ledgers |= {"EUR": chinook, "PLN": example}
    with connect(address, token=caller.token) as client:
        for currency, rows in ledgers.items():
            counted = client.purchases.import_(_item(row, currency) for row in rows())
            assert not counted.rejected


def _item(row: Bought, currency: str) -> ImportItem:
    time = Timestamp()
    time.FromJsonString(f"{row.date}T12:00:00Z")
    units, rest = divmod(row.cents, 100)
    purchase = Purchase(amount=money(units, rest * 10**7, currency), purchase_time=time)
    return ImportItem(
        purchase=purchase, customer=f"customers/{row.customer_id}", request_id=str(uuid.uuid4())
    )


def date(text: str) -> Date:
    """Make a date of 1998-06-30."""
    year, month, day = map(int, text.split("-"))
    return Date(year=year, month=month, day=day)
