"""A CSV file is read a row at a time, as often as need be, and each of its rows has an id of its own."""

import csv
import hashlib
import tracemalloc
import uuid
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.imports.files.csv_columns import columns, parse_mapping
from clientela_client.cli.imports.files.csv_file import CsvFile, FileChanged
from clientela_client.cli.imports.files.row_ids import derived_request_id

digests = st.binary(min_size=32, max_size=32)
# What the csv module writes, it reads back: all but lone surrogates and NUL.
# With nothing else in its cells a row is a spreadsheet's empty one.
BLANKS = " \t\xa0"
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@given(digests, st.lists(st.integers(0, 2**40), unique=True, max_size=50))
def test_a_rows_id_depends_on_the_file_and_the_place_alone(digest: bytes, places: list[int]) -> None:
    ids = [derived_request_id(digest, place) for place in places]
    assert ids == [derived_request_id(digest, place) for place in places]
    assert len(set(ids)) == len(places)
    assert {derived_request_id(digest, place, b"customers") for place in places}.isdisjoint(ids)
    assert all(uuid.UUID(text).version == 4 and str(uuid.UUID(text)) == text for text in ids)


@given(digests, digests, st.integers(0, 1000))
def test_another_file_has_other_ids(one: bytes, other: bytes, place: int) -> None:
    assert (derived_request_id(one, place) == derived_request_id(other, place)) is (one == other)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=20))
def test_rows_are_what_was_written(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([["a", "b"], *rows])
    file = CsvFile.open(path)
    for _ in range(2):
        assert [row.cells for row in file.rows()] == [row for row in rows if "".join(row).strip(BLANKS)]
    assert file.digest == hashlib.sha256(path.read_bytes()).digest()


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    text = '\ufeffa,b\r\n1,2\r\n\r\n"3\r\nstill 3",4\r\n5\r\n6,7,8\r\n9,"x\ny",z"\r\n10,11\r\n'
    file = CsvFile.open(written(tmp_path / "file.csv", text))
    rows = list(file.rows())
    assert file.header == ("a", "b")
    assert [(row.index, row.line) for row in rows] == [(0, 2), (1, 4), (2, 6), (3, 7), (4, 8), (5, 10)]
    assert [bool(row.problem) for row in rows] == [False, False, True, True, True, False]
    assert rows[2].problem == "the row has 1 cells, the header has 2"


def test_an_open_quote_costs_the_row_not_the_program(tmp_path: Path) -> None:
    file = CsvFile.open(written(tmp_path / "file.csv", 'a,b\n1,2\n"3,4\n'))
    good, bad = file.rows()
    assert good.cells == ["1", "2"]
    assert bad.line == 3 and "quote" in bad.problem


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path / "file.csv", "a\n1\n2\n")
    rows = CsvFile.open(path).rows()
    next(rows)
    with path.open("a") as more:
        more.write("3\n")
    with pytest.raises(FileChanged, match="was changed"):
        list(rows)


@pytest.mark.parametrize(
    ("text", "fact"),
    [("", "no header"), ("\n", "no header"), (b"a,\xff\n", "cp1252"), ('"a', "header can't be read")],
)
def test_a_file_without_a_header_is_refused(tmp_path: Path, text: str | bytes, fact: str) -> None:
    with pytest.raises(click.UsageError, match=fact):
        CsvFile.open(written(tmp_path / "file.csv", text))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="isn't there"):
        CsvFile.open(tmp_path / "nothing.csv")
    with pytest.raises(click.UsageError, match="more than once"):
        CsvFile.open(tmp_path)


def _peak_kib(path: Path) -> float:
    tracemalloc.start()
    try:
        count = sum(1 for _ in CsvFile.open(path).rows())
        assert count > 0
        return tracemalloc.get_traced_memory()[1] / 1024
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = "00004,1997-01-01,1,29.33\n"
    short = _peak_kib(written(tmp_path / "short.csv", "a,b,c,d\n" + row * 1_000))
    long = _peak_kib(written(tmp_path / "long.csv", "a,b,c,d\n" + row * 100_000))
    print(f"peak for 1,000 rows {short:.0f} KiB, for 100,000 rows {long:.0f} KiB")
    # Digesting reads a block of 1 MiB at a time, if the file has it; the short one is smaller than that.
    assert long < short + 2.5 * 1024


@pytest.mark.parametrize(
    ("header", "mapping", "fact"),
    [
        (["id", "extra"], {}, 'unknown column "extra"; the file has: id, extra'),
        (["id"], {"day": "date"}, 'there is no column "day"; the file has: id'),
        (["id", "date"], {"date": "id"}, 'two columns "id": "id" and "date"; the file has: id, date'),
        (["id", "id"], {}, 'two columns "id"; the file has: id, id'),
        (["id", "ids"], {}, 'two columns "id": "id" and "ids"'),
        (["ID", "id"], {}, 'unknown column "ID"'),
        (["id", "", "date"], {}, "column 2 of the file has no name"),
        (["id"], {"mail": "email"}, "if it is a value of a column"),
        (["id", "label."], {}, 'unknown column "label."'),
    ],
)
def test_columns_that_are_not_ours_are_named(
    header: Sequence[str], mapping: dict[str, str], fact: str
) -> None:
    with pytest.raises(click.UsageError, match=fact):
        columns(header, mapping, ["id", "ids", "date", "label."], aliases={"ids": "id"})


def test_columns_can_be_renamed_left_out_and_known_by_their_beginning() -> None:
    found = columns(
        ["who", "day", "colour", "label.tier", "uid"],
        parse_mapping(["who=id", "day=date", "colour="]),
        ["id", "date", "label."],
        frozenset({"uid"}),
    )
    assert found == {"id": 0, "date": 1, "label.tier": 3}


def test_columns_that_nobody_knows_are_left_out_where_that_is_said() -> None:
    header = ["", "id", "colour", "date", ""]
    known = ["id", "date"]
    assert columns(header, {}, known, ignores_others=True) == {"id": 1, "date": 3}
    with pytest.raises(click.UsageError, match='"id" and "colour"'):
        columns(header, {"colour": "id"}, known, ignores_others=True)
    with pytest.raises(click.UsageError, match='unknown column "tint"'):
        columns(header, {"colour": "tint"}, known, ignores_others=True)


def test_a_mapping_says_one_thing_of_a_column() -> None:
    with pytest.raises(click.BadParameter, match='"day" is given twice'):
        parse_mapping(["day=date", "day=note"])


@pytest.mark.parametrize("entry", ["date", "=date", ""])
def test_a_mapping_names_both_columns(entry: str) -> None:
    with pytest.raises(click.BadParameter, match="THEIR_COLUMN=OURS"):
        parse_mapping([entry])
