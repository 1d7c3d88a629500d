"""Every row that was not read is named and kept: whatever the bytes are, each line is accounted for."""

import csv
from collections.abc import Iterable
from pathlib import Path

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela_client.cli.imports.customer_rows import CustomerRows
from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row
from clientela_client.cli.imports.files.reject_log import RejectLog
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from tests.cli.running import Cli, new_id

HEAD = b"customer_id,purchase_id,date,amount,note"
# What bytes do harm to a reader of CSV, between rows that are right and pieces of such.
pieces = st.sampled_from(
    [
        b'"',
        b'""',
        b",",
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n",
        b"\0",
        b"\xff",
        b"\xc3\xa9",
        b"\xe2\x80\xa8",
        b"\x0b\x0c\x1c\x85",
        b" ",
        b",,,,",
        b"fine",
        b"5,,",
        b',5,"',
        b"ann,,1997-01-01,1,hi\n",
        b"ann,o-1,1997-01-01,1,hi\n",
        b'ann,o-1,1997-01-01,2,"hi"\n',
        b"ann,o-2,1997-13-01,1,hi\n",
        b'bob,,1997-01-01,1,"hi\n',
        b'bob,,1997-01-01,1,hi"\n',
        b'bob,,1997-01-01,1,"two\nlines"\n',
        b"bob,,1997-01-01,12,50,hi\n",
    ]
)
bodies = st.lists(pieces | st.binary(max_size=3), max_size=14).map(b"".join)
line_ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


