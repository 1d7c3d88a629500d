"""Columns fit the room that there is, whatever they hold; widths are counted in cells."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from clientela_client.cli.output.fitting import MeasuredColumn, fit_columns, padded, truncated
from clientela_client.cli.output.views import Column


@given(st.text(st.sampled_from("aé日本한e\u0301\u200b👩‍🚀 ")), st.integers(1, 30))
def test_a_text_is_cut_to_the_width_by_cells(text: str, width: int) -> None:
    shortened = truncated(text, width, "…")
    assert cell_len(shortened) <= width
    assert shortened == text or shortened.endswith("…")
    assert text.startswith(shortened.removesuffix("…").rstrip())


KINDS: dict[str, dict[str, Any]] = {
    "text": {"truncatable": True},
    "id": {"is_id": True},
    "time": {"cut_lengths": (16, 10)},
    "figure": {"align_right": True},
}


@given(
    st.lists(st.tuples(st.integers(0, 90), st.sampled_from(list(KINDS)), st.integers(0, 3)), min_size=1),
    st.integers(20, 200),
)
def test_any_table_fits_any_terminal_and_cuts_no_figure(
    columns: list[tuple[int, str, int]], room: int
) -> None:
    naturals = [
        MeasuredColumn(
            place, Column(f"TITLE {place}", str, drop_priority=drop_priority, **KINDS[kind]), cells
        )
        for place, (cells, kind, drop_priority) in enumerate(columns)
    ]
    found = fit_columns(naturals, room)
    assert sum(each.width for each in found) + 2 * (len(found) - 1) <= room
    assert [each.place for each in found] == sorted({0, *(each.place for each in found)})
    if len(found) > 1:
        assert all(each.width >= columns[each.place][0] for each in found if each.column.align_right)


def test_wide_and_combining_characters_are_counted_as_they_are_shown() -> None:
    assert padded("日本", 6, align_right=True) == "  日本"
    assert padded("e\u0301", 3, align_right=False) == "e\u0301  "
    assert truncated("日本語", 4, "…") == "日…"
    assert truncated("te\u0301te\u0301", 3, "…") == "te\u0301…"


def _fitted(room: int, *columns: Column[Any], cells: int = 36) -> dict[str, int]:
    measured = [
        MeasuredColumn(place, column, cells if column.is_id else 10) for place, column in enumerate(columns)
    ]
    return {each.column.title: each.width for each in fit_columns(measured, room)}


def test_an_id_is_whole_while_columns_can_be_dropped_for_it() -> None:
    columns = (
        Column("ID", str, is_id=True),
        Column("FROM", str, drop_priority=1),
        Column("CAMPAIGN", str, drop_priority=2),
        Column("AMOUNT", str),
    )
    assert _fitted(80, *columns) == {"ID": 36, "FROM": 10, "CAMPAIGN": 10, "AMOUNT": 10}
    assert _fitted(60, *columns) == {"ID": 36, "FROM": 10, "AMOUNT": 10}
    assert _fitted(48, *columns) == {"ID": 36, "AMOUNT": 10}


def test_an_id_is_cut_where_the_rest_leaves_no_room_for_it() -> None:
    assert _fitted(40, Column("ID", str, is_id=True), Column("AMOUNT", str)) == {"ID": 28, "AMOUNT": 10}
