"""What a filter means in SQL, over a typed list of the fields that are allowed.

An unknown field, an operator that a field does not have, or a value of another type is refused with its
name and column; nothing is ever ignored. Read next: `filter_grammar` (from text to a tree), `filter_fields`
(the kinds of fields), `customer_lists` and `purchase_lists` (the fields there are).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import InvalidArgument
from clientela_server.store.filters.filter_fields import Condition, Field
from clientela_server.store.filters.filter_grammar import And, Expression, Not, Or, Restriction, parse
from clientela_server.store.filters.filter_words import wrong_word

Fields = Mapping[str, Field]


def compile_filter(text: str, fields: Fields, bare: Field | None = None) -> Condition | None:
    """Turn a filter into SQL; `bare` is the field that a value without a field name looks in."""
    expression = parse(text)
    return None if expression is None else _compile(expression, fields, bare)


def filtered(select: sa.Select[Any], text: str, fields: Fields, bare: Field | None = None) -> sa.Select[Any]:
    """Narrow a query by a filter, as `compile_filter` reads it."""
    condition = compile_filter(text, fields, bare)
    return select if condition is None else select.where(condition)


def _compile(expression: Expression, fields: Fields, bare: Field | None) -> Condition:
    match expression:
        case And(parts):
            return sa.and_(*(_compile(part, fields, bare) for part in parts))
        case Or(parts):
            return sa.or_(*(_compile(part, fields, bare) for part in parts))
        case Not(part):
            return sa.not_(_compile(part, fields, bare))
        case Restriction():
            return _restrict(expression, fields, bare)


def _restrict(restriction: Restriction, fields: Fields, bare: Field | None) -> Condition:
    if not restriction.operator:
        return _search_bare(restriction, fields, bare)
    path = ".".join(restriction.path)
    found = _find(path, fields)
    if found is None:
        raise _unknown(path, restriction.column, fields)
    if restriction.value.lower() == "null" and not restriction.quoted:
        raise wrong_word("null", restriction.value_column, _absent(path, restriction.operator))
    field, key = found
    return field.condition(restriction, key)


def _absent(path: str, operator: str) -> str:
    return f"{path}:*" if operator == "!=" else f"NOT {path}:*"


def _find(path: str, fields: Fields) -> tuple[Field, str | None] | None:
    """Return the field of a name, and the key behind the name of a map."""
    if (field := fields.get(path)) is not None:
        return field, None
    head, _, key = path.partition(".")
    field = fields.get(head)
    return (field, key) if field is not None and field.takes_key and key else None


def _search_bare(restriction: Restriction, fields: Fields, bare: Field | None) -> Condition:
    """Search a bare value; refuse a field's name without a comparison."""
    name = restriction.value
    if not restriction.quoted and _find(name, fields) is not None:
        raise wrong_word(name, restriction.column, f"{name}:* or {name} = VALUE")
    if bare is None:
        raise _unknown(name, restriction.column, fields)
    return bare.condition(replace(restriction, operator=":", quoted=True), None)


def _unknown(name: str, column: int, fields: Fields) -> InvalidArgument:
    return InvalidArgument.of_field(
        "FILTER_FIELD_UNKNOWN",
        "filter",
        f"no field {name!r}; there are {', '.join(sorted(fields))}",
        name=name,
        column=str(column),
    )
