"""`clientela help ...` and `clientela version`: the commands that stand for `--help` and `--version`."""

from __future__ import annotations

import click

from clientela_client.cli.command.options import Command
from clientela_client.cli.words.mistyped import UnknownCommand


@click.command("help", cls=Command)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
def help_(words: tuple[str, ...]) -> None:
    """Explain a command.

    \b
    clientela help purchases record
    """
    ctx = click.get_current_context().find_root()
    command = ctx.command
    for word in words:
        if not isinstance(command, click.Group):
            raise click.UsageError(f"`{ctx.command_path}` has no commands of its own", ctx)
        command = _found(command, ctx, word)
        ctx = click.Context(command, info_name=word, parent=ctx)
    click.echo(command.get_help(ctx))


def _found(group: click.Group, ctx: click.Context, word: str) -> click.Command:
    try:
        found = group.resolve_command(ctx, [word])[1]
    except UnknownCommand as unknown:
        unknown.meant = unknown.meant.replace("clientela ", "clientela help ", 1)
        raise
    assert found is not None  # it was raised otherwise
    return found


@click.command(cls=Command)
def version() -> None:
    """Print the version."""
    from clientela_client.cli.command.installed_version import version as installed

    click.echo(f"clientela {installed()}")
