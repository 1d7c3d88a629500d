"""The root of the command tree: nouns by their module, with a suggestion for a mistyped one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from clientela_client.cli.words.mistyped import resolve_or_suggest


class LazyGroup(click.Group):
    """The root group, which imports a noun's module on first use.

    nouns: name -> ("module:attribute", one line of help). Help and completion read these lines, and import
    no module.
    """

    def __init__(self, *args: Any, nouns: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._nouns = nouns

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the nouns in the order of the table."""
        return list(self._nouns)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the noun; raise UnknownCommand with a suggestion."""
        return resolve_or_suggest(self, ctx, args, super().resolve_command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Print the help if there are no arguments."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a noun and return its command."""
        if cmd_name not in self._nouns:
            return None
        module, _, attribute = self._nouns[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the nouns first, then the global options."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the nouns with their lines of help."""
        with formatter.section("Commands"):
            formatter.write_dl([(noun, line) for noun, (_, line) in self._nouns.items()])
