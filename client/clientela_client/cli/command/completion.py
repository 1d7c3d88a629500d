"""`clientela completion SHELL`: print a shell's completion script.

Nouns, verbs and options are completed locally; ids by a request to the server (id_completion.py).
"""

from __future__ import annotations

import click

from clientela_client.cli.command.options import Command

_HELP = """Print the completion script of a shell: for commands, options and ids.

Ids of customers, purchases, segments and spends are asked of the server, as --server, --profile and
their variables say. Where none answers within a second, none are offered, and nothing is said.

\b
  bash:  clientela completion bash > ~/.local/share/bash-completion/completions/clientela
  zsh:   clientela completion zsh > "${fpath[1]}/_clientela"
  fish:  clientela completion fish > ~/.config/fish/completions/clientela.fish
"""


@click.command(cls=Command, help=_HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    if script is not None:
        root = click.get_current_context().find_root().command
        click.echo(script(root, {}, "clientela", "_CLIENTELA_COMPLETE").source())
