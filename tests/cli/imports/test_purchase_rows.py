"""Rows of a CSV file become purchases, exactly, or are refused with the line, the column and the reason."""

import time
from decimal import Decimal
from pathlib import Path
from random import Random

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.imports.files.csv_file import CsvFile, FileChanged, Reject
from clientela_client.cli.imports.files.row_ids import SeenNumbers
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.messages import ImportItem, Money
from clientela_lab import cdnow

ROWS_PER_SECOND_MIN = 30_000
amounts = st.decimals(min_value=0, max_value=10**12, places=4, allow_nan=False, allow_infinity=False)


def read(path: Path, text: str, currency: str | None = "EUR", **mapping: str) -> PurchaseRows:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return PurchaseRows(
        CsvFile.open(path), PurchaseImportOptions(mapping, currency, "PURCHASE_SOURCE_IMPORT")
    )


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


def said(rows: PurchaseRows) -> list[tuple[str, int]]:
    return [(item.purchase.name[10:], item.purchase.amount.units) for item in items(rows)]


def test_all_rows_of_an_id_are_one_purchase_wherever_they_stand(tmp_path: Path) -> None:
    text = "7,a,1\n7,a,2\n8,b,4\n7,,5\n7,a,7\n7,,5\n8,b,8\n7,a,16\n9,c,32\n"
    rows = read(
        tmp_path / "f.csv",
        "customer_id,purchase_id,amount,date\n" + text.replace("\n", ",1997-01-01\n"),
    )
    for _ in range(2):
        assert said(rows) == [
            ("", 5),
            ("", 5),
            ("8/purchases/b", 12),
            ("7/purchases/a", 26),
            ("9/purchases/c", 32),
        ]


def test_what_a_row_of_a_purchase_leaves_empty_is_as_in_the_first(tmp_path: Path) -> None:
    text = "7,a,1,1997-01-01,hi\n,a,2,,\n7,a,4,1997-01-01,hi\n"
    (item,) = items(read(tmp_path / "f.csv", f"customer_id,purchase_id,amount,date,note\n{text}"))
    assert (item.purchase.amount.units, item.purchase.note) == (7, "hi")


def test_an_id_may_count_within_its_customer(tmp_path: Path) -> None:
    text = "7,a,1\n8,a,2\n7,a,4\n,a,8\n".replace("\n", ",1997-01-01\n")
    path = tmp_path / "f.csv"
    path.write_text(f"customer_id,purchase_id,amount,date\n{text}")
    options = PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT", ids_per_customer=True)
    assert said(PurchaseRows(CsvFile.open(path), options)) == [("8/purchases/a", 2), ("7/purchases/a", 13)]
    (refused,) = rejects(read(path, path.read_text()))
    assert (refused.column, refused.line) == ("customer_id", 3)


def test_in_our_own_export_an_id_counts_within_its_customer(tmp_path: Path) -> None:
    text = "customer_id,purchase_id,amount,date,revision\n7,a,1,1997-01-01,1\n8,a,2,1997-01-01,2\n"
    assert said(read(tmp_path / "f.csv", text)) == [("7/purchases/a", 1), ("8/purchases/a", 2)]


@pytest.mark.parametrize(
    "damaged",
    [
        "7,a,1997-01-01,12,50",
        "7,a,1997-01-01",
        '7,a,1997-01-01,"2',
        "7,a,1997-01-01,2\0",
        "7,a,1997-01-01,\udcff",
        '7,a,1997-01-01,"2\n9,b,1997-01-01,2\n"',
    ],
)
def test_a_purchase_with_a_row_that_cannot_be_read_is_not_taken_without_it(
    tmp_path: Path, damaged: str
) -> None:
    text = f"7,a,1997-01-01,1\n7,c,1997-01-01,8\n{damaged}\n7,a,1997-01-01,4\n9,b,1997-01-01,4\n"
    rows = read(tmp_path / "f.csv", f"customer_id,purchase_id,date,amount\n{text}")
    taken = [item.purchase.name[10:] for _, item in rows if isinstance(item, ImportItem)]
    assert "7/purchases/a" not in taken and "7/purchases/c" in taken
    assert ("9/purchases/b" in taken) == ("b" not in damaged)
    assert "".join(row.text for of_one, _ in rows for row in sorted(of_one, key=lambda row: row.line))
    assert sorted(row.line for of_one, _ in rows for row in of_one) == sorted(
        {2, 3, 4, *(n + damaged.count("\n") for n in (5, 6))}
    )


def ids(path: Path, text: str, **options: str) -> list[str]:
    path.write_text(text)
    rows = PurchaseRows(
        CsvFile.open(path), PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT", **options)
    )
    return [item.request_id for item in items(rows)]


