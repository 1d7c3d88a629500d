"""`clientela spends ...`: money spent on acquisition or on retention."""

from __future__ import annotations

from datetime import date

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.id_completion import spend_ids
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Group
from clientela_client.cli.spends.spend_view import SPEND
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.names import spend_name
from clientela_client.cli.words.purchase_fields import currency_type, money_of
from clientela_client.cli.words.report_options import date_of, day_type


@click.group(cls=Group)
def spends() -> None:
    """What was spent on acquisition and on retention."""


@spends.command()
@click.argument("channel", type=click.Choice(enum_choices.CHANNELS, case_sensitive=False), metavar="CHANNEL")
@click.argument("amount")
@click.argument("currency", type=currency_type)
@click.option("--from", "start", type=day_type, required=True, metavar="DATE", help="The first day of it.")
@click.option("--to", "end", type=day_type, metavar="DATE", help="The last day; the first if left out.")
@click.option("--campaign", help="Which campaign of the channel.")
@click.option(
    "--retention",
    "--keeping",
    "retention",
    is_flag=True,
    help="Spent on retention; otherwise on acquisition. --keeping is the former name.",
)
@click.option("--id", "spend_id", help="The last part of the name; made by the server if left out.")
@with_context("dry-run", "request-id")
def record(
    context: CommandContext,
    *,
    channel: str,
    amount: str,
    currency: str,
    start: date,
    end: date | None,
    campaign: str | None,
    retention: bool,
    spend_id: str | None,
) -> None:
    """Record what was spent on a CHANNEL; each day of it has an equal share.

    CHANNEL is advertising, marketing, public_relations, referral, organic or other.

    \b
    clientela spends record advertising 500 EUR --from 2026-03-01 --to 2026-03-31
    """
    from clientela_client.messages import AcquisitionChannel, Spend, SpendPurpose

    spent = Spend(
        channel=AcquisitionChannel.Value(enum_choices.enum_name(enum_choices.CHANNELS, channel)),
        campaign=campaign,
        start_date=date_of(start),
        end_date=date_of(end),
        amount=money_of(amount, currency),
        purpose=SpendPurpose.SPEND_PURPOSE_RETENTION if retention else SpendPurpose.SPEND_PURPOSE_ACQUISITION,
    )
    recorded = context.client.spends.record(
        spent, spend_id=spend_id, request_id=context.request_id, validate_only=context.validate_only
    )
    context.show(recorded, SPEND)


@spends.command("list")
@list_flags("name, start_date, end_date or create_time")
@with_context()
def list_(
    context: CommandContext,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
) -> None:
    """List what was spent.

    \b
    clientela spends list --filter 'channel = "REFERRAL"' --order-by 'start_date desc'
    """
    found = context.client.spends.list(filter=filter, order_by=order_by, page_size=page(page_size, limit))
    context.show_all(found, SPEND, limit=limit)


@spends.command()
@click.argument("name", shell_complete=spend_ids)
@with_context()
def get(context: CommandContext, name: str) -> None:
    """Show one spend."""
    context.show(context.client.spends.get(spend_name(name)), SPEND)


@spends.command()
@click.argument("name", shell_complete=spend_ids)
@with_context("request-id")
def delete(context: CommandContext, name: str) -> None:
    """Delete a spend that is wrong, for good; then record it anew."""
    context.client.spends.delete(spend_name(name), request_id=context.request_id)
