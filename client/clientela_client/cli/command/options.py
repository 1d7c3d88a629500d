"""The global options, and the click classes that accept them anywhere on the command line.

`clientela -o json customers list` and `clientela customers list -o json` are equal: every group and command
takes the options, and the last occurrence sets the run's RunOptions.
Read next: main.py, which builds the tree; connection/settings.py, which resolves what is not given.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import IO, Any

import click
from click.core import ParameterSource

from clientela_client.cli.words.amount_words import is_below_zero, refuse_below_zero
from clientela_client.cli.words.cut_words import refuse_invalid_utf8, refuse_invalid_utf8_value
from clientela_client.cli.words.mistyped import resolve_or_suggest
from clientela_client.cli.words.numbers import Seconds

OUTPUTS = ("table", "json", "yaml", "csv", "ndjson", "name")
#: The languages of the server's texts.
LANGUAGES = ("en", "pl", "ru", "lt")
# Their values may be any bytes (a path) or must not be shown (a token, which is checked elsewhere).
_UNCHECKED_METAVARS = ("FILE", "TOKEN")
# The SDK reads the environment variables of these itself.
_READ_BY_SDK = frozenset("server token token_file ca fingerprint cert key profile".split())


@dataclass(kw_only=True)
class RunOptions:
    """The global options of a run; None where one is not given.

    rerun_is_safe: set by commands that derive their request ids, and so can be rerun unchanged. columns: set
    by `--columns` of list commands. from_environment: the options that came from environment variables.
    """

    argv: tuple[str, ...] = ()
    rerun_is_safe: bool = False
    columns: tuple[str, ...] = ()
    from_environment: set[str] = field(default_factory=set)
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

    def colors_on(self, stream: IO[str]) -> bool:
        """Return whether to colour a stream: by default a terminal's.

        NO_COLOR (no-color.org) wins over FORCE_COLOR (force-color.org).
        """
        if self.no_color or os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"

    def flag_or_variable(self, name: str) -> str:
        """Return the spelling by which an option was given: "--dry-run", or "CLIENTELA_DRY_RUN"."""
        return _variable(name) if name in self.from_environment else f"--{name.replace('_', '-')}"


def _variable(name: str) -> str:
    return f"CLIENTELA_{name.upper()}"


def _store_option(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    options = ctx.find_object(RunOptions)
    if options is None or not option.name or value in (None, False):
        return
    if option.metavar not in _UNCHECKED_METAVARS:
        refuse_invalid_utf8_value(ctx, option, value)
    setattr(options, option.name, value)
    if ctx.get_parameter_source(option.name) is ParameterSource.ENVIRONMENT:
        options.from_environment.add(option.name)
    else:
        options.from_environment.discard(option.name)


class _Language(click.ParamType[str]):
    """A language of the server's texts, in any locale form: pl, PL, pl-PL, pl_PL.UTF-8."""

    name = "language"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the language without region and encoding."""
        language = re.split("[-_.]", value.strip())[0].lower()
        if language not in LANGUAGES:
            self.fail(f'"{value}" is none of {", ".join(LANGUAGES)}', param, ctx)
        return language


class _GlobalOption(click.Option):
    """An option whose environment variable only the root reads: an option anywhere on the line wins."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """Leave to the SDK the variables that it reads: those rank before the profile, which it reads too."""
        return None if self.name in _READ_BY_SDK else super().resolve_envvar_value(ctx)


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from clientela_client.cli.command.installed_version import version

        click.echo(f"clientela {version()}")
        ctx.exit()


def _option(*declarations: str, **attributes: Any) -> click.Option:
    return _GlobalOption(list(declarations), expose_value=False, callback=_store_option, **attributes)


def root_options() -> list[click.Option]:
    """Return the global options of the root, each with its environment variable."""
    options = global_options()
    for option in options:
        if isinstance(option, _GlobalOption) and option.name:
            option.envvar, option.show_envvar = _variable(option.name), True
    return options


def global_options() -> list[click.Option]:
    """Return the options of every command; new objects each time, as click binds them to a command."""
    return [*_connection_options(), *_output_options()]


def _connection_options() -> list[click.Option]:
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
    ]


def _output_options() -> list[click.Option]:
    return [
        _option("-o", "--output", type=click.Choice(OUTPUTS), help="Form of the answer."),
        _option(
            "--raw",
            is_flag=True,
            help="CSV cells as they are, also those that begin as formulas do.",
        ),
        _option(
            "--lang",
            type=_Language(),
            metavar="LANGUAGE",
            help="Of what the server says, its reasons and refusals: en, pl, ru or lt. What the command line "
            "says by itself is English.",
        ),
        _option(
            "--timeout",
            type=Seconds(),
            metavar="SECONDS",
            help="How long to wait for the answer.",
        ),
        _option("--request-id", metavar="UUID", help="Ask again under the id of an earlier request."),
        _option("--dry-run", is_flag=True, help="Have the server check everything and write nothing."),
        _option("--wire", is_flag=True, help="Show on stderr what crossed the wire."),
        _option("--quiet", is_flag=True, help="No summaries and no progress on stderr."),
        _option(
            "--no-color",
            is_flag=True,
            help="No colours, as with NO_COLOR and TERM=dumb; with FORCE_COLOR there are some in pipes too.",
        ),
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

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; refuse a negative amount as such, not as an unknown option."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption:
            takes_amount = any(param.name == "amount" for param in self.params)
            amount = next(filter(is_below_zero, words), None)
            if amount is None or not takes_amount:
                raise
            command = " ".join(ctx.command_path.split()[-2:])
            raise refuse_below_zero(amount, command, ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, after refusing arguments that are not UTF-8."""
        refuse_invalid_utf8(ctx, self.params)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options in full, the global ones by name only."""
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
        """Return the verbs in the order of definition: that of a resource's life cycle."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; raise UnknownCommand with a suggestion."""
        return resolve_or_suggest(self, ctx, args, super().resolve_command)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs only: a noun has no options of its own."""
        self.format_commands(ctx, formatter)
