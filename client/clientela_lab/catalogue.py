"""Which scenarios there are, found by their names. Read next: runs/scenario.py, scenarios/first_call.py."""

import difflib
import importlib
import pkgutil
from typing import Any

from clientela_lab import scenarios
from clientela_lab.runs.scenario import NamedScenario


class NoSuchScenario(LookupError):
    """There is no scenario of this name; nearest: the closest one that there is."""

    def __init__(self, name: str, nearest: str) -> None:
        super().__init__(f'there is no scenario "{name}"; did you mean "{nearest}"?')
        self.nearest = nearest


def names() -> list[str]:
    """Return all scenarios' names: those of READING_ORDER first, then the rest sorted."""
    found = {_dashed(module.name) for module in pkgutil.iter_modules(scenarios.__path__)}
    first = [name for name in scenarios.READING_ORDER if name in found]
    return first + sorted(found.difference(first))


def find(name: str) -> NamedScenario:
    """Load a scenario by its name. Raises NoSuchScenario."""
    known = names()
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        raise NoSuchScenario(name, nearest[0])
    module: Any = importlib.import_module(f"{scenarios.__name__}.{name.replace('-', '_')}")
    return NamedScenario(name, module.SCENARIO, module.run)


def _dashed(module: str) -> str:
    return module.replace("_", "-")
