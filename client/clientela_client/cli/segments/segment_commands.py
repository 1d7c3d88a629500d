"""`clientela segments ...`: groups of clients, by a filter, and what is done for them."""

from __future__ import annotations

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.etags import etag_flag
from clientela_client.cli.command.id_completion import segment_ids
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Group
from clientela_client.cli.customers.customer_view import CUSTOMER
from clientela_client.cli.segments.segment_view import SEGMENT
from clientela_client.cli.words.names import segment_name


@click.group(cls=Group)
def segments() -> None:
    """Groups of clients, by a filter."""


@segments.command()
@click.option("--id", "segment_id", help="The last part of the name; made by the server if left out.")
@click.option("--name", "display_name", required=True, help="What people call it.")
@click.option("--filter", "expression", required=True, metavar="EXPRESSION", help="Who is in it (AIP-160).")
@click.option("--strategy", help="What is done for them.")
@with_context("dry-run", "request-id")
def create(
    context: CommandContext, segment_id: str | None, display_name: str, expression: str, strategy: str | None
) -> None:
    """Save a filter under a name.

    \b
    clientela segments create --id win-back --name "To win back" --filter 'stage = "LOST"'
    """
    from clientela_client.messages import Segment

    segment = Segment(display_name=display_name, filter=expression, strategy=strategy)
    made = context.client.segments.create(
        segment,
        segment_id=segment_id,
        request_id=context.request_id,
        validate_only=context.validate_only,
    )
    context.show(made, SEGMENT)


@segments.command()
@click.argument("name", shell_complete=segment_ids)
@with_context()
def get(context: CommandContext, name: str) -> None:
    """Show one segment."""
    context.show(context.client.segments.get(segment_name(name)), SEGMENT)


@segments.command("list")
@list_flags("name, display_name or create_time")
@with_context()
def list_(
    context: CommandContext,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
) -> None:
    """List segments."""
    found = context.client.segments.list(filter=filter, order_by=order_by, page_size=page(page_size, limit))
    context.show_all(found, SEGMENT, limit=limit)


@segments.command()
@click.argument("name", shell_complete=segment_ids)
@click.option("--show-deleted", is_flag=True, help="Deleted ones too.")
@list_flags("name, purchases, purchase_days, first_purchase_time or last_purchase_time")
@with_context()
def members(
    context: CommandContext,
    *,
    name: str,
    show_deleted: bool,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
) -> None:
    """List who is in a segment now."""
    found = context.client.segments.list_members(
        segment_name(name),
        filter=filter,
        order_by=order_by,
        page_size=page(page_size, limit),
        show_deleted=show_deleted or None,
    )
    context.show_all(found, CUSTOMER, limit=limit)


@segments.command()
@click.argument("name", shell_complete=segment_ids)
@click.option("--name", "display_name", help="What people call it.")
@click.option("--filter", "expression", metavar="EXPRESSION", help="Who is in it (AIP-160).")
@click.option("--strategy", help='What is done for them; "" for nothing.')
@etag_flag
@with_context("dry-run", "request-id")
def update(
    context: CommandContext,
    *,
    name: str,
    display_name: str | None,
    expression: str | None,
    strategy: str | None,
    etag: str | None,
) -> None:
    """Change what is given of a segment, and nothing else."""
    from clientela_client.messages import Segment

    given = {"display_name": display_name, "filter": expression, "strategy": strategy}
    mask = [field for field, value in given.items() if value is not None]
    if not mask:
        raise click.UsageError("nothing to change: give what is new")
    segment = Segment(
        name=segment_name(name),
        display_name=display_name or "",
        filter=expression or "",
        strategy=strategy,
        etag=etag or "",
    )
    changed = context.client.segments.update(
        segment, update_mask=mask, request_id=context.request_id, validate_only=context.validate_only
    )
    context.show(changed, SEGMENT)


@segments.command()
@click.argument("name", shell_complete=segment_ids)
@etag_flag
@with_context("request-id")
def delete(context: CommandContext, name: str, etag: str | None) -> None:
    """Delete a segment, for good; its members are left as they are."""
    context.client.segments.delete(segment_name(name), etag=etag, request_id=context.request_id)
