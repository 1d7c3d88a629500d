"""Statements: their parameters bound by place are those bound by name."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import Statement, insert

TABLE = sa.Table("things", sa.MetaData(), sa.Column("name", sa.Text), sa.Column("size", sa.Integer))
_NAMED, _LEAST = sa.bindparam("of_name"), sa.bindparam("size", type_=sa.Integer)
# One parameter twice, and in another order than that of the columns.
GROW = Statement(TABLE.update().where(TABLE.c.name == _NAMED, TABLE.c.size < _LEAST).values(size=_LEAST))
DROP = Statement(TABLE.delete().where(TABLE.c.name == _NAMED))


@pytest.fixture
def connection(tmp_path: Path) -> SqliteConnection:
    made = SqliteConnection(tmp_path / "things.db")
    made.script("CREATE TABLE things (name TEXT, size INTEGER)")
    return made


def test_rows_are_bound_by_the_names_of_their_statement(connection: SqliteConnection) -> None:
    connection.run_many(insert(TABLE), [{"size": 1, "name": "a"}, {"name": "b", "size": 2, "more": 9}])
    connection.run_many(GROW, [{"size": 5, "of_name": "a"}, {"of_name": "b", "size": 1}])
    connection.run_many(DROP, [{"of_name": "c"}])
    assert connection.query(sa.select(TABLE)) == [("a", 5), ("b", 2)]


def test_a_row_that_lacks_a_parameter_is_not_written(connection: SqliteConnection) -> None:
    with pytest.raises(KeyError):
        connection.run_many(insert(TABLE), [{"name": "a"}])
    assert connection.query(sa.select(TABLE)) == []


def test_a_literal_that_looks_like_a_parameter_is_refused() -> None:
    statement = Statement(TABLE.update().where(TABLE.c.name == sa.text("'x:y'")).values(size=_LEAST))
    with pytest.raises(AssertionError, match="looks like a parameter"):
        list(statement.values([{"size": 1}]))
