"""Discounts and negative rows lower the amount exactly, and become lines of their own."""

from decimal import Decimal
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.imports.files.csv_file import CsvFile, Reject
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_returns import Return
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.messages import ImportItem, Purchase
from tests.cli.running import Cli, new_id

HEAD = "customer_id,purchase_id,date,quantity,unit_price,discount,sku,amount"
cents = st.integers(0, 10**6).map(lambda each: Decimal(each).scaleb(-2))


def read(path: Path, rows: list[str], head: str = HEAD) -> list[ImportItem | Return | Reject]:
    path.write_text("\n".join([head, *(f"7,o,2026-03-01,{row}" for row in rows)]) + "\n")
    options = PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT", takes_returns=True)
    return [item for _, item in PurchaseRows(CsvFile.open(path), options)]


def purchase(path: Path, *rows: str) -> Purchase:
    (item,) = read(path, [*rows])
    assert isinstance(item, ImportItem), item
    return item.purchase


def paid(found: Purchase) -> Decimal:
    return Decimal(found.amount.units) + Decimal(found.amount.nanos).scaleb(-9)


def test_a_discount_is_taken_off_and_the_price_is_kept(tmp_path: Path) -> None:
    found = purchase(tmp_path / "f.csv", "2,9.95,1.50,ab-1,", "1,4.00,,x,", "3,1.00,10%,y,")
    assert paid(found) == Decimal("25.10")
    assert [
        (line.sku, line.quantity.value, line.unit_price.units, line.description) for line in found.lines
    ] == [
        ("ab-1", "2", 9, ""),
        ("ab-1", "0", 0, "discount 1.50 EUR"),
        ("x", "1", 4, ""),
        ("y", "3", 1, ""),
        ("y", "0", 0, "discount 0.30 EUR"),
    ]


@given(rows=st.lists(st.tuples(st.integers(0, 50), cents, cents), min_size=1, max_size=6))
def test_what_is_paid_is_prices_less_discounts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, Decimal, Decimal]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    less = [(quantity, price, min(discount, quantity * price)) for quantity, price, discount in rows]
    found = purchase(path, *(f"{quantity},{price},{discount},x," for quantity, price, discount in less))
    assert paid(found) == sum(quantity * price - discount for quantity, price, discount in less) or (
        not found.HasField("amount")
    )


@pytest.mark.parametrize(
    ("row", "column", "fact"),
    [
        ("2,9.95,20,x,", "discount", "more than the price"),
        ("2,9.95,-1,x,", "discount", "below zero"),
        ("2,9.95,120%,x,", "discount", "more than the price"),
        ("2,9.95,half,x,", "discount", "not an amount"),
        (",,1,x,5", "discount", "without a unit_price"),
        ("2,9.95,1,x,19.90", "amount", "it is 19.90 EUR, but 19.90 EUR less 1.00 EUR is 18.90 EUR"),
        ("two,9.95,1,x,", "quantity", "no number"),
    ],
)
def test_a_discount_that_contradicts_is_refused(tmp_path: Path, row: str, column: str, fact: str) -> None:
    (reject,) = read(tmp_path / "f.csv", [row])
    assert isinstance(reject, Reject)
    assert (reject.column, fact in reject.reason) == (column, True), reject.reason


def test_an_amount_with_the_discount_taken_off_is_that(tmp_path: Path) -> None:
    assert paid(purchase(tmp_path / "f.csv", "2,9.95,1.00,x,18.90")) == Decimal("18.90")


def test_a_discount_without_prices_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match=r'--map "discount=".*--map "amount=unit_price"'):
        read(tmp_path / "f.csv", [], head="customer_id,purchase_id,date,amount,discount")


def test_a_row_below_zero_beside_others_lowers_the_purchase(tmp_path: Path) -> None:
    found = purchase(tmp_path / "f.csv", "3,2.00,,a,", "-1,2.00,,a,", "1,-0.50,,b,")
    assert paid(found) == Decimal("3.50")
    assert [(line.sku, line.quantity.value, line.description) for line in found.lines] == [
        ("a", "3", ""),
        ("a", "0", "(return: 2.00 EUR)"),
        ("b", "0", "(return: 0.50 EUR)"),
    ]


def test_rows_that_come_to_less_than_zero_are_money_given_back(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "f.csv", ["1,2.00,,a,", "-3,2.00,,a,"])
    assert isinstance(item, Return)
    assert paid(item.item.purchase) == Decimal(4)


def test_the_server_takes_it(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    rows = ["2,9.95,1.50,ab-1,", "3,2.005,,b,", "-1,2.00,,b,"]
    path.write_text("\n".join([HEAD, *(f"{ann},o,2026-03-01,{row}" for row in rows)]) + "\n")
    for count in ("imported", "duplicates"):
        assert cli.done("purchases", "import", str(path), "--currency", "EUR").facts[count] == "1"
    assert cli.done("purchases", "get", f"{ann}/o").facts["amount"] == "22.42"
