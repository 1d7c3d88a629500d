"""Modules that others import at their start, and a blocking client never uses: executed when they are used.

gRPC imports its asyncio half and so asyncio, protobuf its implementation in plain Python; together they take
longer than all of gRPC that a command needs. importlib.util.LazyLoader would execute a module as soon as it
is imported a second time, as gRPC does with asyncio: the import statement looks at `__spec__`.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # it would import half of the standard library
    from importlib.abc import Loader

#: ssl and hashlib are for TLS probes only.
DEFERRED = frozenset(
    {"asyncio", "grpc.aio", "google.protobuf.internal.python_message", "hashlib", "ssl"},
)


@contextlib.contextmanager
def deferred_imports() -> Iterator[None]:
    """Within it, an import of a DEFERRED module does not execute it; its first attribute does."""
    sys.meta_path.insert(0, _FINDER)
    try:
        yield
    finally:
        sys.meta_path.remove(_FINDER)


class _DeferredModule(ModuleType):
    def __getattr__(self, name: str) -> object:
        self.__class__ = ModuleType  # type: ignore[assignment]  # before it imports from itself
        cast(_DeferringLoader, self.__loader__).execute(self)
        return getattr(self, name)


class _DeferringLoader:
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _DeferredModule

    def execute(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)


class _DeferringFinder:
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in DEFERRED else None
        if spec is not None and spec.loader is not None:
            spec.loader = cast("Loader", _DeferringLoader(spec.loader))
        return spec


_FINDER = _DeferringFinder()
