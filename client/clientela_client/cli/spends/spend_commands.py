"""`clientela economics spend ...`: money spent on acquisition or on retention."""

from __future__ import annotations

from datetime import date

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.id_completion import spend_ids
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Command
from clientela_client.cli.spends.spend_view import SPEND
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.names import spend_name
from clientela_client.cli.words.purchase_fields import currency_type, money_of
from clientela_client.cli.words.report_options import date_of, day_type


@click.command(cls=Command)
@click.argument("channel", type=click.Choice(enum_choices.CHANNELS, case_sensitive=False))
@click.argument("amount")
@click.argument("currency", type=currency_type)
@click.option("--from", "start", type=day_type, required=True, metavar="DATE", help="The first day of it.")
@click.option("--to", "end", type=day_type, metavar="DATE", help="The last day; the first if left out.")
@click.option("--campaign", help="Which campaign of the channel.")
@click.option("--keeping", is_flag=True, help="Spent on retention; otherwise on winning new clients.")
@click.option("--id", "spend_id", help="The last part of the name; made by the server if left out.")
@with_context("dry-run", "request-id")
def spend(
    context: CommandContext,
    *,
    channel: str,
    amount: str,
    currency: str,
    start: date,
    end: date | None,
    campaign: str | None,
    keeping: bool,
    spend_id: str | None,
) -> None:
    """Record what was spent on a CHANNEL; each day of it has an equal share.

    \b
    clientela economics spend advertising 500 EUR --from 2026-03-01 --to 2026-03-31
    """
    from clientela_client.messages import AcquisitionChannel, Spend, SpendPurpose

    spent = Spend(
        channel=AcquisitionChannel.Value(enum_choices.enum_name(enum_choices.CHANNELS, channel)),
        campaign=campaign,
        start_date=date_of(start),
        end_date=date_of(end),
        amount=money_of(amount, currency),
        purpose=SpendPurpose.SPEND_PURPOSE_KEEPING if keeping else SpendPurpose.SPEND_PURPOSE_WINNING,
    )
    recorded = context.client.insight.record_spend(
        spent, spend_id=spend_id, request_id=context.request_id, validate_only=context.validate_only
    )
    context.show(recorded, SPEND)


@click.command(cls=Command)
@list_flags("name, start_date, end_date or create_time")
@with_context()
def spends(
    context: CommandContext,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
) -> None:
    """List what was spent.

    \b
    clientela economics spends --filter 'channel = "REFERRAL"' --order-by 'start_date desc'
    """
    found = context.client.insight.list_spends(
        filter=filter, order_by=order_by, page_size=page(page_size, limit)
    )
    context.show_all(found, SPEND, limit=limit)


@click.command(cls=Command)
@click.argument("name", shell_complete=spend_ids)
@with_context()
def get_spend(context: CommandContext, name: str) -> None:
    """Show one spend."""
    context.show(context.client.insight.get_spend(spend_name(name)), SPEND)


@click.command(cls=Command)
@click.argument("name", shell_complete=spend_ids)
@with_context("request-id")
def delete_spend(context: CommandContext, name: str) -> None:
    """Delete a spend that is wrong, for good; then record it anew."""
    context.client.insight.delete_spend(spend_name(name), request_id=context.request_id)
