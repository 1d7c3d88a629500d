"""One list of fields for all views of a noun: the table, the CSV file, and the facts of a single resource.

A field has a title for each view that it is in. A view has its fields in the order of the list; one that a
view has elsewhere stands in the list twice. Read next: views.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from clientela_client.cli.output.views import (
    Column,
    Fact,
    View,
    message_fields,
    time,
    time_for_people,
)
from clientela_client.cli.words.names import customer_id, last_part

T = TypeVar("T")


@dataclass(frozen=True)
class Field(Generic[T]):
    """One field: its column of the table, that of the CSV file, its facts; None where a view lacks it."""

    table: Column[T] | None = None
    flat: Column[T] | None = None
    facts: Callable[[T], Iterable[Fact]] | None = None


def field(
    plain: Callable[[T], str],
    pretty: Callable[[T], str] | None = None,
    *,
    table: str = "",
    flat: str = "",
    fact: str = "",
    is_number: bool = False,
    **looks: Any,
) -> Field[T]:
    """Return a field of the text that `plain` returns, and for people `pretty`.

    Args:
        plain: returns the exact value.
        pretty: returns the form for people, if another.
        table: the title of its column in tables; "" if they lack it.
        flat: the title of its column in CSV files.
        fact: the key of its fact.
        is_number: whether the text is a number of ours, which a spreadsheet may read as one.
        looks: of the table's column, see `Column`.
    """
    return Field(
        Column(table, plain, pretty, is_number=is_number, **looks) if table else None,
        Column(flat, plain, is_number=is_number) if flat else None,
        (lambda item: [Fact(fact, plain(item), pretty(item) if pretty else None)]) if fact else None,
    )


def time_field(name: str, *, table: str = "", flat: str = "", **looks: Any) -> Field[Any]:
    """Return the field of a Timestamp; its fact and, unless `flat` is given, its CSV column have its name."""
    return field(
        lambda item: time(item, name),
        lambda item: time_for_people(item, name),
        table=table,
        flat=flat or name,
        fact=name,
        **looks,
    )


def recorded_fields(singular: str, own: Iterable[Field[Any]]) -> list[Field[Any]]:
    """Return the fields of a noun that is recorded of a customer and never changed, around its own."""
    return [
        field(lambda each: each.name, fact="name"),
        field(lambda each: customer_id(each.name), table="CUSTOMER", flat="customer_id", is_id=True),
        field(
            lambda each: last_part(each.name), table="ID", flat=f"{singular}_id", is_id=True, drop_priority=1
        ),
        *own,
        field(lambda each: each.recorded_by, flat="recorded_by", fact="recorded_by"),
        time_field("create_time"),
        # A dry run has no revision.
        field(lambda each: f"{each.revision}" if each.revision else "", flat="revision", fact="revision"),
    ]


def view_of(
    singular: str, plural: str, fields: Iterable[Field[T]], name: Callable[[T], str] | None = None
) -> View[T]:
    """Return the view of a noun; `name` returns what `-o name` writes, if not the field of that name."""
    listed = tuple(fields)
    return View(
        singular=singular,
        plural=plural,
        table=tuple(each.table for each in listed if each.table),
        flat=tuple(each.flat for each in listed if each.flat),
        facts=lambda item: [fact for each in listed if each.facts for fact in each.facts(item)],
        name=name or (lambda item: str(item.name)),  # type: ignore[attr-defined]
        fields=message_fields,
    )