row_texts = st.lists(st.sampled_from(["7,1997-01-01,1", "7,1997-01-01,2", "8,1997-01-01,1"]), max_size=12)


@given(before=row_texts, more=row_texts, chance=st.randoms())
def test_rows_are_known_by_what_they_say_however_the_file_grows(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], more: list[str], chance: Random
) -> None:
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    head = "customer_id,date,amount\n"
    old = ids(path, head + "".join(f"{row}\n" for row in before))
    assert len(set(old)) == len(before)
    mixed = [*before, *more]
    chance.shuffle(mixed)
    grown = ids(path, head + "".join(f"{row}\n" for row in mixed))
    assert len(set(grown)) == len(mixed)
    assert set(old) <= set(grown)


@given(numbers=st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_numbers_that_were_met_are_known(numbers: list[int]) -> None:
    seen, met = SeenNumbers(len(numbers)), set[int]()
    for number in numbers:
        assert seen.add(number) == ((number or 1) in met)
        met.add(number or 1)


def test_more_rows_than_the_file_had_are_noticed_and_never_looked_for_without_end() -> None:
    seen = SeenNumbers(10)
    with pytest.raises(FileChanged, match="more lines"):
        list(map(seen.add, range(1, 100)))


def test_what_says_the_same_of_a_row_is_the_same_row(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    plain = ids(path, "customer_id,date,amount\n7,1997-01-01,1\n")
    assert plain == ids(path, "amount,customer_id,date\r\n1,7, 1997-01-01\r\n")
    assert plain == ids(path, '\ufeffcustomer_id,note,date,amount\n"7",,1997-01-01,"1"')
    for other in ("7,1997-01-01,1.5", "7,1997-01-02,1", "8,1997-01-01,1"):
        assert plain != ids(path, f"customer_id,date,amount\n{other}\n")
    assert plain != ids(path, "customer_id,date,amount\n7,1997-01-01,1\n", batch="other shop")


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
        ("7,1997-01-01,99999999999999999999,EUR,,", "amount", "more than money can hold"),
        ("7,1997-01-01,1,eur,,", "Waehrung", "no currency"),
        ("7,1997-01-01,1,,,", "Waehrung", "there is no currency"),
        ("7,1997-01-01,1,EUR,fun,", "purpose", "none of own_use"),
        ("7,1997-01-01,1,EUR,,customers/8/purchases/1", "refund_of", "no purchase of customers/7"),
        ("7,1997-01-01,-1,EUR,,", "amount", "--returns latest"),
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
        ("7,p,1997-01-01,1,USD", 3, "currency", 'differ: "EUR" and "USD"; one purchase has one currency'),
        ("7,p,1997-01-02,1,EUR", 3, "date", 'differ: "1997-01-01" and "1997-01-02"'),
        ("8,p,1997-01-01,1,EUR", 3, "customer_id", 'differ: "7" and "8"'),
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
    assert [row.text for row in reject.rows] == [f"{first}\n", f"{second}\n"]


def test_a_purchase_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    text = "7,p,1997-01-01,1\n" * 2001
    found = rejects(read(tmp_path / "f.csv", f"customer_id,purchase_id,date,amount\n{text * 2}"))
    assert {reject.reason for reject in found} == {"the purchase has more than 2000 lines"}
    assert [len(reject.rows) for reject in found] == [2001] + [1] * 2001
    assert sum(reject.records for reject in found) == 1


def test_a_purchase_that_no_message_holds_is_refused_alone(tmp_path: Path) -> None:
    text = (
        "".join(f"7,p,1997-01-01,1,{'x' * 500}{number}\n" for number in range(1999)) + "7,q,1997-01-01,1,y\n"
    )
    rows = read(tmp_path / "f.csv", f"customer_id,purchase_id,date,amount,description\n{text}")
    assert [each.reason.rpartition(" bytes, ")[2] for each in rejects(rows)] == ["a message holds 1,000,000"]
    assert sum(isinstance(item, ImportItem) for _, item in rows) == 1


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
    rows = PurchaseRows(
        CsvFile.open(tmp_path / "cdnow.csv"), PurchaseImportOptions({}, "USD", "PURCHASE_SOURCE_IMPORT")
    )

    def seconds() -> float:
        began = time.process_time()
        assert sum(1 for _ in rows) == cdnow.PURCHASES
        return time.process_time() - began

    rate = cdnow.PURCHASES / min(seconds() for _ in range(5))
    print(f"{rate:,.0f} rows/s as messages")
    assert rate > ROWS_PER_SECOND_MIN
