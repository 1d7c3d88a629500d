"""Progress counts acknowledged rows of the file; so does the rate."""

from pathlib import Path

import pytest

from clientela_client.cli.imports.files.csv_file import CsvFile
from clientela_client.cli.imports.import_report import ImportReport
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_import import _Stream
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.messages import ImportPurchasesResponse
from tests.cli.running import Cli, new_id


class Shown:
    """What a progress bar was told."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def reach(self, rows: int) -> None:
        self.rows.append(rows)


def test_progress_counts_rows_that_were_answered_for_not_those_that_were_read(tmp_path: Path) -> None:
    path, shown = tmp_path / "f.csv", Shown()
    rows = [f"7,o-{number // 3},2026-03-01,1" for number in range(4500)]
    path.write_text("\n".join(["customer_id,purchase_id,date,amount", *rows]) + "\n")
    file = PurchaseRows(CsvFile.open(path), PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT"))
    stream = _Stream(file, shown)  # type: ignore[arg-type]
    assert len(list(stream.items())) == 1500
    assert shown.rows == []
    for imported, duplicates in ((400, 0), (600, 500), (1000, 500)):
        stream.answered(ImportPurchasesResponse(imported_count=imported, duplicate_count=duplicates))
    assert shown.rows == [0, 3000, 4500]


def test_the_speed_is_of_rows(cli: Cli, tmp_path: Path) -> None:
    report = ImportReport(
        "purchases", 2, 0, 0, rows_read=600, rows_rejected=0, customers_created=1, revision=3, seconds=2
    )
    assert (report.rows_per_second, report.read) == (300, 2)
    path = tmp_path / "f.csv"
    path.write_text(f"customer_id,date,amount,currency\n{new_id('ann')},2026-03-01,1,EUR\n")
    ended = cli.done("purchases", "import", str(path))
    assert "1 purchase imported, 1 customer registered" in ended.stderr
    assert "1 row read, in " in ended.stderr and " rows/s" in ended.stderr


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (
            "\ufeffcustomer_id,date,amount,currency\r\n{0},2026-03-01,12.50,EUR\r\n,,,\r\n,,,\r\n\r\n",
            (1, 1, 0),
        ),
        ("customer_id;date;amount;currency\n{0};2026-03-01;12,50;EUR\n", (1, 1, 0)),
        ("customer_id\tdate\tamount\tcurrency\n{0}\t2026-03-01\t12.50\tEUR\n", (1, 1, 0)),
        ("sep=,\ncustomer_id,date,amount,currency\n{0},2026-03-01,12.50,EUR\n", (1, 1, 0)),
        ("customer_id,date,amount,currency\r{0},2026-03-01,12.50,EUR\r{0},2026-03-01,x,EUR\r", (2, 1, 1)),
        ("customer_id,date,amount,currency\n{0},2026-03-01,12.50,EUR\n{0},2026-03-01,12,50,EUR\n", (2, 1, 1)),
        ('customer_id,date,amount,currency,note\n{0},2026-03-01,12.50,EUR,5" pipe\n', (1, 1, 0)),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16"])
def test_nothing_of_a_file_vanishes(
    cli: Cli, tmp_path: Path, content: str, counts: tuple[int, int, int], encoding: str
) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    text = content.format(ann)
    # This codec writes a mark of its own.
    path.write_bytes((text.removeprefix("\ufeff") if encoding == "utf-16" else text).encode(encoding))
    facts = cli("purchases", "import", str(path)).facts
    assert tuple(int(facts[key]) for key in ("read", "imported", "rejected")) == counts
    assert cli.done("customers", "get", ann).facts["totals.EUR.amount"] == "12.50"
