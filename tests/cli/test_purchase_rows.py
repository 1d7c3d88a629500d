"""Rows of a CSV file become purchases, exactly, or are refused with the line, the column and the reason."""

import time
from decimal import Decimal
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.csv_file import CsvFile, Reject, derived_request_id
from clientela_client.cli.purchase_columns import Terms
from clientela_client.cli.purchase_rows import PurchaseRows
from clientela_client.messages import ImportItem, Money
from clientela_lab import cdnow

ROWS_PER_SECOND_MIN = 30_000
amounts = st.decimals(min_value=0, max_value=10**12, places=4, allow_nan=False, allow_infinity=False)


def read(path: Path, text: str, currency: str | None = "EUR", **mapping: str) -> PurchaseRows:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return PurchaseRows(CsvFile.open(path), Terms(mapping, currency, "PURCHASE_SOURCE_IMPORT"))


def items(rows: PurchaseRows) -> list[ImportItem]:
    found = [item for _, item in rows]
    assert all(isinstance(item, ImportItem) for item in found), found
    return [item for item in found if isinstance(item, ImportItem)]


def rejects(rows: PurchaseRows) -> list[Reject]:
    return [item for _, item in rows if isinstance(item, Reject)]


def value(money: Money) -> Decimal:
    return Decimal(money.units) + Decimal(money.nanos).scaleb(-9)


def test_a_row_is_a_purchase(tmp_path: Path) -> None:
    rows = read(tmp_path / "f.csv", "customer_id,date,quantity,amount\n00004,1997-01-01,2,29.33\n")
    (item,) = items(rows)
    purchase = item.purchase
    assert item.customer == "customers/00004"
    assert item.request_id == derived_request_id(CsvFile.open(tmp_path / "f.csv").digest, 0)
    assert purchase.name == ""
    assert (purchase.amount.currency_code, value(purchase.amount)) == ("EUR", Decimal("29.33"))
    assert purchase.purchase_time.ToJsonString() == "1997-01-01T00:00:00Z"
    (line,) = purchase.lines
    assert line.quantity.value == "2" and not line.HasField("unit_price")


def test_all_columns_have_their_place(tmp_path: Path) -> None:
    header = "customer_id,date,amount,quantity,unit_price,currency,purchase_id,sku,description,category"
    row = "7,1997-01-01T08:26:00+01:00,19.90,2,9.95,USD,p-1,ab-1,Beans,food"
    (item,) = items(read(tmp_path / "f.csv", f"{header},purpose,sales_path,note\n{row},resale,Direct,hi\n"))
    purchase = item.purchase
    (line,) = purchase.lines
    assert purchase.name == "customers/7/purchases/p-1"
    assert purchase.purchase_time.ToJsonString() == "1997-01-01T07:26:00Z"
    assert (line.sku, line.description, line.category) == ("ab-1", "Beans", "food")
    assert (value(line.unit_price), line.unit_price.currency_code) == (Decimal("9.95"), "USD")
    assert (purchase.purpose, purchase.sales_path, purchase.note) == (2, 1, "hi")


def test_quantity_and_price_need_no_amount(tmp_path: Path) -> None:
    (item,) = items(read(tmp_path / "f.csv", "customer_id,date,quantity,unit_price\n7,1997-01-01,2,9.95\n"))
    assert not item.purchase.HasField("amount")
    assert value(item.purchase.lines[0].unit_price) == Decimal("9.95")


@given(st.lists(amounts, min_size=1, max_size=20))
def test_lines_of_one_purchase_add_up_exactly(
    tmp_path_factory: pytest.TempPathFactory, parts: list[Decimal]
) -> None:
    text = "".join(f"7,p,1997-01-01,{part:f},x\n" for part in parts)
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    (item,) = items(read(path, f"customer_id,purchase_id,date,amount,sku\n{text}"))
    assert value(item.purchase.amount) == sum(parts)
    assert len(item.purchase.lines) == len(parts)


def test_only_rows_one_after_the_other_are_one_purchase(tmp_path: Path) -> None:
    text = "7,a,1\n7,a,2\n7,b,3\n8,b,4\n7,,5\n7,,6\n7,a,7\n"
    rows = read(
        tmp_path / "f.csv",
        "customer_id,purchase_id,amount,date\n" + text.replace("\n", ",1997-01-01\n"),
    )
    found = items(rows)
    assert [(item.purchase.name[10:], item.purchase.amount.units) for item in found] == [
        ("7/purchases/a", 3),
        ("7/purchases/b", 3),
        ("8/purchases/b", 4),
        ("", 5),
        ("", 6),
        ("7/purchases/a", 7),
    ]
    digest = CsvFile.open(tmp_path / "f.csv").digest
    assert [item.request_id for item in found] == [derived_request_id(digest, n) for n in (0, 2, 3, 4, 5, 6)]


