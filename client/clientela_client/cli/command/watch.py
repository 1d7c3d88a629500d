"""`clientela watch`: changes as they happen, until Ctrl-C."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.id_completion import customer_ids
from clientela_client.cli.command.options import Command
from clientela_client.cli.command.picked_columns import columns_flag
from clientela_client.cli.output.change_view import CHANGE
from clientela_client.cli.words.names import watched_name
from clientela_client.cli.words.numbers import WholeFrom

if TYPE_CHECKING:
    from clientela_client.errors import CallError


@click.command(cls=Command)
@click.argument("names", nargs=-1, shell_complete=customer_ids)
@click.option("--after", type=WholeFrom(min=0), metavar="REVISION", help="From there on; 0 is the first.")
@click.option("--epoch", metavar="EPOCH", help="The one that --after is of; refused where it has ended.")
@click.option("--limit", type=WholeFrom(min=1), metavar="N", help="End after so many.")
@columns_flag
@with_context(wait_for_server=True)
def watch(
    context: CommandContext, names: tuple[str, ...], after: int | None, epoch: str | None, limit: int | None
) -> None:
    """Show changes as they happen, of all resources or of those named.

    \b
    clientela watch                    all, from now on
    clientela watch --after 0          all, from the first
    clientela watch blue-door 'blue-door/*'      a customer and its purchases

    A cut connection is taken up where it broke: nothing is left out and nothing comes twice. Where nothing
    comes although it is tried again and again, it says why. At the end it says how to go on later. After a
    restore from a backup the ledger has another epoch: then begin anew.
    """
    watched = [watched_name(name) for name in names]
    trouble = _TroubleNotes(context)
    changes = context.client.feed.watch(
        names=watched, after_revision=after, epoch=epoch, on_trouble=trouble.note_once
    )
    try:
        context.show_all(changes, CHANGE, limit=limit, live=True)
    except KeyboardInterrupt:
        _note_resume_command(context, names, changes.bookmark_revision, changes.epoch)
        raise
    _note_resume_command(context, names, changes.bookmark_revision, changes.epoch)


class _TroubleNotes:
    """Notes why no changes arrive, once for each reason: the stream is retried every other second."""

    def __init__(self, context: CommandContext) -> None:
        self._asking = context
        self._last_reason = ""

    def note_once(self, error: CallError, _: float) -> None:
        """Print the reason, unless it was the last one printed."""
        why = f"{error.message} ({error.reason or error.code})"
        if why != self._last_reason:
            self._last_reason = why
            self._asking.note(f"Nothing comes, and it is tried again and again: {why}")


def _note_resume_command(
    context: CommandContext, names: tuple[str, ...], reached: int | None, epoch: str | None
) -> None:
    if reached is not None:
        words = ["clientela", "watch", *names, "--after", f"{reached}"]
        words += ["--epoch", epoch] if epoch else []
        context.note(f"Go on with: {shlex.join(words)}")
