"""One endpoint of a connection: what asyncio does to the transport behind it does not break it."""

import asyncio
import ssl
from pathlib import Path

from clientela_lab.patience import HANG_S
from clientela_lab.wire.proxy.endpoint import Endpoint
from tests.security.certified import Authority


class Owner:
    """A connection of one endpoint."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(self, of_client=True)
        self.is_opened, self.is_lost = asyncio.Event(), asyncio.Event()

    def opened(self, endpoint: Endpoint) -> None:
        self.is_opened.set()

    def endpoint_lost(self, endpoint: Endpoint, error: Exception | None) -> None:
        self.is_lost.set()

    def opposite(self, endpoint: Endpoint) -> Endpoint:
        return endpoint

    def half_closed(self, endpoint: Endpoint) -> None: ...

    def pipe_from(self, endpoint: Endpoint) -> "Owner":
        return self

    def feed(self, data: bytes) -> None: ...


async def test_a_transport_that_asyncio_closed_twice_can_be_paused_and_aborted(tmp_path: Path) -> None:
    """It has let go of the TLS behind it then, and raises AttributeError at whatever it is asked."""
    authority, owner = Authority(tmp_path), Owner()
    issued = authority.issue("blue-door", "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(issued.certificate, issued.key)
    trust = ssl.create_default_context(cafile=str(authority.file))
    trust.verify_flags &= ~ssl.VERIFY_X509_STRICT  # for which our authority's certificates say too little
    async with asyncio.timeout(HANG_S):
        server = await asyncio.get_running_loop().create_server(
            lambda: owner.endpoint, "127.0.0.1", 0, ssl=context
        )
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port, ssl=trust, server_hostname="localhost")
        await owner.is_opened.wait()
        transport = owner.endpoint._transport
        assert transport is not None
        transport.close()
        transport.close()
        owner.endpoint.pause_reading("full")
        owner.endpoint.data_received(b"late")
        owner.endpoint.resume_reading("full")
        owner.endpoint.abort()
        writer.close()
        await owner.is_lost.wait()
        server.close()
