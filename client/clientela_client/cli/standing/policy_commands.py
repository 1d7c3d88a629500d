"""`clientela policy ...`: the thresholds that standing is judged by."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.etags import etag_flag
from clientela_client.cli.command.options import Group
from clientela_client.cli.output.views import Column, Fact, View, message_fields, time
from clientela_client.cli.words.enum_choices import THRESHOLDS

if TYPE_CHECKING:
    from clientela_client.messages import Policy


def _facts(policy: Policy) -> list[Fact]:
    """Return the thresholds under the names that one types to change them."""
    return [Fact(column.title, column.plain(policy), title=column.title) for column in _FLAT]


def _threshold(name: str) -> Column[Policy]:
    return Column(name, lambda policy: f"{getattr(policy, name)}")


_FLAT: tuple[Column[Policy], ...] = (
    *map(_threshold, THRESHOLDS),
    Column("update_time", lambda policy: time(policy, "update_time")),
    Column("etag", lambda policy: policy.etag),
)
POLICY: View[Policy] = View(
    singular="policy",
    plural="policies",
    table=_FLAT,
    flat=_FLAT,
    facts=_facts,
    name=lambda _: "policy",
    fields=message_fields,
)


@click.group(cls=Group)
def policy() -> None:
    """The thresholds that standing is judged by."""


@policy.command()
@with_context()
def get(context: CommandContext) -> None:
    """Show every threshold."""
    context.show(context.client.standing.get_policy(), POLICY)


@policy.command()
@click.argument("thresholds", nargs=-1, required=True, metavar="NAME=NUMBER...")
@etag_flag
@with_context("dry-run", "request-id")
def update(context: CommandContext, thresholds: tuple[str, ...], etag: str | None) -> None:
    """Change thresholds; all clients are then looked at anew.

    \b
    clientela policy update new_days=60 lost_silence_days=120
    """
    from clientela_client.messages import Policy

    changed = Policy(etag=etag or "")
    for name, number in map(_read, thresholds):
        setattr(changed, name, number)
    context.show(
        context.client.standing.update_policy(
            changed, request_id=context.request_id, validate_only=context.validate_only
        ),
        POLICY,
    )


def _read(text: str) -> tuple[str, int]:
    """Read "new_days=60"; a number that no field can hold is refused here, any other by the server."""
    name, _, number = text.partition("=")
    if name not in THRESHOLDS:
        nearest = get_close_matches(name, THRESHOLDS, n=1, cutoff=0.0)[0]
        raise click.BadParameter(f'"{name}" is no threshold; did you mean {nearest}?')
    if not re.fullmatch(r"-?[0-9]+", number):
        raise click.BadParameter(f'{name} is a whole number, as in {name}=60, and not "{number}"')
    if len(number) > 9:
        raise click.BadParameter(f"{name} has at most 9 digits, as in {name}=60, and {number[:40]} has more")
    return name, int(number)
