"""`clientela lab`: the scenarios, listed and run; the wire, watched; a recording, as a page.

Rules: a run ends with 0 only where all is as wanted, with 2 where there is no such scenario or protection;
Ctrl-C and SIGTERM take the server along. What a command needs is imported when it runs.
Read next: scenario.py, then scenarios/first_call.py.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clientela_lab.scenario import Found

ALL = "all"
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def lab() -> None:
    """See the wire and break it: scenarios, each a question with its answer.

    \b
      clientela lab list
      clientela lab run first-call
      clientela lab run lost-reply --without request-id
    """


@lab.command("list")
def list_() -> None:
    """List the scenarios: the question, and the command that answers it."""
    from clientela_lab.scenario import find, names

    rows = [(found.scenario.question, found.command) for found in map(find, names())]
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    width = max(len(question) for question, _ in rows)
    for question, command in rows:
        click.echo(f"{question:{width}}  {click.style(command, fg='cyan')}", color=_color())


@lab.command()
@click.argument("name")
@click.option("--without", metavar="PROTECTION", help="Leave out what protects: it must come out red.")
@click.option("--seed", type=int, help="Decides all that is left to chance (0).")
@click.option("--seeds", type=click.IntRange(1), help="Of `all`: so many seeds, from 0.")
@click.option("--page", type=_FILE, metavar="FILE", help="Where the page goes (your state folder).")
@click.option("--record", type=_FILE, metavar="FILE", help="Keep the recording as well.")
def run(
    name: str,
    without: str | None,
    seed: int | None,
    seeds: int | None,
    page: Path | None,
    record: Path | None,
) -> None:
    """Run a scenario, and tell whether it came as foretold; `all` runs each, on and off, a line for each."""
    from clientela_lab.showing import show

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
        right = show(
            found, protected=without is None, seed=seed or 0, page=page, record=record, color=_color()
        )
    click.get_current_context().exit(0 if right else 1)


@lab.command()
@click.argument("recording", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=_FILE, metavar="FILE", help="Where the page goes (beside the recording)."
)
def page(recording: Path, output: Path | None) -> None:
    """Make one HTML file of a recording: the picture, to be opened in any browser."""
    from clientela_lab.page.page import write_page_of
    from clientela_lab.wire.recording import NotARecording

    to = output or recording.with_suffix(".html")
    try:
        write_page_of(recording, to)
    except NotARecording as error:
        raise click.UsageError(f"{recording}: {error}") from None
    click.echo(to.resolve())


def _found(name: str, without: str | None) -> Found:
    from clientela_lab.scenario import NoSuchScenario, find

    try:
        found = find(name)
    except NoSuchScenario as error:
        raise click.UsageError(str(error)) from None
    if without not in (None, found.scenario.protection):
        only = f'what can be left out is "{found.scenario.protection}"'
        raise click.UsageError(f'"{name}" has no protection "{without}"; {only}')
    return found


def _run_all(seeds: int) -> bool:
    from clientela_lab.scenario import find, names
    from clientela_lab.trials import trial

    right = True
    for found in map(find, names()):
        outcome = trial(found, range(seeds))
        right &= outcome.right
        click.echo(click.style(outcome.line, fg=None if outcome.right else "red"), color=_color())
    return right


def _color() -> bool:
    said = click.get_current_context().find_root().obj
    turned_off = getattr(said, "no_color", False) or os.environ.get("NO_COLOR")
    return sys.stdout.isatty() and not turned_off
