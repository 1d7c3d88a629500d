"""`clientela standing ...`: what a client is to us, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.id_completion import customer_ids
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Group
from clientela_client.cli.standing.standing_view import STANDING
from clientela_client.cli.words.enum_choices import comma_separated
from clientela_client.cli.words.names import customer_name
from clientela_client.cli.words.times import NotATime, parse_time

if TYPE_CHECKING:
    from clientela_client.messages import Standing


@click.group(cls=Group)
def standing() -> None:
    """What a client is to us, and why."""


@standing.command()
@click.argument("name", shell_complete=customer_ids)
@click.option("--at", metavar="TIME", help="Judge as of 1997-01-31 or 1997-01-31T08:26:00Z; now.")
@click.option("--why", "labels", multiple=True, metavar="LABEL", help="Only this label. Repeatable.")
@with_context()
def get(context: CommandContext, name: str, at: str | None, labels: tuple[str, ...]) -> None:
    """Say what a client is: each label, whether it holds, why, and what would turn it.

    \b
    clientela standing get blue-door
    clientela standing get blue-door --why lost
    """
    from clientela_client.messages import Timestamp

    moment = None
    if at is not None:
        try:
            seconds, nanos = parse_time(at)
        except NotATime as problem:
            raise click.BadParameter(str(problem), param_hint="--at") from None
        moment = Timestamp(seconds=seconds, nanos=nanos)
    found = context.client.standing.get(customer_name(name), read_time=moment)
    _keep(found, [label.upper() for label in labels])
    context.show(found, STANDING)


def _keep(found: Standing, labels: list[str]) -> None:
    """Leave of the findings only those of these labels, in the order in which they were asked for."""
    of_label = {finding.label: finding for finding in found.findings}
    for label in labels:
        if label not in of_label:
            raise click.BadParameter(f'"{label}" is none of {comma_separated(of_label)}', param_hint="--why")
    if labels:
        kept = [of_label[label] for label in labels]
        del found.findings[:]
        found.findings.extend(kept)


@standing.command("list")
@list_flags("name, purchases, purchase_days, first_purchase_time or last_purchase_time")
@click.option("--reasons", is_flag=True, help="With all findings (in JSON and YAML).")
@with_context()
def list_(
    context: CommandContext,
    *,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
    reasons: bool,
) -> None:
    """List what clients are.

    \b
    clientela standing list --filter 'stage = "LOST" AND kinds : "STRATEGIC"'
    """
    found = context.client.standing.list(
        filter=filter, order_by=order_by, page_size=page(page_size, limit), with_findings=reasons or None
    )
    context.show_all(found, STANDING, limit=limit)
