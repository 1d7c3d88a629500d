"""Statements are written once in SQLAlchemy Core and turned into SQL once, not for each call.

Building a statement for every call would halve the rate of writes; a `Statement` keeps its text for each
database, and is run on the driver with named parameters. What the databases spell differently stands at the
end, each with both its spellings.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

Params = Mapping[str, Any]
DIALECTS: dict[str, sa.Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]
}
# A page of a statement: SQLAlchemy would write an offset of its own, as a parameter that nobody names.
LIMIT: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
# A parameter; literals with colons are refused.
_NAMED = re.compile(r":(\w+)")
NO_OFFSET: sa.ColumnElement[int] = sa.literal_column("0")


class Statement:
    """A statement whose every parameter is named by the caller."""

    def __init__(self, core: sa.sql.ClauseElement) -> None:
        self._core = core
        self._texts: dict[str, str] = {}
        self._values: Callable[[Params], tuple[Any, ...]] | None = None

    def text(self, dialect: str) -> str:
        """Return the SQL for a dialect, compiled at first use."""
        text = self._texts.get(dialect)
        if text is None:
            text, params = render(self._core, dialect)
            fixed = {name for name, value in params.items() if value is not None}
            assert not fixed, f"write these as literals: {fixed}"
            self._texts[dialect] = text
        return text

    def values(self, rows: Iterable[Params]) -> Iterator[tuple[Any, ...]]:
        """Yield the parameters of rows in the order of SQLite's text: bound a third faster than by name."""
        if self._values is None:
            text, params = render(self._core, "sqlite")
            names = _NAMED.findall(text)
            assert set(names) == set(params), f"a literal of {text} looks like a parameter"
            self._values = _getter(names)
        return map(self._values, rows)


def _getter(names: Iterable[str]) -> Callable[[Params], tuple[Any, ...]]:
    """Return a function: the values of a row under these names, each once."""
    first, *others = dict.fromkeys(names)
    return itemgetter(first, *others) if others else lambda row: (row[first],)


def render(core: sa.sql.ClauseElement, dialect: str) -> tuple[str, Params]:
    """Compile a statement to SQL and parameters: for queries built per call, such as filters."""
    compiled = core.compile(dialect=DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.params


def insert(table: sa.Table) -> Statement:
    """An INSERT of all columns, each a parameter of its own name."""
    return Statement(
        table.insert().values({column.name: sa.bindparam(column.name) for column in table.columns})
    )


def text_list(name: str) -> sa.Select[tuple[str]]:
    """A list of texts as one parameter, a JSON array: so that the statement is the same for any number."""
    return sa.select(_JsonTexts(sa.bindparam(name)).table_valued("value").c.value)


def text_pairs(name: str) -> sa.Select[str, str]:
    """A list of pairs of texts as one parameter, a JSON array of arrays."""
    pair = _JsonElements(sa.bindparam(name)).table_valued("value").c.value
    return sa.select(_JsonFirst(pair), _JsonSecond(pair))


class _JsonTexts(FunctionElement[Any]):
    """The texts of a JSON array, a row each."""

    inherit_cache = True


class _JsonElements(FunctionElement[Any]):
    """The members of a JSON array, a row each."""

    inherit_cache = True


class _JsonFirst(FunctionElement[str]):
    """The first text of a JSON array."""

    inherit_cache = True


class _JsonSecond(FunctionElement[str]):
    """The second text of a JSON array."""

    inherit_cache = True


class CommaJoined(FunctionElement[str]):
    """Aggregate: the values of a group joined by commas."""

    inherit_cache = True


class Concatenated(FunctionElement[str]):
    """Aggregate: the texts of a group concatenated."""

    inherit_cache = True


class ConcatenatedBytes(FunctionElement[bytes]):
    """Aggregate: the bytes of a group concatenated."""

    inherit_cache = True


class CommaJoinedBy(FunctionElement[str]):
    """Aggregate: the values of a group joined by commas, ordered by another column."""

    inherit_cache = True


class CastJson(FunctionElement[Any]):
    """A text column cast to JSON, for the operators -> and ->>."""

    inherit_cache = True


class Matches(FunctionElement[bool]):
    """Pattern match: GLOB on SQLite, LIKE on PostgreSQL; takes both patterns."""

    type = sa.Boolean()
    inherit_cache = True


def _register_sql(element: type[FunctionElement[Any]], **texts: str) -> None:
    """Register a function's SQL by dialect; `{}` stands for an argument, `{1}` for the second."""
    for dialect, text in texts.items():

        def write(function: FunctionElement[Any], compiler: Any, *, text: str = text, **options: Any) -> str:
            return text.format(*(compiler.process(each, **options) for each in function.clauses))

        compiles(element, dialect)(write)


_register_sql(_JsonTexts, sqlite="json_each({})", postgresql="json_array_elements_text(CAST({} AS JSON))")
_register_sql(_JsonElements, sqlite="json_each({})", postgresql="json_array_elements(CAST({} AS JSON))")
_register_sql(_JsonFirst, sqlite="json_extract({}, '$[0]')", postgresql="({} ->> 0)")
_register_sql(_JsonSecond, sqlite="json_extract({}, '$[1]')", postgresql="({} ->> 1)")
_register_sql(
    CommaJoinedBy,
    sqlite="group_concat({}, ',' ORDER BY {})",
    postgresql="string_agg(CAST({} AS TEXT), ',' ORDER BY {})",
)
_register_sql(CastJson, sqlite="{}", postgresql="CAST({} AS JSON)")
_register_sql(CommaJoined, sqlite="group_concat({}, ',')", postgresql="string_agg(CAST({} AS TEXT), ',')")
_register_sql(Concatenated, sqlite="group_concat({}, '')", postgresql="string_agg({}, '')")
# SQLite puts bytes together as if they were text, without looking at them.
_register_sql(
    ConcatenatedBytes, sqlite="CAST(group_concat({}, '') AS BLOB)", postgresql="string_agg({}, ''::bytea)"
)
# SQLite's LIKE takes capitals for small letters.
_register_sql(Matches, sqlite="({0} GLOB {1})", postgresql="({0} LIKE {2} ESCAPE '!')")
