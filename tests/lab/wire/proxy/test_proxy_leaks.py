"""Whatever befalls connections, nothing is left of them, no task, no open file; both sides still answer."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.proxy.upstream import ProxyTls, host_and_port
from tests.lab.wire.leaks import FAULTS, Secured, attempt
from tests.lab.wire.sockets import proxying, serving
from tests.security.certified import Authority


@pytest.fixture(scope="module")
def mortal() -> Iterator[LocalServer]:
    with LocalServer("--calls-per-second", "0") as server:
        yield server


def one_of_each_kind() -> Iterator[Any]:
    """Every fault; a second one of its kind is marked long."""
    kinds = set()
    for fault in FAULTS:
        kind = fault.split()[0]
        yield pytest.param(fault, marks=pytest.mark.long if kind in kinds else ())
        kinds.add(kind)


@pytest.mark.parametrize("fault", list(one_of_each_kind()))
async def test_nothing_is_left_of_fifty_connections(mortal: LocalServer, fault: str) -> None:
    result = await attempt(fault, 50, mortal)
    assert not result.complaints, str(result)


@pytest.mark.parametrize("of_tls", [False, True], ids=["bare", "TLS"])
@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_accepted_while_the_proxy_is_closed_is_disconnected(
    tmp_path: Path, of_tls: bool, turns: int
) -> None:
    async with (
        serving(_until_the_end) as upstream,
        proxying(upstream, tls=_own(tmp_path, of_tls)) as proxy,
    ):
        clients = [socket.create_connection(host_and_port(proxy.address)) for _ in range(5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        await proxy.close()

        for client in clients:
            client.setblocking(False)
            with client, suppress(ConnectionResetError):
                async with asyncio.timeout(HANG_S):
                    assert await asyncio.get_running_loop().sock_recv(client, 1) == b""


async def _until_the_end(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


def _own(folder: Path, of_tls: bool) -> ProxyTls | None:
    issued = Authority(folder).issue("blue-door", "127.0.0.1")
    return ProxyTls.of_files(certificate=issued.certificate, key=issued.key) if of_tls else None


UNDER_TLS = ("drop-reply", "cut-after 90", "black-hole chance", "duplicate", "refuse")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalServer, Secured]]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    issued = authority.issue("blue-door", "localhost", "127.0.0.1")
    trust = ssl.create_default_context(cafile=str(authority.file))
    trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
    trust.set_alpn_protocols(["h2"])
    proxy = ProxyTls.of_files(certificate=issued.certificate, key=issued.key, upstream_ca=authority.file)
    with LocalServer("--calls-per-second", "0", "--tls", issued.tls()) as server:
        yield server, Secured(proxy, trust)


@pytest.mark.long
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.startswith(UNDER_TLS)])
async def test_nothing_is_left_of_fifty_connections_under_tls(
    secured: tuple[LocalServer, Secured], fault: str
) -> None:
    server, sides = secured
    result = await attempt(fault, 50, server, sides)
    assert not result.complaints, str(result)


async def test_a_socket_that_is_not_closed_is_noticed(
    mortal: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.lab.wire.leaks._WITHIN_S", 0.5)
    monkeypatch.setattr(Endpoint, "close", lambda _: None)
    result = await attempt("cut-after 60 up", 5, mortal)
    assert any("files open in the tap" in complaint for complaint in result.complaints)
    assert any("lines in the tap" in complaint for complaint in result.complaints)
    await asyncio.sleep(0)
