"""Fields with many values, and maps: each value stands in a row of its own, under the field's path.

Read next: `filter_fields` (fields with one value), `customer_rows`, which makes the rows.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clientela_server.store.filters.filter_fields import (
    COMPARE,
    Condition,
    Field,
    matches,
    wrong_operator,
    wrong_value,
)
from clientela_server.store.filters.filter_grammar import Restriction


@dataclass(frozen=True)
class Terms(Field):
    """A field with many values, each in a row of its own; `spelled` puts a value as the rows have it.

    Where all have a form, a value of another would find nothing: it is refused with what is `wanted`.
    """

    table: sa.Table
    owner: sa.Column[Any]
    normalize: Callable[[str], str] = str
    form: re.Pattern[str] = re.compile(".*", re.DOTALL)
    wanted: str = ""

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if restriction.operator != ":":
            raise wrong_operator(restriction, ": (has)")
        field = ".".join(restriction.path)
        if restriction.is_present:
            return self.exists([field])
        if restriction.has_wildcard:
            return self.exists(
                [field], matches(self.table.c.value, [*map(self.normalize, restriction.pieces)])
            )
        value = self.normalize(restriction.value)
        if not self.form.fullmatch(value):
            raise wrong_value(restriction, self.wanted)
        return self.exists([field], self.table.c.value == value)

    def exists(self, field: Sequence[str], *conditions: Condition) -> Condition:
        """Match a row of a field, or of one like these pieces, for which the conditions hold."""
        named = matches(self.table.c.field, field) if len(field) > 1 else self.table.c.field == field[0]
        row = sa.select(self.table.c.value).where(self.table.c.customer_id == self.owner, named, *conditions)
        return row.exists()


@dataclass(frozen=True)
class Map(Field):
    """A map: `terms` hold a row for each key, under the map's name, a dot and the key of this form."""

    name: str
    terms: Terms
    form: re.Pattern[str]

    @property
    def takes_key(self) -> bool:
        """Return True: a key stands behind the map's name."""
        return True

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        if key is not None:
            return self._of_key(restriction, self._field(restriction, key.split("*")))
        if restriction.operator != ":":
            raise wrong_operator(restriction, ": (has the key), or with .KEY behind it")
        return self.terms.exists(self._field(restriction, restriction.pieces))

    def _field(self, restriction: Restriction, pieces: Sequence[str]) -> list[str]:
        first, *others = pieces
        if not others and not self.form.fullmatch(first):
            raise wrong_value(restriction, f"a key of the form {self.form.pattern}")
        return [f"{self.name}.{first}", *others]

    def _of_key(self, restriction: Restriction, field: Sequence[str]) -> Condition:
        value = self.terms.table.c.value
        operator = "=" if restriction.operator in (":", "!=") else restriction.operator
        starred = restriction.has_wildcard and operator == "="
        holds = matches(value, restriction.pieces) if starred else COMPARE[operator](value, restriction.value)
        found = self.terms.exists(field, holds)
        return sa.not_(found) if restriction.operator == "!=" else found
