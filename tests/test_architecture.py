"""Who may import whom, where the clock and chance are, how large a module may be: docs/architecture.md, kept.

`MAY` lists, for a package, what its modules may import beside the standard library; of two entries that fit
a module the longer one holds. Each rule is shown to fail on a planted source at the end.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ROOTS = (ROOT / "server", ROOT / "client")

SERVER_GROUND = {"clientela_server.clock", "clientela_server.ids", "clientela_server.domain"}
WIRE = {"buf.validate", "clientela.v1", "google", "grpc", "protovalidate"}
MAY = {
    "clientela_server.domain": {"clientela_server.domain"},
    "clientela_server.models": {"clientela_server.models", "numpy", "scipy"},
    "clientela_server.store": {
        *SERVER_GROUND,
        "clientela_server.store",
        "alembic",
        "apsw",
        "lark",
        "psycopg",
        "sqlalchemy",
    },
    "clientela_server.reports": {
        *SERVER_GROUND,
        "clientela_server.models",
        "clientela_server.reports",
        "clientela_server.store",
        "numpy",
    },
    "clientela_server.rpc": {
        *SERVER_GROUND,
        *WIRE,
        "clientela_server.store",
        "clientela_server.reports",
        "clientela_server.rpc",
        "grpc_health",
        "grpc_reflection",
        "structlog",
    },
    "clientela_server": {
        "clientela_server",
        *WIRE,
        "cryptography",
        "grpc_health",
        "grpc_reflection",
        "orjson",
        "platformdirs",
        "segno",
        "structlog",
        "uvloop",
    },
    "clientela_server.web": {
        *SERVER_GROUND,
        *WIRE,
        "clientela_server.config",
        "clientela_server.rpc",
        "clientela_server.web",
        "connectrpc",
        "h11",
        "prometheus_client",
        "protobuf",
        "uvicorn",
    },
    "clientela_client": {"clientela_client", "platformdirs", *WIRE},
    "clientela_client.cli": {"clientela_client", "click", "rich", "yaml"},
    "clientela_lab": {
        "clientela_lab",
        "clientela_client",
        *WIRE,
        "click",
        "grpc_health",
        "grpc_reflection",
        "h2",
        "hpack",
        "hyperframe",
        "orjson",
        "playwright",
        "psycopg",
        "rich",
    },
}
# Where the entry above is too wide: nobody but the first may import the second.
ONLY = {
    "clientela_server.app": {"clientela_server.__main__"},
    "clientela_client.cli": {"clientela_client.cli", "clientela_client.__main__"},
}
# Read in one module each, so that it can be set from outside.
CLOCK = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid4"}
VAGUE_NAMES = {"utils", "util", "common", "manager", "base", "helpers", "helper", "impl", "misc"}
# Limits, not aims: most modules have less than 200 lines, most functions less than ten.
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50


def sources() -> dict[str, Path]:
    """Find every module of ours by its dotted name."""
    found = {}
    for root in SOURCE_ROOTS:
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return dict(sorted(found.items()))


SOURCES = sources()
every_module = pytest.mark.parametrize("module", SOURCES)


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imports(tree: ast.AST) -> Iterator[str]:
    """Name what is imported; of `from a import b` both a and a.b, for b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def forbidden_imports(module: str, source: str) -> set[str]:
    """Name what a module imports and may not."""
    rule = max((package for package in MAY if is_in(module, package)), key=len)
    found = {
        name for name in imports(ast.parse(source)) if name.partition(".")[0] not in sys.stdlib_module_names
    }
    strange = {name for name in found if not any(is_in(name, package) for package in MAY[rule])}
    reserved = {
        name
        for name in found
        for package, importers in ONLY.items()
        if is_in(name, package) and not any(is_in(module, importer) for importer in importers)
    }
    return strange | reserved


def calls(source: str) -> set[str]:
    """Name what is called, with at most one dot: "time.time" also of `t.time.time()`."""
    called = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {".".join(ast.unparse(function).split(".")[-2:]) for function in called}


def long_functions(source: str) -> list[str]:
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )
    return [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX]


@every_module
def test_a_module_imports_what_its_layer_may(module: str) -> None:
    assert not forbidden_imports(module, SOURCES[module].read_text())


@every_module
def test_time_and_chance_come_from_one_module_each(module: str) -> None:
    called = calls(SOURCES[module].read_text())
    assert module.endswith(".clock") or not called & CLOCK
    assert module.endswith(".ids") or not called & CHANCE


@every_module
def test_a_module_is_named_after_what_it_is_about(module: str) -> None:
    assert not VAGUE_NAMES & set(module.split("."))


@every_module
def test_a_module_says_what_it_is(module: str) -> None:
    assert ast.get_docstring(ast.parse(SOURCES[module].read_text()))


@every_module
def test_a_module_is_short_and_so_are_its_functions(module: str) -> None:
    source = SOURCES[module].read_text()
    assert source.count("\n") <= FILE_LINES_MAX
    assert not long_functions(source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("clientela_server.domain.money", "import grpc"),
        ("clientela_server.domain.money", "from clientela_server import store"),
        ("clientela_server.store.journal.journal", "from clientela.v1 import feed_pb2"),
        ("clientela_server.rpc.gate.gate", "def late():\n    import sqlalchemy"),
        ("clientela_server.config", "from clientela_server.app import serve"),
        ("clientela_server.app", "import clientela_client"),
        ("clientela_client.calls.retry", "from clientela_server.domain import money"),
        ("clientela_client.calls.retry", "from clientela_client.cli import words"),
        ("clientela_client.cli.words.names", "from grpc import StatusCode"),
        ("clientela_client.cli.words.names", "from clientela.v1 import customers_pb2"),
        ("clientela_lab.demo", "from clientela_server.app import serve"),
    ],
)
def test_a_planted_import_is_seen(module: str, source: str) -> None:
    assert forbidden_imports(module, source)


@pytest.mark.parametrize(
    "source",
    [
        "import time\nnow = time.time()",
        "from datetime import datetime\nx = datetime.now(UTC)",
        "uuid.uuid4()",
    ],
)
def test_a_planted_clock_or_chance_is_seen(source: str) -> None:
    assert calls(source) & (CLOCK | CHANCE)


def test_a_planted_long_function_is_seen() -> None:
    assert long_functions("def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX) == ["f"]
    assert long_functions("def f():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1)) == []


def test_a_planted_relative_import_is_seen() -> None:
    with pytest.raises(AssertionError, match="absolute"):
        forbidden_imports("clientela_client.calls.retry", "from . import steps")
