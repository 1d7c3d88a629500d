"""`clientela lab`: the scenarios, listed and run; the wire, watched; a recording, as a page; the sample data.

Rules: a run ends with 0 only where all is as wanted, with 2 where there is no such scenario or protection;
Ctrl-C and SIGTERM take the server along. What a command needs is imported when it runs.
Read next: scenario.py, then scenarios/first_call.py.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from clientela_client.harmless import one_line

if TYPE_CHECKING:
    from clientela_lab.runs.scenario import NamedScenario

ALL = "all"


class _File(click.Path):
    """A file to be written: said at once where that cannot be, not after the run."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path."""
        file = Path(value).absolute()
        if not file.parent.is_dir():
            self.fail(f"there is no folder {file.parent}", param, ctx)
        super().convert(value, param, ctx)
        return file


class _NewFile(_File):
    """A file to be written where none is yet."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path."""
        file = super().convert(value, param, ctx)
        if os.path.lexists(file):
            self.fail(f"{file} is there already, and is not overwritten", param, ctx)
        return file


class _Authority(click.Path):
    """A file that holds whom to trust, or the word `system`."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Return the path, or the word."""
        from clientela_client.connection.tls_config import SYSTEM

        if value == SYSTEM:
            return SYSTEM
        return Path(str(super().convert(value, param, ctx)))


