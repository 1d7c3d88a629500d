"""`clientela lab`: the scenarios, listed and run; the wire, watched; a recording, as a page.

Rules: a run ends with 0 only where all is as wanted, with 2 where there is no such scenario or protection;
Ctrl-C and SIGTERM take the server along. What a command needs is imported when it runs.
Read next: scenario.py, then scenarios/first_call.py.
"""

from __future__ import annotations

import os
import signal
import sys

import click


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
        for question, command in rows:
            click.echo(f"{question}\t{command}")
        return
    width = max(len(question) for question, _ in rows)
    for question, command in rows:
        click.echo(f"{question:{width}}  {click.style(command, fg='cyan')}", color=_color())


@lab.command()
@click.argument("name")
@click.option("--without", metavar="PROTECTION", help="Leave out what protects: it must come out red.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides all that is left to chance.")
def run(name: str, without: str | None, seed: int) -> None:
    """Run a scenario, and tell whether it came as foretold."""
    from clientela_lab.running import play
    from clientela_lab.scenario import NoSuchScenario, find
    from clientela_lab.telling import Telling

    try:
        found = find(name)
    except NoSuchScenario as error:
        raise click.UsageError(str(error)) from None
    if without not in (None, found.scenario.protection):
        raise click.UsageError(
            f'"{name}" has no protection "{without}"; what can be left out is "{found.scenario.protection}"'
        )
    # Told to end, it ends as by an exception, and takes its server along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    telling = Telling(color=_color())
    telling.begin(found, protected=without is None)
    result = play(found, protected=without is None, seed=seed, show=telling)
    telling.end(kept=result.kept, seconds=result.seconds)
    click.get_current_context().exit(0 if result.kept else 1)


def _color() -> bool:
    said = click.get_current_context().find_root().obj
    turned_off = getattr(said, "no_color", False) or os.environ.get("NO_COLOR")
    return sys.stdout.isatty() and not turned_off