def opened(path: Path, content: bytes) -> PurchaseRows:
    path.write_bytes(content)
    return PurchaseRows(CsvFile.open(path), PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT"))


def rejected(rows: PurchaseRows, path: Path) -> list[Reject]:
    """Write what is refused, as an import does."""
    found = [item for _, item in rows if isinstance(item, Reject)]
    with RejectLog(rows.file, path) as log:
        for reject in found:
            log.add(reject)
    return found


def raw(rows: Iterable[Row]) -> list[bytes]:
    return [row.text.encode("utf-8", "surrogateescape") for row in sorted(rows, key=lambda row: row.line)]


def said(found: list[Reject]) -> list[tuple[str, str, list[bytes]]]:
    """What was refused, why, and how it stood there; all but the last line's end."""
    return sorted(
        (each.column, each.reason, [text.rstrip(b"\r\n") for text in raw(each.rows)]) for each in found
    )


@given(body=bodies, end=line_ends)
@example(b'a,,1997-01-01,1,"open\nb,,1997-01-01,1,x\n', b"\n")
@example(b'a,,1997-01-01,1,"open\nb,,1997-01-01,1,5"\nc,,1997-01-01,1,x\n', b"\n")
@example(b'a,,1997-01-01,"open\nb,,1997-01-01,9,"\n', b"\n")
@example(b"\xc2", b"\r")
def test_every_line_is_in_a_row_that_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, end: bytes
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    rows = opened(folder / "f.csv", HEAD + end + body)

    together = b"".join(raw(row for of_one, _ in rows for row in of_one))

    assert [*filter(_holds_anything, lines_in(together))] == [*filter(_holds_anything, lines_in(body))]
    lines = [row.line for of_one, _ in rows for row in of_one]
    assert len(set(lines)) == len(lines)


def lines_in(content: bytes) -> list[bytes]:
    return content.replace(b"\r", b"\n").split(b"\n")


def _holds_anything(line: bytes) -> bool:
    """Return whether a line is more than a spreadsheet's empty row."""
    return bool(line.strip(b' \t,"').replace(b"\xc2\xa0", b""))


@given(body=bodies, end=line_ends)
@example(b'a,,1997-13-01,1,"open\nb,,1997-13-01,1,5"\n', b"\n")
@example(b'a,,x,1,5,"1"\n', b"\n")
@example(b'a,7,"x\n', b"\n")
@example(b"a,,1997-01-01\nb,,\nc\n", b"\r\n")
@example(b'a,,x,1,",5,,""x"""\n', b"\n")
@example(b"\x0b", b"\n")
def test_rejects_imported_as_they_are_are_refused_again_for_the_same_reasons(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, end: bytes
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    first = rejected(opened(folder / "f.csv", HEAD + end + body), folder / "no.csv")

    again = opened(folder / "no.csv", (folder / "no.csv").read_bytes())
    second = rejected(again, folder / "no2.csv")

    assert said(second) == said(first)
    assert all(isinstance(item, Reject) for _, item in again)
    assert sum(each.records for each in second) == sum(each.records for each in first)
    third = rejected(opened(folder / "no2.csv", (folder / "no2.csv").read_bytes()), folder / "no3.csv")
    assert (folder / "no3.csv").read_bytes().count(b"\n") == (folder / "no2.csv").read_bytes().count(b"\n")
    assert said(third) == said(first)


def test_what_a_spreadsheet_saves_anew_is_read_by_its_columns(tmp_path: Path) -> None:
    rejected(opened(tmp_path / "f.csv", HEAD + b"\na,,x,1,hi\nb,,1997-01-01\n"), tmp_path / "no.csv")
    with (tmp_path / "no.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert [len(row) for row in table] == [8] * 3
    assert [row[5] for row in table] == ["rejected_line", "2", "3"]
    table[1][2] = "1997-01-01"
    table[2][3] = "12"
    with (tmp_path / "again.csv").open("w", newline="") as file:
        csv.writer(file).writerows(table)
    found = [item for _, item in opened(tmp_path / "again.csv", (tmp_path / "again.csv").read_bytes())]
    assert [item.purchase.amount.units for item in found if not isinstance(item, Reject)] == [1, 12]


def lines_of(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "surrogateescape").splitlines()


OPEN = "customer_id,date,amount,note\nq-1,2026-03-01,1,fine\n{}q-200,2026-03-01,1,fine\n"


def test_an_open_quote_costs_its_own_row(tmp_path: Path) -> None:
    rest = "".join(f"q-{number},2026-03-01,1,fine\n" for number in range(3, 200))
    text = OPEN.format(f'q-2,2026-03-01,1,"unfinished\n{rest}')
    found = rejected(opened(tmp_path / "f.csv", text.encode()), tmp_path / "no.csv")
    assert [(each.line, each.rows[0].text) for each in found] == [(3, 'q-2,2026-03-01,1,"unfinished\n')]
    assert lines_of(tmp_path / "no.csv")[1].startswith('q-2,2026-03-01,1,"unfinished,3,,"its quotes')


def test_a_quote_that_takes_in_rows_costs_all_of_them_and_they_are_counted(tmp_path: Path) -> None:
    taken = 'r-3,2026-03-01,1,"Spoke to Ann\nr-4,2026-03-01,1,fine\nr-5,2026-03-01,1,called back"\n'
    found = rejected(opened(tmp_path / "f.csv", OPEN.format(taken).encode()), tmp_path / "no.csv")
    assert [(each.line, each.rows[0].last_line, each.records) for each in found] == [(3, 5, 3)]
    assert "rows by themselves" in found[0].reason
    assert "\n".join(lines_of(tmp_path / "no.csv")[1:]).startswith(taken.rstrip("\n"))


@pytest.mark.parametrize(
    "row",
    [
        'q-2,2026-03-01,1,"two\nlines, with, three commas"\n',
        '"q-2","2026-03-01","1","a list:\n1,2026-03-01,x\n2,y,z,1"\n',
        'q-2,2026-03-01,1,"5"" pipe\n\n7"" pipe"\n',
        'q-2,2026-03-01,1,5" pipe\n',
        "q-2,2026-03-01,1,a\u2028b\x0bc\x85d\n",
    ],
)
def test_text_of_several_lines_stays_text(tmp_path: Path, row: str) -> None:
    rows = opened(tmp_path / "f.csv", OPEN.format(row).encode())
    assert [isinstance(item, Reject) for _, item in rows] == [False] * 3


def test_text_before_the_date_stays_text_too(tmp_path: Path) -> None:
    text = 'note,customer_id,date,amount\n"hello\nworld",q-1,2026-03-01,1\n'
    assert [type(item) for _, item in opened(tmp_path / "f.csv", text.encode())] != [Reject]
    early = 'customer_id,note,date,amount\nq-1,"Spoke,2026-03-01,1\nq-2,called back",2026-03-01,1\n'
    ((_, reject),) = opened(tmp_path / "f.csv", early.encode())
    assert isinstance(reject, Reject) and "rows by themselves" in reject.reason


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"", "no header"),
        (b"\xef\xbb\xbf", "no header"),
        (b"\n\n", "no header"),
        (b"customer_id,da\0te,amount\n", "NUL bytes in its header"),
        (b"PK\x03\x04...", "ZIP archive"),
        (b"\x1f\x8b...", "damaged"),
        (b"customer_id,date,amount\n" + b"x" * (3 << 20), "longer than 1 MiB"),
        (b'customer_id,"date,amount\n', "its header can't be read"),
    ],
)
def test_what_is_no_csv_at_all_is_refused_with_what_it_is(tmp_path: Path, content: bytes, fact: str) -> None:
    with pytest.raises(click.UsageError, match=fact):
        opened(tmp_path / "f.csv", content)


