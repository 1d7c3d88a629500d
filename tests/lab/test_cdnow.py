"""The sample is the published file, and its totals are the published ones."""

import csv
import gzip
import hashlib
from collections import Counter
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from clientela_lab import cdnow


def test_the_text_is_unchanged_and_its_digest_is_written_down() -> None:
    data = files("clientela_lab") / "data"
    digest = hashlib.sha256(gzip.decompress((data / "cdnow_sample.txt.gz").read_bytes())).hexdigest()
    assert digest in (data / "README.md").read_text(encoding="utf-8")


def test_the_figures_are_those_that_are_published() -> None:
    rows = list(cdnow.rows())
    counts = Counter(row.customer_id for row in rows)
    top, top_count = counts.most_common(1)[0]
    assert len(rows) == cdnow.PURCHASES == 6919
    assert len(counts) == cdnow.CUSTOMERS == 2357
    assert sum(Decimal(row.amount) for row in rows) == cdnow.AMOUNT == Decimal("244091.94")
    assert (top, top_count) == (cdnow.TOP_CUSTOMER, cdnow.TOP_PURCHASES) == ("19339", 56)
    assert sum(Decimal(row.amount) for row in rows if row.customer_id == top) == cdnow.TOP_AMOUNT
    assert sum(1 for row in rows if not Decimal(row.amount)) == 8


def test_the_csv_keeps_ids_as_they_are_given(tmp_path: Path) -> None:
    cdnow.write_csv(tmp_path / "cdnow.csv")
    with (tmp_path / "cdnow.csv").open(encoding="utf-8", newline="") as file:
        header, first, *_ = csv.reader(file)
    assert tuple(header) == cdnow.HEADER
    assert first == ["00004", "1997-01-01", "2", "29.33"]


def test_each_customer_of_the_purchases_has_a_line_of_its_own(tmp_path: Path) -> None:
    cdnow.write_customers_csv(tmp_path / "clients.csv")
    with (tmp_path / "clients.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert tuple(header) == cdnow.CUSTOMERS_HEADER
    assert [line[0] for line in lines] == sorted({row.customer_id for row in cdnow.rows()})
    assert lines[0] == ["00004", "Customer 00004", "advertising"]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text("mine")
    for write in (cdnow.write_csv, cdnow.write_customers_csv):
        with pytest.raises(FileExistsError):
            write(file)
    assert file.read_text() == "mine"
