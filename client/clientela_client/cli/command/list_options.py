"""The options of all list commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from clientela_client.cli.command.picked_columns import columns_flag
from clientela_client.cli.words.numbers import INT32_MAX, WholeFrom


def list_flags(order: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options of a list command: `--filter`, `--order-by`, `--page-size`, `--limit`, `--columns`.

    order: the fields to order by, for the help.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for flag in (
            columns_flag,
            click.option("--limit", type=WholeFrom(min=0), metavar="N", help="How many at most."),
            click.option(
                "--page-size",
                type=WholeFrom(min=0, max=INT32_MAX),
                metavar="N",
                help="How many to ask for at a time (50; at most 1000).",
            ),
            click.option("--order-by", metavar="FIELD [desc]", help=f"By {order}."),
            click.option("--filter", metavar="EXPRESSION", help="Only those for which it holds (AIP-160)."),
        ):
            command = flag(command)
        return command

    return decorate


def page(page_size: int | None, limit: int | None) -> int | None:
    """Return the page size to request: as given, else no more than the limit."""
    return page_size if page_size is not None or limit is None else max(1, min(limit, 1000))
