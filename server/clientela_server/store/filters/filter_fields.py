"""The kinds of fields that filters know, and what a comparison with each means in SQL.

Every condition is true or false, also where the field is empty, so that NOT means what it says.
Read next: `filter_terms` (fields with many values), `filter_sql`, which puts conditions together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.store.database.statements import Matches
from clientela_server.store.filters.filter_grammar import Restriction
from clientela_server.store.filters.filter_values import glob_of, like_of, one_of, read_enum, read_nanos

Condition = sa.ColumnElement[bool]
_CURRENCY = re.compile("[A-Za-z]{3}")
COMPARE: dict[str, Callable[[Any, Any], Condition]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Field:
    """One field that may be filtered by."""

    @property
    def takes_key(self) -> bool:
        """Return whether a key may stand behind the field's name, as in labels.city."""
        return False

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction; `key` is what stands behind a map's name."""
        raise NotImplementedError


def wrong_value(restriction: Restriction, wanted: str) -> InvalidArgument:
    """Return the error for a value that is not of the field's type."""
    return InvalidArgument.of_field(
        "FILTER_VALUE",
        "filter",
        f"{'.'.join(restriction.path)} needs {wanted}",
        name=".".join(restriction.path),
        value=restriction.value,
        column=str(restriction.value_column),
    )


def wrong_operator(restriction: Restriction, allowed: str) -> InvalidArgument:
    """Return the error for an operator that the field does not support."""
    return InvalidArgument.of_field(
        "FILTER_OPERATOR",
        "filter",
        f"{'.'.join(restriction.path)} can be used with {allowed}",
        name=".".join(restriction.path),
        operator=restriction.operator,
        column=str(restriction.column),
    )


def _null_safe(column: sa.Column[Any], operator: str, condition: Condition) -> Condition:
    """Make a comparison with an empty column false, or with != true, instead of unknown."""
    if not column.nullable:
        return condition
    if operator == "!=":
        return sa.or_(column.is_(None), condition)
    return sa.and_(column.is_not(None), condition)


def matches(text: sa.ColumnElement[Any], pieces: Sequence[str]) -> Condition:
    """Return the condition that a text matches pieces separated by wildcards."""
    return Matches(text, sa.literal(glob_of(pieces)), sa.literal(like_of(pieces)))


@dataclass(frozen=True)
class Text(Field):
    """Text: `=` exact, `:` contains without regard to case; "*" stands for anything.

    `spelled` puts a value as the column has it, where case means nothing; `compared` is what it is compared
    with, where that is not the column itself.
    """

    column: sa.Column[Any]
    folded: sa.ColumnElement[Any] | None = None
    normalize: Callable[[str], str] = str
    operand: sa.ColumnElement[Any] | None = None

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if restriction.is_present:
            return sa.and_(self.column.is_not(None), self.column != "")
        if restriction.operator == ":":
            return _null_safe(self.column, ":", self._contains(restriction))
        return _null_safe(self.column, restriction.operator, self._compared(restriction))

    def _contains(self, restriction: Restriction) -> Condition:
        folded = sa.func.fold_case(self.column) if self.folded is None else self.folded
        if restriction.has_wildcard:
            return matches(folded, ["", *map(str.casefold, restriction.pieces), ""])
        return folded.contains(restriction.value.casefold(), autoescape=True)

    def _compared(self, restriction: Restriction) -> Condition:
        text = self.column if self.operand is None else self.operand
        if not restriction.has_wildcard or restriction.operator not in ("=", "!="):
            return COMPARE[restriction.operator](text, self.normalize(restriction.value))
        found = matches(text, [*map(self.normalize, restriction.pieces)])
        return found if restriction.operator == "=" else sa.not_(found)


@dataclass(frozen=True)
class Currency(Field):
    """The code of a currency, in capitals or not."""

    column: sa.Column[Any]

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        exact = restriction.operator in ("=", "!=") and not restriction.has_wildcard
        if exact and not _CURRENCY.fullmatch(restriction.value):
            raise wrong_value(restriction, "a currency, three letters such as EUR")
        return Text(self.column, normalize=str.upper).condition(restriction, key)


class Name(Field):
    """The resource name, whose `parts` are words and the ids between them: `=`, `!=`; "*" is anything."""

    def __init__(self, *parts: str | sa.Column[Any]) -> None:
        self._form = re.compile(
            "".join(re.escape(part) if isinstance(part, str) else "([^/]+)" for part in parts)
        )
        self._begin = str(parts[0])
        self._columns = [part for part in parts if not isinstance(part, str)]
        texts = [sa.literal(part) if isinstance(part, str) else part for part in parts]
        self._whole: sa.ColumnElement[Any] = reduce(add, texts)

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if restriction.operator not in ("=", "!=", ":"):
            raise wrong_operator(restriction, "= and !=")
        same = self._same(restriction)
        if not self._columns[0].nullable:
            return sa.not_(same) if restriction.operator == "!=" else same
        there = self._columns[0].is_not(None)
        return sa.not_(sa.and_(there, same)) if restriction.operator == "!=" else sa.and_(there, same)

    def _same(self, restriction: Restriction) -> Condition:
        begin = restriction.pieces[0]
        if restriction.has_wildcard and (begin.startswith(self._begin) or self._begin.startswith(begin)):
            return matches(self._whole, restriction.pieces)
        ids = self._form.fullmatch(restriction.value)
        if restriction.has_wildcard or ids is None:
            raise wrong_value(restriction, f"a resource name, such as {self._begin}42")
        return sa.and_(*(column == value for column, value in zip(self._columns, ids.groups(), strict=True)))


@dataclass(frozen=True)
class Scalar(Field):
    """A number, a time, an enum or a flag: `read` gives the column's value, or None where it is not one."""

    column: sa.Column[Any]
    read: Callable[[str], Any]
    wanted: str
    ordered: bool = True

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if restriction.is_present:
            return self.column.is_not(None)
        operator = "=" if restriction.operator == ":" else restriction.operator
        if not self.ordered and operator not in ("=", "!="):
            raise wrong_operator(restriction, "= and !=")
        value = self.read(restriction.value)
        if value is None:
            raise wrong_value(restriction, self.wanted)
        return _null_safe(self.column, operator, COMPARE[operator](self.column, value))


def enum(column: sa.Column[Any], names: Mapping[str, int], prefix: str) -> Scalar:
    """Make the field of an enum; `names` are the contract's."""
    return Scalar(column, read_enum(names, prefix), one_of(names, prefix), ordered=False)


@dataclass(frozen=True)
class Amount(Field):
    """Money as one decimal number, whatever the currency."""

    units: sa.Column[Any]
    nanos: sa.Column[Any]

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        nanos = read_nanos(restriction.value)
        if nanos is None:
            raise wrong_value(restriction, "a decimal number with at most 9 digits behind the point")
        if restriction.operator == ":":
            raise wrong_operator(restriction, "= != < <= > >=")
        wanted = sa.tuple_(*(sa.literal(part) for part in divmod(nanos, NANOS_PER_UNIT)))
        return COMPARE[restriction.operator](sa.tuple_(self.units, self.nanos), wanted)
