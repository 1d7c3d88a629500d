"""Undone to a mark, a buffer holds what it held there: new rows, replaced rows, the identity map."""

import sqlalchemy as sa

from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.write_buffer import WriteBuffer

NEW, OTHER = Statement(sa.select(sa.text("1"))), Statement(sa.select(sa.text("2")))


def test_what_is_undone_is_neither_written_nor_known() -> None:
    buffer = WriteBuffer()
    buffer.add(NEW, {"row": 1})
    buffer.add(OTHER, {"row": 2}, "key")
    buffer.cache("known", 1)
    mark = buffer.mark()
    buffer.cache("known", 2)
    assert not buffer.has_rows_since(mark)
    buffer.add(NEW, {"row": 3})
    assert buffer.has_rows_since(mark)
    buffer.add(OTHER, lambda: {"row": 4}, "key")
    buffer.undo(mark)
    assert buffer.cached("known") == 1
    assert buffer.drain() == {NEW: [{"row": 1}], OTHER: [{"row": 2}]}
    assert buffer.cached("known") is None
    assert buffer.drain() == {}


def test_a_statement_whose_rows_were_all_undone_is_not_run() -> None:
    buffer = WriteBuffer()
    buffer.add(NEW, {"row": 1})
    buffer.undo(0)
    assert buffer.drain() == {}
