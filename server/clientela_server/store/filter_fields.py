"""The kinds of fields that filters know, and what a comparison with each means in SQL.

Every condition is true or false, also where the field is empty, so that NOT means what it says.
Read next: `filters`, which puts conditions together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.store.filter_grammar import Restriction
from clientela_server.store.filter_values import read_nanos

Condition = sa.ColumnElement[bool]
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
        """Tell whether a key may stand behind the field's name, as in labels.city."""
        return False

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Give the SQL of a restriction; `key` is what stands behind a map's name."""
        raise NotImplementedError


def wrong_value(restriction: Restriction, wanted: str) -> InvalidArgument:
    """The refusal of a value that is not of the field's type."""
    return InvalidArgument.of_field(
        "FILTER_VALUE",
        "filter",
        f"{'.'.join(restriction.path)} needs {wanted}",
        name=".".join(restriction.path),
        value=restriction.value,
        column=str(restriction.value_column),
    )


def wrong_operator(restriction: Restriction, allowed: str) -> InvalidArgument:
    """The refusal of an operator that the field does not have."""
    return InvalidArgument.of_field(
        "FILTER_OPERATOR",
        "filter",
        f"{'.'.join(restriction.path)} can be used with {allowed}",
        name=".".join(restriction.path),
        operator=restriction.operator,
        column=str(restriction.column),
    )


def is_present(restriction: Restriction) -> bool:
    """Tell whether a restriction only asks that there is something: `field:*`."""
    return restriction.operator == ":" and restriction.value == "*" and not restriction.quoted


def _null_safe(column: sa.Column[Any], operator: str, condition: Condition) -> Condition:
    """Make a comparison with an empty column false, or with != true, instead of unknown."""
    if not column.nullable:
        return condition
    if operator == "!=":
        return sa.or_(column.is_(None), condition)
    return sa.and_(column.is_not(None), condition)


@dataclass(frozen=True)
class Text(Field):
    """Text: `=` exact, "*" at either end for anything, `:` contains without regard to case."""

    column: sa.Column[Any]
    folded: sa.Column[Any] | None = None

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Give the SQL of a restriction of this kind of field."""
        if is_present(restriction):
            return sa.and_(self.column.is_not(None), self.column != "")
        if restriction.operator == ":":
            return _null_safe(self.column, ":", self._contains(restriction.value))
        return _null_safe(self.column, restriction.operator, self._compared(restriction))

    def _contains(self, value: str) -> Condition:
        if self.folded is not None:
            return self.folded.contains(value.casefold(), autoescape=True)
        return sa.func.fold_case(self.column).contains(value.casefold(), autoescape=True)

    def _compared(self, restriction: Restriction) -> Condition:
        value = restriction.value
        starred = value != "*" and (value.startswith("*") or value.endswith("*"))
        if not starred or restriction.operator not in ("=", "!="):
            return COMPARE[restriction.operator](self.column, value)
        # GLOB and LIKE differ between databases in case; comparing pieces of text does not.
        found = _matches(self.column, value)
        return found if restriction.operator == "=" else sa.not_(found)


def _matches(column: sa.Column[Any], pattern: str) -> Condition:
    core = pattern.strip("*")
    conditions: list[Condition] = []
    if not pattern.startswith("*"):
        conditions.append(sa.func.substr(column, 1, len(core)) == core)
    elif not pattern.endswith("*"):
        conditions.append(sa.func.substr(column, sa.func.length(column) - len(core) + 1) == core)
        conditions.append(sa.func.length(column) >= len(core))
    else:
        conditions.append(sa.func.replace(column, core, "") != column)
    return sa.and_(*conditions)


@dataclass(frozen=True)
class Name(Field):
    """The resource name: `=` and `!=` only; `read` takes it apart into the columns' values."""

    columns: tuple[sa.Column[Any], ...]
    read: Callable[[str], tuple[str, ...] | None]

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Give the SQL of a restriction of this kind of field."""
        if restriction.operator not in ("=", "!="):
            raise wrong_operator(restriction, "= and !=")
        values = self.read(restriction.value)
        if values is None:
            raise wrong_value(restriction, "a resource name")
        same = sa.and_(*(column == value for column, value in zip(self.columns, values, strict=True)))
        return same if restriction.operator == "=" else sa.not_(same)


@dataclass(frozen=True)
class Scalar(Field):
    """A number, a time, an enum or a flag: `read` gives the column's value, or None where it is not one."""

    column: sa.Column[Any]
    read: Callable[[str], Any]
    wanted: str
    ordered: bool = True

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Give the SQL of a restriction of this kind of field."""
        if is_present(restriction):
            return self.column.is_not(None)
        operator = "=" if restriction.operator == ":" else restriction.operator
        if not self.ordered and operator not in ("=", "!="):
            raise wrong_operator(restriction, "= and !=")
        value = self.read(restriction.value)
        if value is None:
            raise wrong_value(restriction, self.wanted)
        return _null_safe(self.column, operator, COMPARE[operator](self.column, value))


@dataclass(frozen=True)
class Amount(Field):
    """Money as one decimal number, whatever the currency."""

    units: sa.Column[Any]
    nanos: sa.Column[Any]

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Give the SQL of a restriction of this kind of field."""
        nanos = read_nanos(restriction.value)
        if nanos is None:
            raise wrong_value(restriction, "a decimal number with at most 9 digits behind the point")
        if restriction.operator == ":":
            raise wrong_operator(restriction, "= != < <= > >=")
        wanted = sa.tuple_(*(sa.literal(part) for part in divmod(nanos, NANOS_PER_UNIT)))
        return COMPARE[restriction.operator](sa.tuple_(self.units, self.nanos), wanted)


@dataclass(frozen=True)
class Terms(Field):
    """A field with many values, or with `map_name` a map: each in a row of its own."""

    table: sa.Table
    owner: sa.Column[Any]
    map_name: str | None = None
    fold: bool = False

    @property
    def takes_key(self) -> bool:
        """Tell whether it is a map."""
        return self.map_name is not None

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Give the SQL of a restriction of this kind of field."""
        if self.map_name is None:
            return self._repeated(restriction)
        if key is None:
            if restriction.operator != ":":
                raise wrong_operator(restriction, ": (has the key), or with .KEY behind it")
            return self._exists(f"{self.map_name}.{restriction.value}")
        return self._of_key(restriction, f"{self.map_name}.{key}")

    def _repeated(self, restriction: Restriction) -> Condition:
        if restriction.operator != ":":
            raise wrong_operator(restriction, ": (has)")
        field = ".".join(restriction.path)
        if restriction.value == "*" and not restriction.quoted:
            return self._exists(field)
        value = restriction.value.casefold() if self.fold else restriction.value
        return self._exists(field, self.table.c.value == value)

    def _of_key(self, restriction: Restriction, field: str) -> Condition:
        if restriction.operator == ":" and restriction.value == "*" and not restriction.quoted:
            return self._exists(field)
        if restriction.operator == "!=":
            return sa.not_(self._exists(field, self.table.c.value == restriction.value))
        operator = "=" if restriction.operator == ":" else restriction.operator
        return self._exists(field, COMPARE[operator](self.table.c.value, restriction.value))

    def _exists(self, field: str, *conditions: Condition) -> Condition:
        row = sa.select(self.table.c.value).where(
            self.table.c.customer_id == self.owner, self.table.c.field == field, *conditions
        )
        return row.exists()
