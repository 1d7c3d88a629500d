"""The command tree, and the entry point of a run.

Rules: a command's module is imported only when the command is used; every outcome of a run becomes an exit
code by the table in exits.py, never a traceback.
Read next: command/options.py, then customers/customer_commands.py.
"""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

import click

from clientela_client.cli.command.command_tree import LazyGroup
from clientela_client.cli.command.options import RunOptions, root_options

_CLI = "clientela_client.cli"
_NOUNS = {
    "customers": (f"{_CLI}.customers.customer_commands:customers", "The registry: who the clients are."),
    "purchases": (f"{_CLI}.purchases.purchase_commands:purchases", "The ledger: what they bought."),
    "standing": (f"{_CLI}.standing.standing_commands:standing", "What a client is to us, and why."),
    "segments": (f"{_CLI}.segments.segment_commands:segments", "Groups of clients, by a filter."),
    "spends": (f"{_CLI}.spends.spend_commands:spends", "What was spent on acquisition and retention."),
    "economics": (
        f"{_CLI}.economics.economics_commands:economics",
        "What clients cost, and what they are worth.",
    ),
    "policy": (f"{_CLI}.standing.policy_commands:policy", "The thresholds that standing is judged by."),
    "watch": (f"{_CLI}.command.watch:watch", "Show changes as they happen."),
    "lab": ("clientela_lab.cli:lab", "See the wire and break it: scenarios."),
    "trust": (f"{_CLI}.command.trust:trust", "Print what clients in any language are to trust."),
    "completion": (f"{_CLI}.command.completion:completion", "Print the completion script of a shell."),
    "help": (f"{_CLI}.command.explaining:help_", "Explain a command: help purchases record."),
    "version": (f"{_CLI}.command.explaining:version", "Print the version."),
}

_HELP = """Ask a Clientela server about clients and their purchases.

\b
  clientela customers create --id blue-door --name "Blue Door Café"
  clientela purchases record blue-door 19.90 EUR
  clientela customers get blue-door

Customers and purchases are named in short (42, 42/7) or in full (customers/42/purchases/7).
"""

_EPILOG = """\b
An option wins over its variable in the environment, the environment over the
profile.

\b
Exit codes: 0 done, 1 other, 2 usage, 3 not found, 4 not allowed, 5 conflict,
6 invalid, 7 unavailable (not done), 8 in doubt (it isn't known whether it was
done), 130 interrupted.
"""

# Imports allocate tens of thousands of objects, which stay: to look for garbage among them takes a tenth of
# a start.
_COLLECT_AFTER = 50_000

root = LazyGroup(
    "clientela",
    nouns=_NOUNS,
    help=_HELP,
    epilog=_EPILOG,
    params=list(root_options()),
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(argv: list[str]) -> int:
    """Run one command line and return its exit code; no exception leaves this function."""
    options = RunOptions(argv=tuple(argv))
    _escape_unencodable()
    try:
        return _invoke(argv, options)
    except BrokenPipeError:
        return _discard_stdout()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  a user never sees a traceback
        from clientela_client.cli.error_output import report_error

        return report_error(error, options)


def _invoke(argv: list[str], options: RunOptions) -> int:
    try:
        with root.make_context("clientela", argv, obj=options) as ctx:
            root.invoke(ctx)
    except click.exceptions.Exit as exit_:
        sys.stdout.flush()
        return exit_.exit_code
    sys.stdout.flush()
    return 0


def _escape_unencodable() -> None:
    """Make stdout and stderr escape characters that their encoding lacks: "\\u0141" in cp1252."""
    if sys.stdout is None:  # closed by the caller: discard the output
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_stdout() -> int:
    # What is still buffered would raise again when the interpreter flushes at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def main() -> None:
    """Run the `clientela` program: the console script's entry point."""
    if instruction := os.environ.get("_CLIENTELA_COMPLETE"):
        from click.shell_completion import shell_complete

        sys.exit(shell_complete(root, {"obj": RunOptions()}, "clientela", "_CLIENTELA_COMPLETE", instruction))
    gc.set_threshold(_COLLECT_AFTER)
    exit_code = run(sys.argv[1:])
    gc.freeze()  # else the interpreter looks through all of it again while it ends
    sys.exit(exit_code)
