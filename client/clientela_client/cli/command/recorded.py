"""The commands of nouns that are recorded and listed: `record` and `list`, of one view and its options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Command, Group
from clientela_client.cli.output.views import View
from clientela_client.cli.words.names import customer_name

T = TypeVar("T")
Option = Callable[[Any], Any]


def recorded_commands(view: View[T], options: Sequence[Option], *, example: str, orders: str) -> click.Group:
    """Return the group of a noun's commands.

    Args:
        view: of its resources; the SDK has them under the view's plural.
        options: of what the caller sets, called as the message's fields.
        example: a command line that records one, after the customer.
        orders: the fields that its list can be ordered by.
    """
    group = Group(view.plural, help=f"{view.plural.capitalize()} of customers.")
    group.add_command(_record(view, options, example))
    group.add_command(_list(view, orders))
    return group


def _record(view: View[T], options: Sequence[Option], example: str) -> click.Command:
    def record(context: CommandContext, *, customer: str, resource_id: str | None, **fields: Any) -> None:
        from clientela_client import messages

        resource = getattr(messages, view.singular.capitalize())(**fields)
        recorded = getattr(context.client, view.plural).record(
            customer_name(customer),
            resource,
            **{f"{view.singular}_id": resource_id},
            request_id=context.request_id,
            validate_only=context.validate_only,
        )
        context.show(recorded, view)

    command: Any = with_context("dry-run", "request-id")(record)
    last = click.option(
        "--id", "resource_id", help="The last part of the name; made by the server if left out."
    )
    for option in (last, *reversed(options)):
        command = option(command)
    line = f"\b\nclientela {view.plural} record blue-door {example}"
    text = f"Record one {view.singular} of CUSTOMER.\n\n{line}"
    made: click.Command = click.command("record", cls=Command, help=text)(click.argument("customer")(command))
    return made


def _list(view: View[T], orders: str) -> click.Command:
    def list_(
        context: CommandContext, *, customer: str, page_size: int | None, limit: int | None, **asked: Any
    ) -> None:
        found = getattr(context.client, view.plural).list(
            customer_name(customer), page_size=page(page_size, limit), **asked
        )
        context.show_all(found, view, limit=limit)

    command: Any = click.argument("customer", default="-")(list_flags(orders)(with_context()(list_)))
    text = f"List the {view.plural} of a customer, or of all."
    made: click.Command = click.command("list", cls=Command, help=text)(command)
    return made
