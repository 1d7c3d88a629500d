"""The context of one command's run: the client, the writer of its answer, and notes on stderr.

Rules: the SDK is imported here and not before; a command declares which of `--dry-run` and `--request-id` it
supports, and the others are refused, not ignored.
Read next: customers/customer_commands.py, output/answer_writer.py, output/wire_log.py.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING, Any, TypeVar

import click

from clientela_client.cli.command.before_grpc import set_grpc_defaults
from clientela_client.cli.command.deferred_imports import deferred_imports
from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.command.picked_columns import with_picked_columns
from clientela_client.cli.output.answer_writer import AnswerWriter, take_first
from clientela_client.cli.output.terminal_width import UNLIMITED, terminal_width
from clientela_client.cli.output.views import Fact, View
from clientela_client.cli.words.enum_choices import comma_separated

if TYPE_CHECKING:
    from clientela_client import Client, Tls

T = TypeVar("T")

_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class CommandContext:
    """What a command is given: options, the writer on stdout, the client. connect: opens the client."""

    options: RunOptions
    writer: AnswerWriter
    connect: Callable[[], Client]

    @functools.cached_property
    def client(self) -> Client:
        """The client, created on first use: wrong usage opens no connection."""
        return self.connect()

    @property
    def request_id(self) -> str | None:
        """The request id of `--request-id`; None to generate one."""
        return self.options.request_id

    @property
    def validate_only(self) -> bool | None:
        """True for `--dry-run`, else None (the field stays unset)."""
        return self.options.dry_run or None

    def show(self, item: T, view: View[T]) -> None:
        """Write one resource on stdout."""
        if self.options.dry_run:
            view = replace(view, facts=partial(_dry_run_facts, view.facts))
        self.writer.write_one(item, view)
        if self.options.dry_run:
            self.note("Dry run: the server checked it and wrote nothing.")

    def show_all(
        self, items: Iterable[T], view: View[T], *, limit: int | None = None, live: bool = False
    ) -> None:
        """Write a list on stdout, and for people its length on stderr.

        limit: the most items to write; live: flush after each item, as for a watched stream.
        """
        view = with_picked_columns(view, self.options.columns, self.writer.output_format)
        count = self.writer.write_many(take_first(items, limit), view, live=live)
        if self.writer.for_people and not live:
            cut = " (there may be more: --limit)" if count == limit else ""
            self.note(f"{view.pluralized(count)}{cut}")
        if left_out := self.writer.left_out:
            said = f"No room here for {comma_separated(left_out)}: --columns picks others, -o csv has all."
            self.note(fill(said, terminal_width(sys.stderr) or UNLIMITED))

    def note(self, text: str) -> None:
        """Print a note on stderr, unless `--quiet` was given."""
        if not self.options.quiet:
            click.echo(text, err=True)

    @property
    def shows_progress(self) -> bool:
        """Whether progress is shown: stderr is a terminal, without `--quiet` and `--wire`."""
        return sys.stderr.isatty() and not self.options.quiet and not self.options.wire


# Fields that the server assigns: a real run would set others.
_IDS = frozenset({"customer_id", "purchase_id", "segment_id", "spend_id"})
_SERVER_ASSIGNED = frozenset({"create_time", "update_time", "etag", "uid", "revision"})


def _dry_run_facts(facts: Callable[[T], Iterable[Fact]], item: T) -> Iterator[Fact]:
    """Yield the facts of a dry run's answer, without the values that a real run would assign anew."""
    given = click.get_current_context().params
    named = all(given[name] is not None for name in _IDS & given.keys())
    left_out = _SERVER_ASSIGNED if named else _SERVER_ASSIGNED | {"name"}
    yield Fact("dry_run", "yes", "it would be accepted; nothing was written")
    yield from (fact for fact in facts(item) if fact.key not in left_out)


def with_context(
    *supported: str, wait_for_server: bool = False, timeout_s: float = _TIMEOUT_S
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Pass a CommandContext to a command as its first argument.

    supported: of "dry-run" and "request-id", those that the command supports. wait_for_server: retry while no
    server is reached, for long streams that outlive a restart; otherwise fail at once. timeout_s: the
    deadline of each call without `--timeout`.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.pass_obj
        @functools.wraps(command)
        def run(options: RunOptions, *args: Any, **kwargs: Any) -> None:
            _refuse_unsupported(options, supported)
            writer = AnswerWriter(options.output, color=options.colors_on(sys.stdout), raw=options.raw)
            with contextlib.ExitStack() as exit_stack:
                connect = functools.partial(
                    open_client, exit_stack, options, wait_for_server=wait_for_server, timeout_s=timeout_s
                )
                context = CommandContext(options, writer, connect)
                command(context, *args, **kwargs)

        return run

    return decorate


def _refuse_unsupported(options: RunOptions, supported: Iterable[str]) -> None:
    path = click.get_current_context().command_path
    if options.dry_run and "dry-run" not in supported:
        said = options.flag_or_variable("dry_run")
        raise click.UsageError(f"`{path}` has no {said}: the server can't check it without doing it")
    if options.request_id and "request-id" not in supported:
        said = options.flag_or_variable("request_id")
        raise click.UsageError(f"`{path}` takes no {said}: it is for what is written, once, by one request")


def open_client(
    exit_stack: contextlib.ExitStack, options: RunOptions, *, wait_for_server: bool, timeout_s: float
) -> Client:
    """Return a client by the options; the exit stack closes it."""
    return exit_stack.enter_context(_connect(options, wait_for_server, timeout_s))


def _connect(options: RunOptions, wait_for_server: bool, timeout_s: float) -> Client:
    set_grpc_defaults()  # a failed handshake is reported by error_output, not by gRPC's log
    with deferred_imports():
        from clientela_client import RetryPolicy, connect
    from clientela_client.connection.settings import read_token

    observer = None
    if options.wire:
        from clientela_client.cli.output.wire_log import WireLog

        observer = WireLog(color=options.colors_on(sys.stderr))
    return connect(
        options.server,
        token=options.token or (read_token(options.token_file) if options.token_file else None),
        tls=tls_of(options),
        profile=options.profile,
        policy=RetryPolicy(wait_for_server=wait_for_server),
        observer=observer,
        metadata={"accept-language": options.lang} if options.lang else None,
        timeout_s=options.timeout or timeout_s,
    )


def tls_of(options: RunOptions) -> Tls | bool | None:
    """Return the TLS settings of the options, False for plaintext; None if neither is given."""
    from clientela_client import Tls

    said = (options.ca, options.fingerprint, options.cert, options.key)
    by_variable = "plaintext" in options.from_environment
    if by_variable and any(os.environ.get(f"CLIENTELA_{name}") for name in ("CA", "FINGERPRINT", "CERT")):
        raise click.UsageError("CLIENTELA_PLAINTEXT goes with none of CLIENTELA_CA, _FINGERPRINT and _CERT")
    if options.plaintext and any(said) and not by_variable:
        raise click.UsageError("--plaintext goes with none of --ca, --fingerprint, --cert and --key")
    if any(said):
        return Tls(*said)
    return False if options.plaintext else None
