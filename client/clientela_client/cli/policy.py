"""`clientela policy ...`: the thresholds that standing is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clientela_client.cli.options import Group
from clientela_client.cli.session import Asking, asks
from clientela_client.cli.views import Column, Fact, View, message_fields, time_fact

if TYPE_CHECKING:
    from clientela_client.messages import Policy


def _facts(policy: Policy) -> list[Fact]:
    thresholds = [field.name for field in policy.DESCRIPTOR.fields if field.type == field.TYPE_INT32]
    return [
        *(Fact(name, f"{getattr(policy, name)}") for name in thresholds),
        time_fact(policy, "update_time"),
        Fact("etag", policy.etag),
    ]


_TABLE: tuple[Column[Policy], ...] = (Column("ETAG", lambda p: p.etag),)
POLICY: View[Policy] = View(
    singular="policy",
    plural="policies",
    table=_TABLE,
    flat=_TABLE,
    facts=_facts,
    name=lambda _: "policy",
    fields=message_fields,
)


@click.group(cls=Group)
def policy() -> None:
    """The thresholds that standing is judged by."""


@policy.command()
@asks()
def get(asking: Asking) -> None:
    """Show every threshold."""
    asking.show(asking.client.insight.get_policy(), POLICY)


@policy.command()
@click.argument("thresholds", nargs=-1, required=True, metavar="NAME=NUMBER...")
@asks("dry-run", "request-id")
def update(asking: Asking, thresholds: tuple[str, ...]) -> None:
    """Change thresholds; all clients are then looked at anew.

    \b
    clientela policy update new_days=60 lost_silence_days=120
    """
    from clientela_client.messages import Policy

    changed = Policy()
    for each in thresholds:
        name, _, number = each.partition("=")
        try:
            setattr(changed, name, int(number))
        except (ValueError, AttributeError, TypeError):
            raise click.BadParameter(f'"{each}" is no threshold and its number') from None
    asking.show(
        asking.client.insight.update_policy(
            changed, request_id=asking.request_id, validate_only=asking.validate_only
        ),
        POLICY,
    )
