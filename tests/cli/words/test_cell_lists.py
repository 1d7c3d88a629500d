"""Several values in one cell are read back as they were written, with or without a backslash in it."""

from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.words.cell_lists import join_values, split_values

cells = st.text(st.sampled_from("ab; \t\u00a0\u2003\\"), max_size=12)


@given(cell=cells.filter(lambda cell: "\\" not in cell))
def test_a_cell_without_a_backslash_is_read_as_one_with(cell: str) -> None:
    assert split_values(cell) == split_values(f"{cell};\\\\")[:-1]


@given(values=st.lists(cells.filter(bool), max_size=4))
def test_what_is_written_is_read(values: list[str]) -> None:
    assert split_values(join_values(values)) == values
