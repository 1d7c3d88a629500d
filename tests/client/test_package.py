"""What the package exports: complete, sorted, loaded when first used, and typed for both clients."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import clientela_client
from clientela_client import messages
from clientela_client._async.client import AioClient
from clientela_client._sync.client import Client
from clientela_lab.patience import HANG_S
from tests.client.rehearsal import StageClock, session
from tests.client.stage import AioStage, Stage

ROOT = Path(__file__).resolve().parents[2]
NOUNS = ("customers", "economics", "feed", "purchases", "segments", "spends", "standing")


def test_every_exported_name_is_there_and_they_are_sorted() -> None:
    assert sorted(clientela_client.__all__) == clientela_client.__all__ == dir(clientela_client)
    for name in clientela_client.__all__:
        assert getattr(clientela_client, name)
    assert all(getattr(messages, name) for name in messages.__all__)


def test_the_package_alone_loads_neither_grpc_nor_protobuf() -> None:
    loaded = "[m for m in sys.modules if m.split('.')[0] in ('grpc', 'google')]"
    code = f"import sys, clientela_client; print({loaded})"
    assert _python("-c", code).stdout == "[]\n"


def test_methods_look_like_plain_methods_of_their_client() -> None:
    client, aio = (
        Client(session(), Stage(lambda _: [], StageClock())),
        AioClient(session(), AioStage(lambda _: [], StageClock())),
    )
    assert str(inspect.signature(client.customers.get)) == (
        "(name: 'str', *, timeout_s: 'float | None' = None) -> 'Customer'"
    )
    assert inspect.signature(aio.customers.get) == inspect.signature(client.customers.get)
    assert inspect.iscoroutinefunction(aio.customers.get)
    assert inspect.signature(client.feed.watch).return_annotation == "Items[Change]"
    assert inspect.signature(aio.feed.watch).return_annotation == "AioItems[Change]"
    assert client.customers.get.__name__ == "get"
    assert inspect.getsourcefile(client.customers.get) != inspect.getsourcefile(aio.customers.get)


def test_every_method_has_a_docstring() -> None:
    client = Client(session(), Stage(lambda _: [], StageClock()))
    for noun in NOUNS:
        methods = inspect.getmembers(getattr(client, noun), inspect.ismethod)
        found = {name: method for name, method in methods if not name.startswith("_")}
        assert found
        assert all(method.__doc__ for method in found.values())


def test_every_method_explains_each_of_its_parameters() -> None:
    client = Client(session(), Stage(lambda _: [], StageClock()))
    unexplained = [
        f"{noun}.{name}: {parameter}"
        for noun in NOUNS
        for name, method in inspect.getmembers(getattr(client, noun), inspect.ismethod)
        if not name.startswith("_")
        for parameter in inspect.signature(method).parameters
        if not re.search(
            rf"^    ([a-z_]+, )*{parameter}(, [a-z_]+)*:", inspect.getdoc(method) or "", re.MULTILINE
        )
    ]
    assert unexplained == []


SAMPLE = """
from typing import Any, Coroutine, assert_type
from clientela_client import AioItems, Done, InDoubt, Items, Refused, Unavailable, attempt
from clientela_client import connect, connect_aio
from clientela_client.messages import Change, Customer, ImportPurchasesResponse, Purchase

def sync() -> None:
    with connect() as client:
        assert_type(client.customers.get("customers/ann"), Customer)
        assert_type(client.customers.list(filter="x"), Items[Customer])
        assert_type([item for item in client.purchases.list()], list[Purchase])
        assert_type(client.purchases.import_([]), ImportPurchasesResponse)
        assert_type(next(client.feed.watch()), Change)
        assert_type(
            attempt(client.customers.get, "customers/ann"), Done[Customer] | Refused | Unavailable | InDoubt
        )

async def aio() -> None:
    async with connect_aio() as client:
        later = assert_type(client.customers.get("customers/ann"), Coroutine[Any, Any, Customer])
        assert_type(await later, Customer)
        assert_type(client.customers.list(filter="x"), AioItems[Customer])
        assert_type([item async for item in client.purchases.list()], list[Purchase])
        assert_type(await client.purchases.import_([]), ImportPurchasesResponse)
        assert_type(await anext(client.feed.watch()), Change)
"""
WRONG = """
from clientela_client import connect, connect_aio

def sync() -> None:
    connect().customers.get(7)
    connect().customers.list(filtre="x")

async def aio() -> None:
    connect_aio().customers.get("customers/ann")
    [item for item in connect_aio().customers.list()]
"""


def test_type_checkers_see_both_clients_exactly(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    checked = _mypy(tmp_path / "sample.py")
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "wrong.py").write_text(WRONG)
    found = _mypy(tmp_path / "wrong.py").stdout
    codes = [line.rpartition("[")[2] for line in found.splitlines() if ": error:" in line]
    assert codes == ["arg-type]", "call-arg]", "unused-coroutine]", "attr-defined]"], found


def _mypy(path: Path) -> subprocess.CompletedProcess[str]:
    return _python("-m", "mypy", "--strict", "--config-file", ROOT / "pyproject.toml", path)


def _python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
        cwd=ROOT,
        env=dict(os.environ),
    )
