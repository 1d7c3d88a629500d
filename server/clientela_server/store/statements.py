"""Statements are written once in SQLAlchemy Core and turned into SQL once, not for each call.

Building a statement for every call would halve the rate of writes; a `Statement` keeps its text for each
database, and is run on the driver with named parameters.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

Params = Mapping[str, Any]
DIALECTS: dict[str, sa.Dialect] = {"sqlite": sqlite.dialect(paramstyle="named")}


class Statement:
    """A statement whose every parameter is named by the caller."""

    def __init__(self, core: sa.sql.ClauseElement) -> None:
        self._core = core
        self._texts: dict[str, str] = {}

    def text(self, dialect: str) -> str:
        """Give the SQL for a database, made at the first use."""
        text = self._texts.get(dialect)
        if text is None:
            text, params = render(self._core, dialect)
            fixed = {name for name, value in params.items() if value is not None}
            assert not fixed, f"write these as literals: {fixed}"
            self._texts[dialect] = text
        return text


def render(core: sa.sql.ClauseElement, dialect: str) -> tuple[str, Params]:
    """Turn a statement into SQL and its parameters: for queries made up for one call, as filters are."""
    compiled = core.compile(dialect=DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.params


def values_of(name: str) -> sa.Select[tuple[str]]:
    """A list of texts as one parameter, a JSON array: so that the statement is the same for any number."""
    return sa.select(sa.func.json_each(sa.bindparam(name)).table_valued("value").c.value)


def pairs_of(name: str) -> sa.Select[str, str]:
    """A list of pairs of texts as one parameter, a JSON array of arrays."""
    pair = sa.func.json_each(sa.bindparam(name)).table_valued("value").c.value
    return sa.select(_member(pair, "'$[0]'"), _member(pair, "'$[1]'"))


def _member(pair: sa.ColumnElement[Any], path: str) -> sa.ColumnElement[str]:
    return sa.func.json_extract(pair, sa.literal_column(path))


def insert(table: sa.Table) -> Statement:
    """An INSERT of all columns, each a parameter of its own name."""
    return Statement(
        table.insert().values({column.name: sa.bindparam(column.name) for column in table.columns})
    )
