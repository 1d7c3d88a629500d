"""`--columns a,b`: the columns of a list to write, by their titles in tables or CSV files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import click

from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.output.views import Column, View

T = TypeVar("T")
_WITH_COLUMNS = ("table", "tsv", "csv")


def _store_columns(ctx: click.Context, _param: click.Parameter, said: str | None) -> None:
    if said is not None:
        ctx.ensure_object(RunOptions).columns = tuple(name.strip() for name in said.split(","))


columns_flag = click.option(
    "--columns",
    metavar="A,B",
    expose_value=False,
    callback=_store_columns,
    help="Only these columns, in this order: of the table, or of the CSV file.",
)


def with_picked_columns(view: View[T], names: tuple[str, ...], output_format: str) -> View[T]:
    """Return the view with these columns only; where table and CSV share a name, each uses its own.

    Raise click.UsageError for formats without columns, click.BadParameter for an unknown name.
    """
    if not names:
        return view
    if output_format not in _WITH_COLUMNS:
        raise click.UsageError(f"--columns is for tables and CSV: with -o {output_format} all is written")
    return replace(
        view,
        table=tuple(_for_people(_find_column(name, (*view.table, *view.flat))) for name in names),
        flat=tuple(_find_column(name, (*view.flat, *view.table)) for name in names),
        picked=True,
    )


def _find_column(name: str, columns: Iterable[Column[T]]) -> Column[T]:
    of_key: dict[str, Column[T]] = {}
    for column in columns:
        of_key.setdefault(_key(column.title), column)
    if found := of_key.get(_key(name)):
        return found
    from difflib import get_close_matches

    near = get_close_matches(_key(name), of_key, n=1)
    meant = f" Did you mean {of_key[near[0]].title}?" if near else ""
    known = ", ".join(column.title for column in of_key.values())
    raise click.BadParameter(
        f'there is no column "{name}".{meant} There are: {known}', param_hint="--columns"
    )


def _key(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.casefold())


def _for_people(column: Column[Any]) -> Column[Any]:
    return replace(column, for_people=True)
