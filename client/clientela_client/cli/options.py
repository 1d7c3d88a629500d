"""The global options, and the classes that make them work anywhere on the line.

`clientela -o json customers list` and `clientela customers list -o json` are one: every group and every
command takes the options, and whichever is given last on the line goes into the one RunOptions object of
the run.
Read next: main.py, which builds the tree; where the rest comes from is in ../settings.py.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import click

from clientela_client.cli.numbers import Seconds

OUTPUTS = ("table", "json", "yaml", "csv", "ndjson", "name")


@dataclass
class RunOptions:
    """What the global options of this run say; None means not said.

    same_again: set by commands that are safe to run again as they are, because they derive their request ids.
    columns: set by commands that write lists.
    """

    argv: tuple[str, ...] = ()
    same_again: bool = False
    columns: tuple[str, ...] = ()
    server: str | None = None
    token: str | None = None
    token_file: str | None = None
    ca: str | None = None
    fingerprint: str | None = None
    cert: str | None = None
    key: str | None = None
    plaintext: bool = False
    profile: str | None = None
    output: str | None = None
    lang: str | None = None
    timeout: float | None = None
    request_id: str | None = None
    dry_run: bool = False
    wire: bool = False
    quiet: bool = False
    no_color: bool = False
    raw: bool = False

    @property
    def form(self) -> str | None:
        """Return the form of the answer: as the option says, or else the environment."""
        return self.output or os.environ.get("CLIENTELA_OUTPUT") or None

    @property
    def language(self) -> str | None:
        """Return the language to be answered in: as the option says, or else the environment."""
        return self.lang or os.environ.get("CLIENTELA_LANG") or None

    def colors_on(self, stream: IO[str]) -> bool:
        """Tell whether a stream is to be coloured: a terminal's, unless that was turned off."""
        return stream.isatty() and not self.no_color and not os.environ.get("NO_COLOR")


def _remember(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    options = ctx.find_object(RunOptions)
    if options is not None and option.name and value not in (None, False):
        setattr(options, option.name, value)


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from clientela_client.cli.session import version

        click.echo(f"clientela {version()}")
        ctx.exit()


def _option(*declarations: str, **attributes: Any) -> click.Option:
    return click.Option(list(declarations), expose_value=False, callback=_remember, **attributes)


def global_options() -> list[click.Option]:
    """Return the options that every command takes; new ones each time, as click ties them to a command."""
    return [
        _option("--server", metavar="HOST:PORT", help="The server to ask."),
        _option(
            "--token-file", metavar="FILE", help="Who asks. Found by itself for a server on this machine."
        ),
        _option("--token", metavar="TOKEN", help="The same, where others on this machine may read it."),
        _option("--ca", metavar="FILE", help="Trust this authority's servers; `system`: as browsers do."),
        _option("--fingerprint", metavar="SHA256", help="Trust the server that shows this certificate."),
        _option("--cert", metavar="FILE", help="Our own certificate, where the server asks for it."),
        _option("--key", metavar="FILE", help="Its key."),
        _option("--plaintext", is_flag=True, help="No TLS: whoever listens in can read token and data."),
        _option("--profile", metavar="NAME", help="A profile of the configuration file."),
        _option("-o", "--output", type=click.Choice(OUTPUTS), help="Form of the answer."),
        _option(
            "--raw",
            is_flag=True,
            help="CSV cells as they are, also those that begin as formulas do.",
        ),
        _option("--lang", metavar="LANGUAGE", help="Of reasons and refusals: en, pl, ru or lt."),
        _option(
            "--timeout",
            type=Seconds(min=0, min_open=True),
            metavar="SECONDS",
            help="How long to wait for the answer.",
        ),
        _option("--request-id", metavar="UUID", help="Ask again under the id of an earlier request."),
        _option("--dry-run", is_flag=True, help="Have the server check everything and write nothing."),
        _option("--wire", is_flag=True, help="Show on stderr what crossed the wire."),
        _option("--quiet", is_flag=True, help="No summaries and no progress on stderr."),
        _option("--no-color", is_flag=True, help="No colours (as does the variable NO_COLOR)."),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Print the version.",
        ),
    ]


GLOBAL_NAMES = frozenset(str(option.name) for option in global_options())


class Command(click.Command):
    """A verb: its own options, and the global ones."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params += global_options()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options in full, and of the global ones only the names."""
        own = [option for option in self.get_params(ctx) if option.name not in GLOBAL_NAMES]
        options = [option for option in own if isinstance(option, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        with formatter.section("Global options"):
            formatter.write_text(", ".join("/".join(option.opts) for option in global_options()))
            formatter.write_text("See `clientela --help`.")


class Group(click.Group):
    """A noun: its verbs, and the global options."""

    command_class = Command

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params += global_options()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order in which they are defined, that of a resource's life."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs only: a noun has no options but the global ones."""
        self.format_commands(ctx, formatter)


class LazyGroup(click.Group):
    """The root: it knows its nouns by where they live, and imports one when it is asked for.

    nouns: name -> ("module:attribute", one line of help). Help and completion read the lines, not the
    modules.
    """

    def __init__(self, *args: Any, nouns: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._nouns = nouns

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the nouns in the order of the table."""
        return list(self._nouns)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a noun and returns its command."""
        if cmd_name not in self._nouns:
            return None
        module, _, attribute = self._nouns[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the nouns first, as they are what is looked for, then the global options."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the nouns with their lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(noun, line) for noun, (_, line) in self._nouns.items()])
