"""Who may import whom, where the clock and chance are, how large a module may be: docs/architecture.md, kept.

`MAY` lists, for a package, what its modules may import beside the standard library; `FLOORS` lists our own
packages from the ground up: a module imports from its own floor and from those below, and nowhere is there a
circle. Of two entries that fit a module the longer one holds. Each rule is shown to fail on a planted source.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
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
        "orjson",
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
    # No ids, no clock: what is written is said by the use cases.
    "clientela_server.store.nouns": {"clientela_server.domain", "clientela_server.store", "sqlalchemy"},
    # No SQL: rows are the store's.
    "clientela_server.usecases": {
        *SERVER_GROUND,
        "clientela_server.store",
        "clientela_server.usecases",
    },
    "clientela_server.rpc": {
        *SERVER_GROUND,
        *WIRE,
        "clientela_server.store",
        "clientela_server.usecases",
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
_WRITERS = {"clientela_server.rpc.services", "clientela_server.store.journal", "clientela_server.usecases"}
ONLY = {
    "clientela_server.store.journal.entries.WriteContext": _WRITERS,
    "clientela_server.store.journal.transaction.Apply": _WRITERS,
    "clientela_server.app": {"clientela_server.__main__"},
    "clientela_client.cli": {"clientela_client.cli", "clientela_client.__main__"},
}
FLOORS = {
    "clientela_server": (
        ("clientela_server.clock", "clientela_server.ids", "clientela_server.harmless"),
        ("clientela_server.domain", "clientela_server.models"),
        ("clientela_server.domain.standing",),
        ("clientela_server.store",),
        ("clientela_server.store.database",),
        ("clientela_server.store.journal", "clientela_server.store.filters"),
        ("clientela_server.store.aggregates",),
        ("clientela_server.store.nouns",),
        ("clientela_server.store.integrity", "clientela_server.reports"),
        ("clientela_server.usecases",),
        ("clientela_server.rpc", "clientela_server.rpc.locales", "clientela_server.config"),
        ("clientela_server.rpc.codec", "clientela_server.rpc.gate"),
        ("clientela_server.rpc.services",),
        ("clientela_server.web",),
        ("clientela_server",),
    ),
    "clientela_client": (
        ("clientela_client", "clientela_client.wire_format"),
        ("clientela_client.connection",),
        ("clientela_client.calls",),
        ("clientela_client.bulk", "clientela_client.watch_progress"),
        ("clientela_client._async", "clientela_client._sync"),
        ("clientela_client._async.nouns", "clientela_client._sync.nouns"),
        ("clientela_client._async.client", "clientela_client._sync.client"),
        ("clientela_client.cli.words",),
        ("clientela_client.cli.output",),
        ("clientela_client.cli.command",),
        ("clientela_client.cli.imports.files",),
        ("clientela_client.cli.imports", "clientela_client.cli.spends", "clientela_client.cli.standing"),
        (
            "clientela_client.cli.customers",
            "clientela_client.cli.economics",
            "clientela_client.cli.purchases",
        ),
        ("clientela_client.cli.segments",),
        ("clientela_client.cli",),
        ("clientela_client.__main__",),
    ),
    "clientela_lab": (
        ("clientela_lab",),
        ("clientela_lab.servers", "clientela_lab.wire"),
        ("clientela_lab.wire.decode", "clientela_lab.checking", "clientela_lab.phone"),
        ("clientela_lab.wire.record", "clientela_lab.wire.faults"),
        ("clientela_lab.wire.proxy", "clientela_lab.page"),
        ("clientela_lab.wire.watch",),
        ("clientela_lab.runs",),
        ("clientela_lab.scenarios",),
        ("clientela_lab.catalogue",),
        ("clientela_lab.cli", "clientela_lab.demo", "clientela_lab.kept_demo", "clientela_lab.scale"),
    ),
}
# Exports what stands higher up: a facade stands there too.
FACADES = {"clientela_client": "clientela_client._async.client"}
# A folder of more modules than this is looked through, not read.
FOLDER_MODULES_MAX = 21
# Read in one module each, so that it can be set from outside.
CLOCK = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid4"}
# These are imported by the one module each that everything else has them from.
SOURCES_OF = {"time": {"clock"}, "random": {"ids", "jitter"}, "secrets": {"ids"}, "uuid": {"ids"}}
# The lab draws from seeded generators, so that a run can be repeated; its proxy has the loop's timers.
SEEDED = {"random", "uuid"}
# The package that a folder of tests mirrors: a module's test has its stem, in the same subfolder.
MIRRORS = {
    "cli": "clientela_client.cli",
    "client": "clientela_client",
    "domain": "clientela_server.domain",
    "lab": "clientela_lab",
    "models": "clientela_server.models",
    "reports": "clientela_server.reports",
    "rpc": "clientela_server.rpc",
    "server": "clientela_server",
    "store": "clientela_server.store",
    "usecases": "clientela_server.usecases",
    "web": "clientela_server.web",
}
VAGUE_NAMES = {"utils", "util", "common", "manager", "base", "helpers", "helper", "impl", "misc"}
# Nobody can read more values than these off their places: what takes more takes them by keyword.
POSITIONS_MAX = 5
# Made of a table's row in the order of its columns, or with each write, where keywords take as long again.
BY_PLACE = {"CustomerAggregates", "Entry", "Facts", "Purchase"}
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


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@cache
def parsed(source: str) -> ast.Module:
    """Parse a source, once for all rules."""
    return ast.parse(source)


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
        name for name in imports(parsed(source)) if name.partition(".")[0] not in sys.stdlib_module_names
    }
    strange = {name for name in found if not any(is_in(name, package) for package in MAY[rule])}
    reserved = {
        name
        for name in found
        for package, importers in ONLY.items()
        if is_in(name, package) and not any(is_in(module, importer) for importer in importers)
    }
    return strange | reserved


def floor_of(module: str) -> int:
    """Return how far up a module stands among those of its own top package."""
    module = FACADES.get(module, module)
    floors = FLOORS[module.partition(".")[0]]
    fitting = [(len(name), at) for at, floor in enumerate(floors) for name in floor if is_in(module, name)]
    return max(fitting)[1]


def own_imports(module: str, source: str) -> set[str]:
    """Name the modules of the same top package that a module imports, also late or for types alone."""
    top = module.partition(".")[0]
    named = {name for name in imports(parsed(source)) if is_in(name, top)}
    found = {name if name in SOURCES else name.rpartition(".")[0] for name in named}
    return {name for name in found if name in SOURCES} - {module}


def upward_imports(module: str, source: str) -> set[str]:
    """Name what a module imports from a floor above its own."""
    return {name for name in own_imports(module, source) if floor_of(name) > floor_of(module)}


def circles(arrows: Mapping[str, set[str]]) -> list[str]:
    """Name the modules that are on a circle of imports."""
    left = {module: set(targets) for module, targets in arrows.items()}
    # Whoever imports nobody that is left, or is imported by nobody that is left, is on no circle.
    while ends := {module for module, targets in left.items() if not targets & left.keys()}:
        left = {module: targets for module, targets in left.items() if module not in ends}
    while tops := left.keys() - set().union(*left.values()):
        left = {module: targets for module, targets in left.items() if module not in tops}
    return sorted(left)


@cache
def class_names() -> set[str]:
    """Name all classes of ours but those that take any number of values."""
    trees = (parsed(path.read_text()) for path in SOURCES.values())
    classes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {node.name for node in classes if not any(map(takes_any_number, ast.walk(node)))}


def takes_any_number(node: ast.AST) -> bool:
    """Whether a node is a constructor whose values have no places of their own."""
    if not isinstance(node, ast.FunctionDef) or node.name != "__init__":
        return False
    taken = node.args
    return len(taken.args) == 1 and bool(taken.vararg or taken.kwonlyargs or taken.kwarg)


@cache
def calls(source: str) -> set[str]:
    """Name what is called, with at most one dot: "time.time" also of `t.time.time()`."""
    called = (node.func for node in ast.walk(parsed(source)) if isinstance(node, ast.Call))
    return {".".join(ast.unparse(function).split(".")[-2:]) for function in called}


def reads_past_the_clock(module: str, source: str) -> set[str]:
    """Name the sources of time and randomness that a module reads past `clock`, `ids` and `jitter`."""
    imported = {name.partition(".")[0] for name in imports(parsed(source))}
    stem = module.rpartition(".")[2]
    found = {name for name in imported & SOURCES_OF.keys() if stem not in SOURCES_OF[name]}
    if is_in(module, "clientela_lab"):
        return found - SEEDED
    return found | {
        name for name in calls(source) if name == "os.urandom" or re.search(r"loop(\(\))?\.time$", name)
    }


def long_functions(source: str) -> list[str]:
    functions = (
        node
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )
    return [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX]


def mirrored(test: str) -> str:
    """Return the name that the module has which a test, by its path in tests/, is of."""
    top, *folders, name = test.split("/")
    stem = name.removeprefix("test_").removesuffix(".py")
    return ".".join([MIRRORS.get(top, "tests"), *folders, stem])


def named_tests(readmes: Mapping[str, str]) -> set[str]:
    """List the tests, by their paths in tests/, that READMEs name; these are found by their folders."""
    return {
        f"{folder}/{name}".removeprefix("/")
        for folder, text in readmes.items()
        for name in re.findall(r"`((?:\w+/)*test_\w+\.py)`", text)
    }


def misplaced(tests: set[str], named: set[str]) -> set[str]:
    """List the tests that neither mirror a module nor are named, and the names that are no test's."""
    return {test for test in tests - named if mirrored(test) not in SOURCES} | (named - tests)