def test_a_header_alone_is_a_file_of_nothing(tmp_path: Path) -> None:
    for end in (b"", b"\n", b"\r\n", b"\r"):
        assert list(opened(tmp_path / "f.csv", b"customer_id,date,amount" + end)) == []


def test_customers_rows_are_told_from_text_by_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text('customer_id,display_name\noc-1,A\noc-2,"B\noc-3,C"\noc-4,"two\nLines, x"\noc-5,"D\n')
    found = list(CustomerRows(CsvFile.open(path), {}))
    assert [(row.line, isinstance(item, Reject)) for row, item in found] == [
        (2, False),
        (3, True),
        (5, False),
        (7, True),
    ]


def facts(cli: Cli, path: Path, *options: str, exit_code: int = 6) -> list[int]:
    ended = cli("purchases", "import", str(path), *options)
    assert ended.exit_code == exit_code, ended.stderr
    keys = ("read", "imported", "duplicates", "rejected", "rows_read", "rows_rejected")
    return [int(ended.facts[key]) for key in keys]


def test_rejects_are_imported_to_what_the_mended_file_would_have_been(cli: Cli, tmp_path: Path) -> None:
    ann = new_id("ann")
    path, no, mended = tmp_path / "f.csv", tmp_path / "no.csv", tmp_path / "mended.csv"
    path.write_text(
        "customer_id,purchase_id,date,amount,currency,sku\r\n"
        f"{ann},o-1,2026-03-01,12,50,EUR,a\r\n"
        f"{ann},o-1,2026-03-01,1.00,EUR,b\r\n"
        f"{ann},,2026-03-01,7.00,EUR,c\r\n"
        f"{ann},o-2,2026-03-01,3.00,EUR,d\r\n"
        f"{ann},o-1,2026-03-01,2.00,EUR,e\r\n"
        f'{ann},,2026-03-01,5.00,EUR,"f\r\n',
        newline="",
    )
    assert facts(cli, path, "--rejects", str(no)) == [5, 2, 0, 3, 6, 4]
    assert facts(cli, no, "--rejects", str(mended)) == [3, 0, 0, 3, 4, 4]
    assert [line.rpartition(",EUR")[0] for line in lines_of(no)] == [
        "",
        f"{ann},o-1,2026-03-01,12,50",
        f"{ann},,2026-03-01,5.00",
        f"{ann},o-1,2026-03-01,1.00",
        f"{ann},o-1,2026-03-01,2.00",
    ]
    text = no.read_bytes().decode().replace("12,50", "12.50").replace('"f,', "f,")
    no.write_text(text, newline="")
    assert facts(cli, no, exit_code=0) == [2, 2, 0, 0, 4, 0]
    original = path.read_bytes().decode().replace("12,50", "12.50").replace('"f\r\n', "f\r\n")
    path.write_text(original, newline="")
    assert facts(cli, path, exit_code=0) == [4, 0, 4, 0, 6, 0]
    assert cli.done("customers", "get", ann).facts["totals.EUR.amount"] == "30.50"
    assert cli.done("purchases", "get", f"{ann}/o-1").facts["amount"] == "15.50"


def test_the_rows_of_a_refused_purchase_are_named(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    path.write_text(
        "customer_id,purchase_id,date,amount\n"
        f"{ann},o-1,2026-03-01,1\n{ann},o-2,2026-03-01,1\n{ann},o-1,2026-03-02,1\n{ann},o-1,,1\n"
    )
    ended = cli("purchases", "import", str(path), "--currency", "EUR")
    assert 'line 4, date (with lines 2, 5): rows of one purchase differ: "2026-03-01" and "2026-03-02"' in (
        ended.stderr
    )
    assert "1 purchase imported" in ended.stderr


def test_when_too_many_are_refused_the_rest_is_kept_too(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clientela_client.bulk.REJECTED_MAX", 3)
    monkeypatch.setattr("clientela_client.bulk.MESSAGE_ITEMS_MAX", 2)
    monkeypatch.setattr("clientela_client.bulk.STREAM_MESSAGES_FIRST", 2)
    monkeypatch.setattr("clientela_client.bulk.STREAM_MESSAGES_MAX", 2)
    ann, path, no = new_id("nobody"), tmp_path / "f.csv", tmp_path / "no.csv"
    path.write_text(
        "customer_id,date,amount\n" + "".join(f"{ann},2026-03-01,{number}\n" for number in range(30))
    )
    words = ("--currency", "EUR", "--no-create", "--rejects", str(no))
    assert facts(cli, path, *words) == [30, 0, 0, 30, 30, 30]
    kept = lines_of(no)
    assert len(kept) == 31
    assert [("There is no" in line, "not sent" in line) for line in kept[1:]] == [
        *[(True, False)] * 4,
        *[(False, True)] * 26,
    ]
