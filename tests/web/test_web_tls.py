"""The web port under TLS: the same certificates as on gRPC's, renewed ones shown without a restart."""

import asyncio
import http.client
import ssl
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S
from clientela_server.config import Address, AutoTls, TlsFiles
from tests.rpc.running import Running, running
from tests.security.certified import Authority, Issued

LOOPBACK = Address("127.0.0.1", 0)


def ask(url: str, ca: Path, token: str, host: str = "", shown: Issued | None = None) -> tuple[int, bytes]:
    """Ask for the customers; return the status and the certificate that was shown."""
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if shown:
        context.load_cert_chain(shown.certificate, shown.key)
    address = url.removeprefix("https://")
    connection = http.client.HTTPSConnection(address, context=context, timeout=HANG_S)
    try:
        connection.connect()
        certificate = connection.sock.getpeercert(binary_form=True)
        headers = {"authorization": f"Bearer {token}", "host": host or address}
        connection.request("GET", "/v1/customers", headers=headers)
        return connection.getresponse().status, certificate or b""
    finally:
        connection.close()


async def status(live: Running, url: str, ca: Path, host: str = "", shown: Issued | None = None) -> int:
    return (await asyncio.to_thread(ask, url, ca, live.admin.token or "", host, shown))[0]


async def test_it_shows_certificates_of_its_own_making(tmp_path: Path) -> None:
    async with running(tmp_path, web=LOOPBACK, tls=AutoTls(("shop.example", "*.till.example"))) as live:
        url = await live.server.start_web()
        trust = live.server.trust
        assert trust
        port = url.rpartition(":")[2]
        assert url.startswith("https://")
        assert await status(live, url, trust.file) == 200
        assert await status(live, url, trust.file, f"shop.example:{port}") == 200
        assert await status(live, url, trust.file, f"two.till.example:{port}") == 200
        assert await status(live, url, trust.file, f"evil.example:{port}") == 421
        assert await status(live, url, trust.file, f"a.b.till.example:{port}") == 421


async def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("shop", "127.0.0.1")
    async with running(tmp_path, web=LOOPBACK, tls=TlsFiles(issued.certificate, issued.key)) as live:
        url = await live.server.start_web()
        first = await asyncio.to_thread(ask, url, authority.file, live.admin.token)
        authority.issue("shop", "127.0.0.1")
        second = await asyncio.to_thread(ask, url, authority.file, live.admin.token)
        issued.certificate.write_text("no certificate")
        third = await asyncio.to_thread(ask, url, authority.file, live.admin.token)
    assert first[0] == second[0] == third[0] == 200
    assert first[1] != second[1]
    assert third[1] == second[1], "one that can't be used is not shown"


async def test_with_a_client_authority_clients_show_a_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    issued, till = authority.issue("shop", "127.0.0.1"), authority.issue("till", "till")
    files = TlsFiles(issued.certificate, issued.key, authority.file)
    async with running(tmp_path, web=LOOPBACK, tls=files) as live:
        url = await live.server.start_web()
        assert await status(live, url, authority.file, shown=till) == 200
        with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
            await status(live, url, authority.file)
