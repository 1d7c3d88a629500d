"""Whatever befalls connections, nothing is left of them, no task, no open file; both sides still answer."""

import asyncio
from collections.abc import Iterator

import pytest

from clientela_lab.local_server import LocalServer
from clientela_lab.wire.end import End
from tests.lab.wire.leaks import FAULTS, attempt


@pytest.fixture(scope="module")
def mortal() -> Iterator[LocalServer]:
    with LocalServer("--calls-per-second", "0") as server:
        yield server


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_is_left_of_fifty_connections(mortal: LocalServer, fault: str) -> None:
    result = await attempt(fault, 50, mortal)
    assert not result.complaints, str(result)


async def test_a_socket_that_is_not_closed_is_noticed(
    mortal: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.lab.wire.leaks._WITHIN_S", 0.5)
    monkeypatch.setattr(End, "close", lambda _: None)
    result = await attempt("cut-after 60 up", 5, mortal)
    assert any("files open in the tap" in complaint for complaint in result.complaints)
    assert any("lines in the tap" in complaint for complaint in result.complaints)
    await asyncio.sleep(0)