def places_of(node: ast.AST) -> int:
    """Count what a function or a dataclass takes by its place, or what a class is handed so."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            taken = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
            return len(taken[1:] if taken[:1] in (["self"], ["cls"]) else taken)
        case ast.ClassDef() if node.name not in BY_PLACE:
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            fields = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
            taken = list(takewhile(lambda field: "KW_ONLY" not in field, fields))
            taken = [field for field in taken if "ClassVar" not in field and "init=False" not in field]
            return len(taken) if "dataclass" in decorators and "kw_only=True" not in decorators else 0
        case ast.Call() if (name := ast.unparse(node.func)) in class_names() - BY_PLACE or name == "cls":
            return len(node.args)
    return 0


def too_many_places(source: str) -> list[str]:
    """Name what takes, or is handed, more than POSITIONS_MAX values by their places."""
    nodes = (node for node in ast.walk(parsed(source)) if places_of(node) > POSITIONS_MAX)
    return [str(getattr(node, "name", "")) or ast.unparse(node) for node in nodes]


def missing_tests(makefile: str) -> list[str]:
    """List the tests, by their paths in tests/, that a Makefile names and that there are not."""
    words = re.findall(r"(?<![\w/])(?:tests/)?((?:\w+/)*test_\w+\.py)", makefile.replace("tests/,", " "))
    return [word for word in words if not (ROOT / "tests" / word).exists()]


def broken_by(rule: Callable[[str, str], T]) -> dict[str, T]:
    """Return what a rule finds wrong, of each module of which it finds anything."""
    found = {module: rule(module, path.read_text()) for module, path in SOURCES.items()}
    return {module: wrong for module, wrong in found.items() if wrong}


def test_a_module_imports_what_its_layer_may() -> None:
    assert broken_by(forbidden_imports) == {}


def test_a_module_imports_from_its_floor_and_below() -> None:
    assert broken_by(upward_imports) == {}


def test_there_is_no_circle_of_imports() -> None:
    assert circles({module: own_imports(module, path.read_text()) for module, path in SOURCES.items()}) == []


def test_no_folder_is_too_full() -> None:
    folders = Counter(path.parent for path in SOURCES.values())
    assert [folder for folder, modules in folders.items() if modules > FOLDER_MODULES_MAX] == []


def test_time_and_chance_come_from_one_module_each() -> None:
    assert broken_by(lambda module, source: not module.endswith(".clock") and calls(source) & CLOCK) == {}
    assert broken_by(lambda module, source: not module.endswith(".ids") and calls(source) & CHANCE) == {}


def test_durations_and_randomness_are_had_from_one_module_each() -> None:
    assert broken_by(reads_past_the_clock) == {}


def test_a_test_stands_where_its_module_does_or_a_readme_says_what_it_shows() -> None:
    folder = ROOT / "tests"
    tests = {str(path.relative_to(folder)) for path in folder.rglob("*/test_*.py")}
    readmes = {
        str(path.parent.relative_to(folder)).removeprefix("."): path.read_text()
        for path in folder.rglob("README.md")
    }
    assert misplaced(tests, named_tests(readmes)) == set()


def test_the_makefile_names_tests_that_there_are() -> None:
    assert missing_tests((ROOT / "Makefile").read_text()) == []


def test_a_module_is_named_after_what_it_is_about() -> None:
    assert broken_by(lambda module, _: VAGUE_NAMES & set(module.split("."))) == {}


def test_a_module_says_what_it_is() -> None:
    assert broken_by(lambda _, source: not ast.get_docstring(parsed(source))) == {}


def test_a_module_is_short_and_so_are_its_functions() -> None:
    assert broken_by(lambda _, source: source.count("\n") > FILE_LINES_MAX) == {}
    assert broken_by(lambda _, source: long_functions(source)) == {}


def test_what_takes_many_values_takes_them_by_keyword() -> None:
    assert broken_by(lambda _, source: too_many_places(source)) == {}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("clientela_server.domain.money", "import grpc"),
        ("clientela_server.domain.money", "from clientela_server import store"),
        ("clientela_server.store.journal.journal", "from clientela.v1 import feed_pb2"),
        ("clientela_server.rpc.gate.gate", "def late():\n    import sqlalchemy"),
        ("clientela_server.store.nouns.spends", "from clientela_server.ids import new_resource_id"),
        (
            "clientela_server.store.nouns.spends",
            "from clientela_server.store.journal.transaction import Apply, Transaction",
        ),
        ("clientela_server.usecases.spends", "import sqlalchemy as sa"),
        ("clientela_server.usecases.spends", "from clientela.v1 import feed_pb2"),
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
    ("module", "source"),
    [
        ("clientela_server.domain.money", "from clientela_server.domain.standing import policy"),
        ("clientela_server.store.database.head", "from clientela_server.store.journal import journal"),
        (
            "clientela_server.store.nouns.spends",
            "def late():\n    from clientela_server import app",
        ),
        ("clientela_server.store.nouns.spends", "from clientela_server.usecases.spends import Spends"),
        ("clientela_client.connection.tls", "from clientela_client.calls import session"),
        ("clientela_lab.wire.decode.frame", "from clientela_lab.wire.proxy.pipe import Pipe"),
    ],
)
def test_a_planted_import_from_above_is_seen(module: str, source: str) -> None:
    assert upward_imports(module, source)


@pytest.mark.parametrize(
    ("test", "named"),
    [
        ("store/database/test_money.py", set()),
        ("store/test_chain.py", set()),
        ("rpc/services/test_chain.py", {"rpc/test_chain.py"}),
        ("phone/test_story.py", set()),
    ],
)
def test_a_misplaced_test_is_seen(test: str, named: set[str]) -> None:
    assert misplaced({test}, named) == {test} | named
    assert misplaced({test}, {test}) == set()
    assert misplaced({"store/database/test_chain.py"}, set()) == set()


def test_a_readme_names_tests_by_their_paths_from_its_folder() -> None:
    readmes = {"": "- `bench/test_a.py`: all", "lab": "- `test_b.py`, `wire/test_c.py`: `rig.py`"}
    assert named_tests(readmes) == {"bench/test_a.py", "lab/test_b.py", "lab/wire/test_c.py"}


def test_a_test_that_a_makefile_names_and_that_is_gone_is_seen() -> None:
    makefile = "A := $(addprefix tests/,rpc/test_gone.py rpc/test_once.py)\nB := tests/store/test_gone.py"
    assert missing_tests(makefile) == ["rpc/test_gone.py", "store/test_gone.py"]


def test_a_planted_circle_is_seen() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}
    assert circles(arrows) == ["a", "b", "c"]
    assert circles(arrows | {"c": {"d"}}) == []


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


@pytest.mark.parametrize(
    "source",
    [
        "import time\nbegun = time.monotonic()",
        "from time import perf_counter",
        "def late():\n    import random",
        "import secrets\nsecrets.token_hex(8)",
        "from uuid import uuid4",
        "import os\nos.urandom(16)",
        "import asyncio\nasyncio.get_running_loop().time()",
        "self._loop.time()",
    ],
)
def test_a_planted_read_past_the_clock_is_seen(source: str) -> None:
    assert reads_past_the_clock("clientela_server.rpc.gate.gate", source)
    assert not reads_past_the_clock("clientela_server.clock", "import time\nnow = time.monotonic()")


def test_the_lab_reads_its_clock_too_and_may_draw_from_seeded_generators() -> None:
    assert reads_past_the_clock("clientela_lab.runs.lab", "import time\nimport random") == {"time"}
    assert reads_past_the_clock("clientela_lab.runs.lab", "import secrets") == {"secrets"}


def test_a_planted_long_function_is_seen() -> None:
    assert long_functions("def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX) == ["f"]
    assert long_functions("def f():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1)) == []


@pytest.mark.parametrize(
    ("many", "few"),
    [
        ("def f(a, b, c, d, e, f): ...", "def f(a, b, c, d, e, *, f): ..."),
        (
            "class C:\n    def __init__(self, a, b, c, d, e, f): ...",
            "class C:\n    def g(self, a, b, c, d, e): ...",
        ),
        (
            "@dataclass\nclass C:\n" + "".join(f"    {name}: int\n" for name in "abcdef"),
            "@dataclass(kw_only=True)\nclass C:\n" + "".join(f"    {name}: int\n" for name in "abcdef"),
        ),
        (
            "@dataclass\nclass C:\n    a: ClassVar[int]\n" + "    b: int\n" * 6 + "    _: KW_ONLY\n",
            "@dataclass\nclass C:\n    a: int\n    _: KW_ONLY\n" + "    b: int\n" * 6,
        ),
        ("Money(1, 2, 3, 4, 5, 6)", "Money(1, 2, 3, 4, 5, six=6)"),
    ],
)
def test_a_planted_sixth_place_is_seen(many: str, few: str) -> None:
    assert too_many_places(many)
    assert not too_many_places(few)


def test_a_planted_relative_import_is_seen() -> None:
    with pytest.raises(AssertionError, match="absolute"):
        forbidden_imports("clientela_client.calls.retry", "from . import steps")
