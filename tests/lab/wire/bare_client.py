"""A client that is a socket and no more: one health call, its bytes made once, and what came of it.

It costs nothing beside what is measured, and leaves nothing behind in its process.
"""

import asyncio
import ssl
from contextlib import suppress

from h2.config import H2Configuration
from h2.connection import H2Connection

from clientela_lab.wire.decode.frame_decoder import FrameReader
from clientela_lab.wire.proxy.upstream import host_and_port

_HEADERS = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/grpc.health.v1.Health/Check"),
    (":authority", "localhost"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
]


def _check_call() -> bytes:
    h2 = H2Connection(H2Configuration(client_side=True))
    h2.initiate_connection()
    h2.send_headers(1, _HEADERS)
    h2.send_data(1, bytes(5), end_stream=True)
    return h2.data_to_send()


CHECK_CALL = _check_call()


async def check(address: str, *, within_s: float, tls: ssl.SSLContext | None = None) -> str:
    """Connect, call, hang up: gives the gRPC status ("0" is well), or "cut", or "late" if out of time."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(*host_and_port(address), ssl=tls)
            writer.write(CHECK_CALL)
            return await _status(reader)
    except TimeoutError:
        return "late"
    except OSError:
        return "cut"
    finally:
        if writer:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()


async def _status(reader: asyncio.StreamReader) -> str:
    frames = FrameReader(from_client=False)
    while data := await reader.read(65536):
        for frame in frames.feed(data):
            for name, value in frame.headers or []:
                if name == "grpc-status":
                    return value
    return "cut"