_FILE = _File(dir_okay=False, writable=True, path_type=Path)
_NEW_FILE = _NewFile(dir_okay=False, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


def _names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from clientela_lab.catalogue import names

    return [name for name in (*names(), ALL) if name.startswith(incomplete)]


@click.group()
def lab() -> None:
    """See the wire and break it: scenarios, each a question with its answer.

    \b
      clientela lab list
      clientela lab run first-call
      clientela lab run lost-reply --without request-id

    And real purchases for a server of your own:

    \b
      clientela lab sample cdnow.csv
    """


@lab.command("list")
def list_() -> None:
    """List the scenarios: the question, and the command that answers it."""
    from clientela_lab.catalogue import find, names

    rows = [(found.scenario.question, found.command) for found in map(find, names())]
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    for line in _beside(rows, get_terminal_size().columns):
        click.echo(line, color=_color())


def _beside(rows: Sequence[tuple[str, str]], room: int) -> Iterator[str]:
    """Yield questions with their commands beside them, below them where a terminal is narrow."""
    width = max(len(question) for question, _ in rows)
    beside = width + 2 + max(len(command) for _, command in rows) <= room
    for question, command in rows:
        styled = click.style(command, fg="cyan")
        below = " " * min(2, max(0, room - len(command)))
        yield from [f"{question:{width}}  {styled}"] if beside else [*wrap(question, room), below + styled]


@lab.command()
@click.argument("name", shell_complete=_names)
@click.option("--without", metavar="PROTECTION", help="Leave out what protects: it must come out red.")
@click.option("--seed", type=int, help="Decides what it draws by lot, not who comes first (0).")
@click.option("--seeds", type=click.IntRange(1), help="Of `all`: so many seeds, from 0.")
@click.option("--page", type=_FILE, metavar="FILE", help="Where the page goes (your state folder).")
@click.option("--record", type=_FILE, metavar="FILE", help="Keep the recording as well.")
def run(
    name: str,
    *,
    without: str | None,
    seed: int | None,
    seeds: int | None,
    page: Path | None,
    record: Path | None,
) -> None:
    """Run a scenario, and tell whether it came as predicted; `all` runs each, on and off, a line for each."""
    from clientela_lab.runs.showing import show

    # Told to end, it ends as by an exception, and takes its server along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if name == ALL:
        if without or page or record or seed is not None:
            raise click.UsageError(f"of the options `{ALL}` takes --seeds only")
        right = _run_all(seeds or 1)
    else:
        if seeds is not None:
            raise click.UsageError(f"--seeds goes with `{ALL}`; of one scenario, say --seed")
        found = _found(name, without)
        right = show(found, without=without, seed=seed or 0, page=page, record=record, color=_color())
    click.get_current_context().exit(0 if right else 1)


@lab.command()
@click.argument("recording", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=_FILE, metavar="FILE", help="Where the page goes (beside the recording)."
)
def page(recording: Path, output: Path | None) -> None:
    """Make one HTML file of a recording: the picture, to be opened in any browser."""
    from clientela_lab.page.page import write_page_of
    from clientela_lab.wire.record.recording import NotARecording

    to = output or recording.with_suffix(".html")
    try:
        write_page_of(recording, to)
    except NotARecording as error:
        raise click.UsageError(f"{recording}: {error}") from None
    click.echo(to.resolve())


@lab.command()
@click.argument("file", type=_NEW_FILE, metavar="FILE")
@click.option(
    "--customers",
    type=_NEW_FILE,
    metavar="FILE",
    help="Write the customers too: names and channels, made up.",
)
def sample(file: Path, customers: Path | None) -> None:
    """Write the CDNOW sample as CSV: 6,919 real purchases of 2,357 customers, in US dollars.

    \b
      clientela lab sample cdnow.csv --customers clients.csv
      clientela customers import clients.csv
      clientela purchases import cdnow.csv --currency USD

    A file that is there already is not overwritten. Where the customers are not imported first, the import of
    purchases registers them by their ids.
    """
    from clientela_lab import cdnow

    if customers == file:
        raise click.UsageError("purchases and customers need a file each")
    cdnow.write_csv(file)
    click.echo(f"{file}: {cdnow.PURCHASES:,} purchases")
    if customers:
        cdnow.write_customers_csv(customers)
        click.echo(f"{customers}: {cdnow.CUSTOMERS:,} customers")


def _found(name: str, without: str | None) -> NamedScenario:
    from clientela_lab.catalogue import NoSuchScenario, find

    try:
        found = find(name)
    except NoSuchScenario as error:
        raise click.UsageError(str(error)) from None
    if without not in (None, *found.scenario.protections):
        known = " or ".join(f'"{each}"' for each in found.scenario.protections)
        raise click.UsageError(f'"{name}" has no protection "{without}"; what can be left out is {known}')
    if missing := found.scenario.missing:
        raise click.UsageError(f'"{name}" needs {" and ".join(missing)}, which is not installed here')
    return found


def _run_all(seeds: int) -> bool:
    from clientela_lab.catalogue import find, names
    from clientela_lab.runs.repeat_runner import run_repeatedly

    right = True
    for found in map(find, names()):
        if missing := found.scenario.missing:
            click.echo(f"{found.name:<24}not played: it needs {' and '.join(missing)}")
            continue
        outcome = run_repeatedly(found, range(seeds))
        right &= outcome.right
        click.echo(click.style(one_line(outcome.line), fg=None if outcome.right else "red"), color=_color())
    return right


def _pair(_: click.Context, option: click.Parameter, said: str | None) -> tuple[Path, Path] | None:
    if said is None:
        return None
    certificate, comma, key = said.partition(",")
    if not (certificate and comma and key):
        raise click.BadParameter(f'"{said}" is not two files with a comma between', param=option)
    return Path(certificate), Path(key)


@lab.command()
@click.option("--upstream", required=True, metavar="HOST:PORT", help="The server behind the tap.")
@click.option(
    "--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="Where clients connect (a free port)."
)
@click.option("--record", type=_FILE, metavar="FILE", help="Write the recording here.")
@click.option("--page", type=_FILE, metavar="FILE", help="At the end, write the recording's page here.")
@click.option("--descriptors", type=_READ, metavar="FILE", help="What the messages are: a FileDescriptorSet.")
@click.option("--reflection", is_flag=True, help="What the messages are: asked of the server.")
@click.option(
    "--tls", callback=_pair, metavar="CERT,KEY", help="Serve TLS, with what the server serves with."
)
@click.option(
    "--upstream-ca",
    type=_Authority(exists=True, dir_okay=False),
    metavar="FILE|system",
    help="Reach the server by TLS, and trust this, or whom the system trusts.",
)
@click.option(
    "--upstream-cert", callback=_pair, metavar="CERT,KEY", help="What to show a server that asks who we are."
)
@click.option(
    "--upstream-name", metavar="NAME", help="What the server's certificate is for, if not the address's host."
)
@click.option("--fault", "faults", multiple=True, metavar="TEXT", help="What goes wrong; may be given again.")
@click.option("--seed", type=int, default=0, help="Decides what faults leave to chance (0).")
@click.option("--server-pid", type=click.IntRange(1), metavar="PID", help="Whom to kill or freeze.")
@click.option("--frames", is_flag=True, help="Show HTTP/2 frames too.")
def watch(**said: Any) -> None:
    """Show what crosses between clients and a server, any that speaks gRPC, until Ctrl-C.

    \b
      clientela lab watch --upstream 127.0.0.1:50051 --listen 127.0.0.1:50052
      clientela lab watch --upstream 127.0.0.1:50051 --page wire.html \\
          --fault "drop-reply RecordPurchase 1" --fault "delay 50ms jitter 20ms"

    Clients connect to the tap in the server's place. What may go wrong, and how it is written, is told in
    docs/watch.md. Without --tls and --upstream-... it is all without TLS.
    """
    from clientela_client.connection.settings import read_token
    from clientela_lab.wire.watch.watch_command import watch
    from clientela_lab.wire.watch.watch_options import WatchOptions

    if said["descriptors"] and said["reflection"]:
        raise click.UsageError("--descriptors and --reflection exclude each other")
    settings = click.get_current_context().find_root().obj
    file = getattr(settings, "token_file", None)
    token = getattr(settings, "token", None) or (read_token(file) if file else "")
    token = token or os.environ.get("CLIENTELA_TOKEN", "")
    watch(WatchOptions(**said, token=token, color=_color()))


def _color() -> bool:
    said = click.get_current_context().find_root().obj
    return said is not None and bool(said.colors_on(sys.stdout))
