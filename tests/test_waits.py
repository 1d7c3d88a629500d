"""What must come is waited for until it does: no test gives it a number of seconds, which load may outlast.

Less than two seconds is a moment in which nothing is to come. Read next: clientela_lab/patience.py.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOMENT_S = 2
NAMES = {"timeout", "connect_timeout"}
# Which of their arguments is a time.
PLACES = {"timeout": 0, "join": 0, "result": 0, "wait_for": 1}
# Measures, which are asked for by name.
APART = ("tests/bench/",)
FILES = [
    path
    for folder in ("tests", "client/clientela_lab")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not str(path.relative_to(ROOT)).startswith(APART)
]


def numbered(source: str) -> list[str]:
    """Return the calls that wait for so many seconds."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [ast.unparse(call) for call in calls if any(map(is_a_number_of_seconds, times(call)))]


def times(call: ast.Call) -> list[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) and not is_a_mark(call.func) else ""
    place = PLACES.get(name, len(call.args))
    return [*call.args[place : place + 1], *(each.value for each in call.keywords if each.arg in NAMES)]


def is_a_mark(named: ast.Attribute) -> bool:
    """A test that takes half an hour if it is asked to do more says so."""
    return named.attr == "timeout" and ast.unparse(named) == "pytest.mark.timeout"


def is_a_number_of_seconds(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Constant) and isinstance(value.value, int | float) and value.value >= MOMENT_S
    )


def test_what_must_come_is_waited_for_until_it_does() -> None:
    found = {str(path.relative_to(ROOT)): numbered(path.read_text("utf-8")) for path in FILES}
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "source",
    [
        "asyncio.timeout(10)",
        "await asyncio.wait_for(arrived.acquire(), 10.0)",
        "thread.join(5)",
        "subprocess.run(command, timeout=30, check=True)",
        "psycopg.connect(url, connect_timeout=10)",
        "call.result(20)",
    ],
)
def test_a_number_of_seconds_is_seen(source: str) -> None:
    assert numbered(source)


@pytest.mark.parametrize(
    "source", ["asyncio.timeout(HANG_S)", "stub.Get(request, timeout=0.3)", "','.join(words)"]
)
def test_a_moment_may_be_one(source: str) -> None:
    assert not numbered(source)
