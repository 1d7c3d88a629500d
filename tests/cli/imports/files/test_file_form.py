"""How a file is written is found by its first bytes; whatever the form is, the same rows come of it."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela_client.cli.imports.files.csv_file import CsvFile, Reject
from clientela_client.cli.imports.files.reject_log import RejectLog
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from tests.cli.running import Cli, new_id

TEXT = "customer_id,date,amount,note\nann,2026-03-01,12.50,Größe\nbob,2026-03-02,7,\n"


def opened(path: Path, content: bytes, **how: str) -> CsvFile:
    path.write_bytes(content)
    return CsvFile.open(path, **how)  # type: ignore[arg-type]


def cells(file: CsvFile) -> list[list[str]]:
    return [row.cells for row in file.rows()]


def written(
    text: str, separator: str, encoding: str, mark: bool, end: str, sep_line: bool, packed: bool
) -> bytes:
    """Write commas and line ends of a text otherwise."""
    lines = text.replace(",", separator).replace("\n", end)
    lines = f"sep={separator}{end}{lines}" if sep_line else lines
    content = (f"\ufeff{lines}" if mark else lines).encode(encoding)
    return gzip.compress(content) if packed else content


forms = st.tuples(
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.booleans(),
)


@given(form=forms)
@example((";", "utf-16-le", False, "\r\n", True, True))
@example(("\t", "utf-16-be", False, "\r", False, False))
def test_the_same_rows_come_of_every_form(
    tmp_path_factory: pytest.TempPathFactory, form: tuple[str, str, bool, str, bool, bool]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    file = opened(path, written(TEXT, *form))
    assert file.header == ("customer_id", "date", "amount", "note")
    for _ in range(2):
        assert cells(file) == [["ann", "2026-03-01", "12.50", "Größe"], ["bob", "2026-03-02", "7", ""]]
    first = 3 if form[4] else 2
    assert [row.line for row in file.rows()] == [first, first + 1]


@given(form=forms)
def test_rejects_keep_the_form_and_are_refused_again(
    tmp_path_factory: pytest.TempPathFactory, form: tuple[str, str, bool, str, bool, bool]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    bad = TEXT + "bob,yesterday,1,a; b\nshort\nbob,2026-03-01,-2,\n"
    reasons, content = [], written(bad, *form)
    for name in ("f.csv", "no.csv", "no2.csv"):
        rows = PurchaseRows(
            opened(folder / name, content), PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT")
        )
        found = [item for _, item in rows if isinstance(item, Reject)]
        reasons.append([(each.column, each.reason, each.rows[0].text.rstrip("\r\n")) for each in found])
        with RejectLog(rows.file, folder / "next.csv") as log:
            for reject in found:
                log.add(reject)
        content = (folder / "next.csv").read_bytes()
    assert len(reasons[0]) == 3
    assert reasons[0] == reasons[1] == reasons[2]


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("a;b,c;d\n1;2,5;3\n", ("a", "b,c", "d")),
        ('"a;b",c\n1,2\n', ("a;b", "c")),
        ("a,b;c\n1,2;3\n4,5;6\n", ("a", "b;c")),
        ("name, first;day, hour\nx;y\n", ("name, first", "day, hour")),
        ("id\n7\n", ("id",)),
        ("sep=;\nid,x\n7,8\n", ("id,x",)),
        ('"sep=;"\nid;x\n7;8\n', ("id", "x")),
        ("SEP=|,,\nid|x\n", ("id", "x")),
        ("sep,x\n1,2\n", ("sep", "x")),
        (",,\n\n,,\na,b,\n1,2,\n", ("a", "b")),
    ],
)
def test_the_separator_is_the_one_that_the_header_has(
    tmp_path: Path, content: str, header: tuple[str, ...]
) -> None:
    assert opened(tmp_path / "f.csv", content.encode()).header == header


def test_empty_rows_and_columns_of_a_spreadsheet_are_not_there(tmp_path: Path) -> None:
    text = 'a,b,,\n1,2,,\n,,,\n3,4\n"","",,\n , ,\t,\n5,6,,,,,\n,,,,,,,\n\n'
    file = opened(tmp_path / "f.csv", text.encode())
    assert file.header == ("a", "b")
    rows = list(file.rows())
    assert [(row.line, row.cells, row.problem) for row in rows] == [
        (2, ["1", "2"], ""),
        (4, ["3", "4"], ""),
        (7, ["5", "6"], ""),
    ]


def test_a_value_without_a_column_is_not_dropped_in_silence(tmp_path: Path) -> None:
    content = b"a,b,,\n1,2,,x\n3,4,y\n5,6,,,,z\n7\n"
    rows = list(opened(tmp_path / "f.csv", content).rows())
    assert [row.problem for row in rows] == [
        "column 4 has no name in the header, and the row has a value there",
        "column 3 has no name in the header, and the row has a value there",
        "the row has 6 cells, the header has 4",
        "the row has 1 cells, the header has 4",
    ]
    lenient = CsvFile.open(tmp_path / "f.csv", ignores_nameless=True)
    assert [row.cells for row in lenient.rows() if not row.problem] == [["1", "2"], ["3", "4"]]


def test_an_encoding_is_named_and_its_rejects_are_in_it(tmp_path: Path) -> None:
    content = "customer_id;date;amount;note\nann;2026-03-01;1;Größe €\nbob;x;2;Łódź\n".encode("cp1250")
    file = opened(tmp_path / "f.csv", content, encoding="cp1250")
    assert cells(file) == [["ann", "2026-03-01", "1", "Größe €"], ["bob", "x", "2", "Łódź"]]
    plain = opened(tmp_path / "same.csv", content)
    assert ["--encoding cp1252" in row.problem for row in plain.rows()] == [True, True]
    (row,) = [row for row in file.rows() if row.line == 3]
    with RejectLog(file, tmp_path / "no.csv") as log:
        log.add(Reject([row], 3, "date", "「?"))
    assert 'bob;x;2;Łódź;3;date;"??"\n'.encode("cp1250") in (tmp_path / "no.csv").read_bytes()


def test_a_byte_that_the_encoding_lacks_costs_its_row(tmp_path: Path) -> None:
    file = opened(tmp_path / "f.csv", b"a,b\n1,\x81\n2,\xe9\n", encoding="cp1252")
    assert [(row.cells[1], row.problem) for row in file.rows()] == [
        ("\udc81", "the row is not CP1252"),
        ("é", ""),
    ]
    lone = "a,b\n1,x\n2,y\n".encode("utf-16-le").replace(b"x\0", b"\x00\xd8")
    assert [row.problem for row in opened(tmp_path / "f.csv", lone).rows()] == [
        "the row is not UTF-16-LE",
        "",
    ]


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (archive("[Content_Types].xml", "xl/workbook.xml"), ("Excel workbook (.xlsx)", "Save As, CSV UTF-8")),
        (archive("mimetype", "content.xml"), ("OpenDocument spreadsheet (.ods)", "save it as CSV")),
        (archive("till.csv"), ("ZIP archive of till.csv", "unpack it")),
        (b"PK\x03\x04 cut", ("ZIP archive", "unpack it")),
        (bytes.fromhex("d0cf11e0a1b11ae1"), ("old Excel workbook (.xls)", "save it as CSV")),
        (b"<html><table>", ("HTML or XML, as some programs write .xls", "save it as CSV")),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', ("HTML or XML", "save it as CSV")),
        (b'[{"customer_id": 1}]', ("it is JSON", ".ndjson")),
        (b'\n{"customer_id": 1}', ("it is JSON", ".ndjson")),
        (b"%PDF-1.7", ("a PDF", "as CSV")),
        (b"BZh91AY", ("bzip2", "unpack it")),
        (b"\xfd7zXZ\0", ("xz", "unpack it")),
        ("a,b\n".encode("utf-32"), ("UTF-32", "save it as UTF-8")),
        (b"\xff\xfea\0,\0b\0\n\0x", ("UTF-16 and cut",)),
        (gzip.compress(TEXT.encode())[:-9], ("gzip", "damaged")),
        (gzip.compress(archive("xl/workbook.xml")), ("Excel workbook",)),
        (b"", ("no header",)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_is_no_csv_is_named_with_what_to_do(
    tmp_path: Path, content: bytes, facts: tuple[str, ...]
) -> None:
    with pytest.raises(click.UsageError) as refused:
        opened(tmp_path / "f.csv", content)
    assert all(fact in refused.value.message for fact in facts), refused.value.message


def _in_german(customer: str) -> str:
    return f"customer_id;date;amount;currency;;\r\n{customer};01.03.2026;1.234,56;EUR;;\r\n;;;;;\r\n"


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(("sep=;\r\n" + text).encode()),
        lambda text: text.replace(";", "\t").encode("utf-16-be"),
    ],
)
def test_a_file_as_a_firm_has_it_is_imported_whole(
    cli: Cli, tmp_path: Path, form: Callable[[str], bytes]
) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    path.write_bytes(form(_in_german(ann)))
    ended = cli.done("purchases", "import", str(path), "--date-format", "%d.%m.%Y")
    assert [ended.facts[key] for key in ("read", "imported", "rows_read")] == ["1", "1", "1"]
    assert cli.done("customers", "get", ann).facts["totals.EUR.amount"] == "1234.56"


@pytest.mark.parametrize(("encoding", "ending"), [("utf-8", ".ndjson.gz"), ("utf-16", ".ndjson")])
def test_ndjson_may_be_packed_or_utf_16(cli: Cli, tmp_path: Path, encoding: str, ending: str) -> None:
    ann, path = new_id("ann"), tmp_path / f"c{ending}"
    content = f'{{"name":"customers/{ann}","displayName":"Größe"}}\nnone\n'.encode(encoding)
    path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    ended = cli("customers", "import", str(path), "--rejects", str(tmp_path / "no.ndjson"))
    assert (ended.facts["imported"], ended.facts["rejected"]) == ("1", "1")
    assert cli.done("customers", "get", ann).facts["display_name"] == "Größe"
    assert (tmp_path / "no.ndjson").read_text() == "none\n"


@pytest.mark.parametrize("name", ["idna", "rot13", "klingon", "cp037", "utf-7", "\0"])
def test_what_is_no_encoding_of_files_is_refused(bare: Cli, tmp_path: Path, name: str) -> None:
    ended = bare("customers", "import", str(tmp_path / "f.csv"), "--encoding", name)
    assert ended.exit_code == 2
    assert "is no encoding of text files" in ended.stderr
