"""Pytest plugin for `make test`: leaves out the tests that take long, and says how many.

Those are what is marked `long`, and all that opens a browser.
"""

from collections import Counter
from typing import Any

import pytest

LEFT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin with none."""
    config.stash[LEFT] = Counter()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave them out."""
    long = [item for item in items if item.get_closest_marker("long") or "browser" in _fixtures(item)]
    items[:] = [item for item in items if item not in set(long)]
    config.hook.pytest_deselected(items=long)
    left = Counter(_area(config, item) for item in long)
    config.stash[LEFT] = left
    if hasattr(config, "workeroutput"):
        config.workeroutput["left"] = dict(left)


def _fixtures(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


def _area(config: pytest.Config, item: pytest.Item) -> str:
    return item.path.relative_to(config.rootpath).parts[1]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear it of a worker: each has collected all."""
    node.config.stash[LEFT] = Counter(getattr(node, "workeroutput", {}).get("left"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say it at the end."""
    if left := config.stash[LEFT]:
        areas = ", ".join(f"{area} {count}" for area, count in sorted(left.items()))
        terminalreporter.write_line(f"left to make test-all: {left.total()} tests that take long ({areas})")
