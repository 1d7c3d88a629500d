"""`clientela trust`: print the certificates that clients in any language are to trust for a server."""

from __future__ import annotations

import click

from clientela_client.cli.command.before_grpc import set_grpc_defaults
from clientela_client.cli.command.command_context import CommandContext, tls_of, with_context
from clientela_client.cli.command.options import Command

_HELP = """Print what a client in any language is to trust, as PEM.

\b
  clientela trust shop.example:50051 --fingerprint sha256:bb99... > ca.pem

The fingerprint is what clientela-server prints when it starts; a server that does not show it is refused.
For a server of this account on this machine, or a profile that holds a fingerprint, none is needed.
"""


@click.command(cls=Command, help=_HELP)
@click.argument("address", required=False, metavar="[HOST:PORT]")
@with_context()
def trust(context: CommandContext, address: str | None) -> None:
    """Print the trust roots as PEM."""
    options = context.options
    if address and options.server and address != options.server:
        raise click.UsageError(f"which server, {address} or {options.server}?")
    set_grpc_defaults()
    from clientela_client.connection.roots import roots_of
    from clientela_client.connection.settings import resolve

    found = roots_of(resolve(address or options.server, None, options.profile, tls_of(options)))
    click.echo(found.pem, nl=False)
    if found.objection:
        context.note(found.objection)