def test_equal_rows_stay_two_purchases(tmp_path: Path) -> None:
    one, other = items(read(tmp_path / "f.csv", "customer_id,date,amount\n" + "7,1997-01-01,1\n" * 2))
    assert one.purchase == other.purchase
    assert one.request_id != other.request_id


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("7,1997-13-01,1,EUR,,", "date", "neither a date"),
        ("7,,1,EUR,,", "date", "neither a date"),
        (",1997-01-01,1,EUR,,", "customer_id", "no customer_id"),
        ("7,1997-01-01,abc,EUR,,", "amount", "not an amount"),
        ("7,1997-01-01,,EUR,,", "amount", "neither an amount nor"),
        ("7,1997-01-01,99999999999999999999,EUR,,", "amount", "not an amount"),
        ("7,1997-01-01,1,eur,,", "Waehrung", "no currency"),
        ("7,1997-01-01,1,,,", "Waehrung", "there is no currency"),
        ("7,1997-01-01,1,EUR,fun,", "purpose", "none of own_use"),
        ("7,1997-01-01,1,EUR,,customers/7/purchases/1", "refund_of", "purchases refund"),
        ("7,1997-01-01,1,EUR", "", "4 cells, the header has 6"),
        ("7\udcff,1997-01-01,1,EUR,,", "", "not UTF-8"),
    ],
)
def test_a_row_that_is_wrong_is_refused_and_the_rest_stands(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    good = "7,1997-01-01,1,EUR,,\n"
    rows = read(
        tmp_path / "f.csv",
        f"customer_id,date,amount,Waehrung,purpose,refund_of\n{good}{row}\n{good}",
        currency=None,
        Waehrung="currency",
    )
    (reject,) = rejects(rows)
    assert (reject.line, reject.column) == (3, column)
    assert reason in reject.reason
    assert sum(1 for _ in rows) == 3


@pytest.mark.parametrize(
    ("second", "line", "column", "reason"),
    [
        ("7,p,1997-01-01,,EUR", 3, "amount", "some rows of the purchase"),
        ("7,p,1997-01-01,1,USD", 3, "currency", "one purchase has one currency"),
        ("7,p,1997-01-01,x,EUR", 3, "amount", "not an amount"),
        ("7,p,1997-01-01,9000000000000000000,EUR", 2, "amount", "more than money can hold"),
    ],
)
def test_a_purchase_with_a_line_that_is_wrong_is_refused_whole(
    tmp_path: Path, second: str, line: int, column: str, reason: str
) -> None:
    first = "7,p,1997-01-01,9000000000000000000,EUR"
    rows = read(tmp_path / "f.csv", f"customer_id,purchase_id,date,amount,currency\n{first}\n{second}\n")
    ((_, reject),) = rows
    assert isinstance(reject, Reject)
    assert (reject.line, reject.column) == (line, column)
    assert reason in reject.reason


def test_a_purchase_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    text = "7,p,1997-01-01,1\n" * 501
    (reject,) = rejects(read(tmp_path / "f.csv", f"customer_id,purchase_id,date,amount\n{text}"))
    assert "more than 500 lines" in reject.reason


@pytest.mark.parametrize(
    ("header", "fact"),
    [
        ("customer_id,amount", 'no column "date"'),
        ("date,amount", 'no column "customer_id"'),
        ("customer_id,date", 'neither "amount" nor both'),
        ("customer_id,date,quantity", 'neither "amount" nor both'),
        ("customer_id,date,amount,colour", 'unknown column "colour"'),
    ],
)
def test_a_file_that_is_no_list_of_purchases_is_refused_with_its_columns(
    tmp_path: Path, header: str, fact: str
) -> None:
    with pytest.raises(click.UsageError, match=fact) as refused:
        read(tmp_path / "f.csv", f"{header}\n")
    assert header.replace(",", ", ") in refused.value.message


def test_a_file_without_currency_needs_one(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="--currency USD"):
        read(tmp_path / "f.csv", "customer_id,date,amount\n", currency=None)


def test_rows_are_read_fast_enough_for_the_wire(tmp_path: Path) -> None:
    cdnow.write_csv(tmp_path / "cdnow.csv")
    rows = PurchaseRows(CsvFile.open(tmp_path / "cdnow.csv"), Terms({}, "USD", "PURCHASE_SOURCE_IMPORT"))

    def seconds() -> float:
        began = time.process_time()
        assert sum(1 for _ in rows) == cdnow.PURCHASES
        return time.process_time() - began

    rate = cdnow.PURCHASES / min(seconds() for _ in range(5))
    print(f"{rate:,.0f} rows/s as messages")
    assert rate > ROWS_PER_SECOND_MIN
