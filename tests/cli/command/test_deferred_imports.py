"""A deferred import is executed once, at its first use, and gives the module itself."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from clientela_client.cli.command import deferred_imports

SLOW = """
import slow_half.part
executed = getattr(slow_half, "executed", 0) + 1
from slow_half import part
"""


@pytest.fixture
def slow_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package that imports from itself, as asyncio does, imported without being executed."""
    package = tmp_path / "slow_half"
    package.mkdir()
    (package / "__init__.py").write_text(SLOW)
    (package / "part.py").write_text("ready = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(deferred_imports, "DEFERRED", frozenset({"slow_half"}))
    for name in ("slow_half", "slow_half.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with deferred_imports.deferred_imports():
        return importlib.import_module("slow_half")


def test_it_is_not_executed_until_it_is_used_however_often_it_is_imported(slow_half: ModuleType) -> None:
    exec("import slow_half")
    assert importlib.import_module("slow_half") is slow_half
    assert "executed" not in vars(slow_half)
    assert "slow_half.part" not in sys.modules


def test_it_is_executed_once(slow_half: ModuleType) -> None:
    assert slow_half.part.ready
    assert slow_half.executed == 1
    assert type(slow_half) is ModuleType


def test_its_parts_can_be_imported_first(slow_half: ModuleType) -> None:
    assert importlib.import_module("slow_half.part").ready
    assert slow_half.executed == 1


def test_what_it_has_not_is_missed_as_in_any_module(slow_half: ModuleType) -> None:
    with pytest.raises(AttributeError, match="module 'slow_half' has no attribute 'nothing'"):
        _ = slow_half.nothing


def test_only_what_is_named_is_deferred_and_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deferred_imports, "DEFERRED", frozenset({"this_is_no_module"}))
    before = list(sys.meta_path)
    with deferred_imports.deferred_imports(), pytest.raises(ModuleNotFoundError):
        importlib.import_module("this_is_no_module")
    assert sys.meta_path == before


def test_all_that_is_named_is_there() -> None:
    assert all(importlib.import_module(name) for name in deferred_imports.DEFERRED)
