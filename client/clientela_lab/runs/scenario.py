"""A scenario: a question, a prediction, one protection, and a function that tests it.

    SCENARIO = Scenario(question="...", prediction="...", protection="request-id", without="...")

    def run(lab: Lab) -> None: ...

Each is one file in scenarios/, named as it is called, with dashes for underscores. Its protection can be
taken away (`lab.protected` is False then), and what it predicts must then come out wrong: a check that
cannot fail teaches nothing. Where several things protect, each is taken away alone (`lab.has("backoff")`),
and has a check of its own.
Read next: scenarios/first_call.py, then lab.py, which is all that `run` is given, and running.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clientela_lab.runs.lab import Lab


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A scenario's texts and needs.

    protection: what makes the prediction true, as a word for `--without`. without: what happens without it,
    as a sentence. further: other protections, each with such a sentence. server: more options for the
    server's command line. web: whether the server opens its web port. needs: required programs and Python
    packages.
    """

    question: str
    prediction: str
    protection: str
    without: str
    further: Mapping[str, str] = field(default_factory=dict)
    server: tuple[str, ...] = ()
    web: bool = False
    needs: tuple[str, ...] = ()

    @property
    def protections(self) -> dict[str, str]:
        """Each protection that can be left out, with what happens then."""
        return {self.protection: self.without, **self.further}

    @property
    def missing(self) -> list[str]:
        """The needs that are not installed."""
        return [name for name in self.needs if not (shutil.which(name) or find_spec(name))]


@dataclass(frozen=True)
class NamedScenario:
    """A scenario with its name and its function."""

    name: str
    scenario: Scenario
    run: Callable[[Lab], None]

    @property
    def command(self) -> str:
        """The command that runs it."""
        return f"clientela lab run {self.name}"
