"""Idle and half-open connections are bounded in number and time, and keep no other client out."""

import asyncio
import contextlib
import http.client
import json
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server.config import Address, AutoTls
from clientela_server.descriptors import WEB_MAX
from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate import auth_throttle, gate
from clientela_server.web import bodies, connections
from clientela_server.web.bodies import Bodies
from clientela_server.web.files import Files
from tests.rpc.running import Running, running
from tests.web.transports import Place

LOOPBACK = Address("127.0.0.1", 0)
GET = "/clientela.v1.CustomerService/GetCustomer"
WATCH = "/clientela.v1.FeedService/Watch"
IMPORT = "/clientela.v1.PurchaseService/ImportPurchases"
ASKED = json.dumps({"name": "customers/nobody"}).encode()
# What a stranger may leave unfinished: nothing said, half of the headers, half of a body.
HEADS = {
    "silent": "",
    "half a line": "GET /v1/cust",
    "half headers": "GET /v1/customers HTTP/1.1\r\nhost: {host}\r\nx-more: ",
    "half headers of a file": "GET / HTTP/1.1\r\nhost: {host}\r\n",
}
BODIES = {
    "REST": ("POST /v1/customers", "application/json"),
    "REST, PATCH": ("PATCH /v1/customers/blue-door", "application/json"),
    "Connect": (f"POST {GET}", "application/proto"),
    "Connect JSON": (f"POST {GET}", "application/json"),
    "gRPC-Web": (f"POST {GET}", "application/grpc-web+proto"),
    "Connect stream": (f"POST {WATCH}", "application/connect+json"),
    "gRPC-Web stream": (f"POST {WATCH}", "application/grpc-web+proto"),
    "import": (f"POST {IMPORT}", "application/connect+json"),
}
FILES = {"a file": ("GET /", "application/json"), "nothing": ("POST /nowhere", "application/json")}


def half(name: str, host: str, token: str = "") -> bytes:
    """A request that waits for its end."""
    if name in HEADS:
        return HEADS[name].format(host=host).encode()
    line, kind = {**BODIES, **FILES}[name]
    words = [f"{line} HTTP/1.1", f"host: {host}", f"content-type: {kind}", "content-length: 1000000"]
    if token:
        words.append(f"authorization: Bearer {token}")
    return "\r\n".join([*words, "", ""]).encode() + b"{"


def host_of(url: str) -> str:
    return url.partition("://")[2]


# ---- as many as there may be, on a server process


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have a file for every connection."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def status_from(source: str, place: Place, method: str, path: str, body: bytes | None = None) -> int:
    """Ask from an address of this machine."""
    asking = http.client.HTTPConnection(host_of(place.url), timeout=HANG_S, source_address=(source, 0))
    with contextlib.closing(asking):
        asking.request(method, path, body, {**place.headers, "content-type": "application/json"})
        return asking.getresponse().status


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("said", ["silent", "half headers", "REST", "Connect", "a file"])
def test_a_thousand_that_say_half_keep_nobody_out(web_server: LocalServer, place: Place, said: str) -> None:
    host = host_of(web_server.url)
    with contextlib.ExitStack() as stack:
        for _ in range(WEB_MAX + 20):
            opened = stack.enter_context(socket.socket())
            opened.connect((host.partition(":")[0], int(host.partition(":")[2])))
            opened.sendall(half(said, host))

        for source in ("127.0.0.2", "127.0.0.1"):
            assert status_from(source, place, "GET", "/") == 200
            assert status_from(source, place, "GET", "/v1/customers") == 200
            assert status_from(source, place, "POST", GET, ASKED) == 404  # the call was answered


@pytest.mark.usefixtures("many_files")
def test_half_of_what_everybody_may_call_keeps_nobody_out(web_server: LocalServer, place: Place) -> None:
    """Its body is waited for, without a token; so it is the first to give way."""
    host = host_of(web_server.url)
    half_check = half("REST", host).replace(b"/v1/customers", b"/grpc.health.v1.Health/Check")
    with contextlib.ExitStack() as stack:
        for number in range(WEB_MAX + 20):
            opened = stack.enter_context(socket.socket())
            opened.bind((f"127.0.0.{3 + number % 3}", 0))
            opened.connect((host.partition(":")[0], int(host.partition(":")[2])))
            opened.sendall(half_check)

        assert status_from("127.0.0.2", place, "GET", "/v1/customers") == 200


# ---- how long, on a server whose patience is short


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be patient for a moment only."""
    monkeypatch.setattr(connections, "HEADERS_S", 0.3)
    monkeypatch.setattr(connections, "BODY_S", 2.0)
    monkeypatch.setattr(bodies, "REQUEST_LIMIT_S", 0.3)
    monkeypatch.setattr(gate, "REQUEST_LIMIT_S", 0.3)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, web=LOOPBACK) as live:
        live.url = await live.server.start_web()  # type: ignore[attr-defined]
        yield live


@contextlib.asynccontextmanager
async def connected(
    url: str, source: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = host_of(url).partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), local_addr=(source, 0), ssl=tls)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said_until_closed(url: str, request: bytes) -> bytes:
    """Send a request and give all that is answered until the server hangs up."""
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(request)
        heard = b""
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(65536):
                heard += more
        return heard


@pytest.mark.usefixtures("patience")
async def test_a_connection_that_sends_half_a_request_is_disconnected(live: Running) -> None:
    url = live.url  # type: ignore[attr-defined]
    names = [*HEADS, *BODIES, *FILES]

    heard = await asyncio.gather(*(said_until_closed(url, half(name, host_of(url))) for name in names))

    told = dict(zip(names, heard, strict=True))
    assert {name for name, answer in told.items() if not answer} == set(HEADS)
    unknown = {name for name in BODIES if b" 401 " in told[name] or b"unauthenticated" in told[name].lower()}
    by_trailer = {name for name in BODIES if b"grpc-status: 16" in told[name].lower()}
    assert unknown | by_trailer == set(BODIES), told
    assert told["a file"].startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("name", [name for name in BODIES if name != "import"])
async def test_half_a_body_of_somebody_known_is_waited_for_and_told_of(
    live: Running, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = live.url  # type: ignore[attr-defined]
    monkeypatch.setattr(connections, "BODY_S", HANG_S)
    heard = b""
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(half(name, host_of(url), live.admin.token or ""))
        while not any(word in heard.lower() for word in (b" 504 ", b"deadline_exceeded", b"grpc-status: 4")):
            more = await reader.read(65536)
            assert more, heard
            heard += more


@pytest.mark.usefixtures("patience")
async def test_trickled_headers_are_no_more_patiently_waited_for(live: Running) -> None:
    url = live.url  # type: ignore[attr-defined]
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(half("half headers", host_of(url)))
        ended = asyncio.ensure_future(reader.read())
        with contextlib.suppress(ConnectionError):
            while not ended.done():
                writer.write(b"x")
                await asyncio.wait([ended], timeout=0.02)
        assert (await asyncio.gather(ended, return_exceptions=True))[0] == b"" or ended.exception()


@pytest.mark.usefixtures("patience")
async def test_the_next_request_of_a_connection_is_waited_for_as_the_first(live: Running) -> None:
    url = live.url  # type: ignore[attr-defined]
    whole = f"GET /nothing HTTP/1.1\r\nhost: {host_of(url)}\r\n\r\n".encode()
    heard = await said_until_closed(url, whole + half("half headers", host_of(url)))
    assert heard.count(b"HTTP/1.1") == 1


@pytest.mark.usefixtures("patience")
async def test_a_long_import_may_take_its_time(live: Running) -> None:
    url = live.url  # type: ignore[attr-defined]
    item = {"customer": "customers/slow", "purchase": {"amount": {"currencyCode": "EUR", "units": "7"}}}
    body = json.dumps(
        {
            "items": [{**item, "requestId": "c5f7b1de-3c0a-4d0e-9c55-0f3c6e2b9a11"}],
            "createMissingCustomers": True,
        }
    ).encode()
    whole = b"\0" + len(body).to_bytes(4, "big") + body
    begun = half("import", host_of(url), live.admin.token or "").replace(b"1000000", str(len(whole)).encode())
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(begun[:-1] + whole[:1])
        # Another one begins after it, and ends before it: so its patience has run out too.
        await said_until_closed(url, half("REST", host_of(url)))
        writer.write(whole[1:])
        heard = await reader.readuntil(b'"importedCount": "1"')
    assert b"200 OK" in heard


@pytest.mark.parametrize("name", ["REST", "Connect", "Connect JSON", "gRPC-Web", "import"])
async def test_whoever_leaves_before_the_end_leaves_nothing(
    live: Running, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = live.url  # type: ignore[attr-defined]
    async with connected(url) as (_, writer):
        writer.write(half(name, host_of(url), live.admin.token or ""))
        await writer.drain()
    assert await answer_to(url, live.admin.token or "", "127.0.0.1") == 200
    async with asyncio.timeout(HANG_S):
        await live.server.gate.drain()
    assert "Exception in ASGI" not in caplog.text


# ---- who is known before what is said


@pytest.mark.parametrize("name", BODIES)
async def test_no_byte_of_a_strangers_body_is_waited_for(live: Running, name: str) -> None:
    """The answer is there although no body was sent at all; and none is held."""
    url = live.url  # type: ignore[attr-defined]
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(half(name, host_of(url))[:-1])
        heard = await reader.readuntil(b"\r\n\r\n")
    assert b" 401 " in heard or b" 200 " in heard  # a stream says it in its end


@pytest.mark.parametrize("name", BODIES)
async def test_strangers_bodies_are_not_kept(
    live: Running, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = live.url  # type: ignore[attr-defined]

    async def never(_: object) -> bytes:
        raise AssertionError("a stranger's body was read")

    monkeypatch.setattr(bodies.Body, "read", never)
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(half(name, host_of(url))[:-1] + b" " * 1_000_000)
        heard = await reader.readuntil(b"\r\n\r\n")
        assert b" 401 " in heard or b" 200 " in heard
        # What is left is thrown away, and the connection is as good as before.
        if name == "Connect JSON":
            writer.write(f"GET / HTTP/1.1\r\nhost: {host_of(url)}\r\n\r\n".encode())
            assert b" 200 " in await reader.readuntil(b"200 OK")


async def test_what_strangers_may_call_takes_little_to_say(live: Running) -> None:
    url = live.url  # type: ignore[attr-defined]
    words = (
        f"POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: {host_of(url)}\r\n"
        "content-type: application/json\r\ncontent-length: 100000\r\n\r\n"
    )
    async with connected(url) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write(words.encode() + b" " * 100_000)
        assert b" 429 " in await reader.readuntil(b"\r\n\r\n")


async def test_all_bodies_together_hold_no_more_than_so_many_bytes() -> None:
    whole = Bodies(all_max=100)

    async def part() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 40, "more_body": False}

    with whole.new(part, 1000) as first, whole.new(part, 1000) as second:
        assert await first.read() == await second.read() == b"x" * 40
        with whole.new(part, 1000) as third, pytest.raises(ResourceExhausted, match="BODIES_TOO_MANY"):
            await third.read()
        assert whole.held == 80
    assert whole.held == 0
    with whole.new(part, 1000) as fourth:
        assert await fourth.read() == b"x" * 40


async def test_a_connection_that_reads_no_answer_is_disconnected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged by the server's side: what the system holds of the answer keeps the other open for longer."""
    lost, ended = asyncio.Event(), connections.Connection.connection_lost

    def note(connection: connections.Connection, exc: Exception | None) -> None:
        ended(connection, exc)
        lost.set()

    monkeypatch.setattr(connections.Connection, "connection_lost", note)
    monkeypatch.setattr("clientela_server.web.serving._UNREAD_MORE_S", 0.1)
    async with running(tmp_path, web=LOOPBACK, unread_s=0.2) as live:
        host, _, port = host_of(await live.server.start_web()).partition(":")
        files = Files()._by_path
        script = max(files, key=lambda path: len(files[path].data))
        asked = f"GET {script} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode() * 400
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.setblocking(False)
            await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
            line.send(asked)
            async with asyncio.timeout(HANG_S):
                await lost.wait()


# ---- wrong tokens


async def answer_to(url: str, token: str, source: str, **headers: str) -> int:
    words = [
        "GET /v1/customers HTTP/1.1",
        f"host: {host_of(url)}",
        f"authorization: Bearer {token}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    async with connected(url, source) as (reader, writer), asyncio.timeout(HANG_S):
        writer.write("\r\n".join([*words, "", ""]).encode())
        return int((await reader.readline()).split()[1])


async def test_wrong_tokens_are_counted_by_address_and_not_by_port(
    live: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth_throttle, "FAILURES_BURST", 5)
    monkeypatch.setattr(auth_throttle, "FAILURES_PER_S", 0.001)
    url = live.url  # type: ignore[attr-defined]
    told = [await answer_to(url, f"wrong-{number}", "127.0.0.1") for number in range(10)]
    forged = [
        await answer_to(url, f"w-{number}", "127.0.0.1", x_forwarded_for=f"192.0.2.{number}")
        for number in range(5)
    ]
    assert (told[0], told[-1]) == (401, 429)
    assert set(forged) == {429}, "what anybody can write is believed of nobody"
    assert await answer_to(url, "wrong", "127.0.0.2") == 401
    assert await answer_to(url, live.admin.token or "", "127.0.0.2") == 200


async def test_of_a_trusted_proxy_the_address_is_believed_that_it_adds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth_throttle, "FAILURES_BURST", 5)
    monkeypatch.setattr(auth_throttle, "FAILURES_PER_S", 0.001)
    async with running(tmp_path, web=LOOPBACK, trusted_proxies=("127.0.0.1",)) as live:
        url = await live.server.start_web()

        async def by_proxy(forwarded: str) -> int:
            return await answer_to(url, "wrong", "127.0.0.1", x_forwarded_for=forwarded)

        told = [await by_proxy(f"198.51.100.{number}, 192.0.2.1") for number in range(10)]
        assert (told[0], told[-1]) == (401, 429), "what stands before what the proxy added is not believed"
        assert await by_proxy("192.0.2.2") == 401
        assert await answer_to(url, "wrong", "127.0.0.2", x_forwarded_for="192.0.2.1") == 401


# ---- TLS


async def test_a_handshake_that_does_not_come_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clientela_server.web.serving._HANDSHAKE_S", 0.3)
    async with running(tmp_path, web=LOOPBACK, tls=AutoTls()) as live:
        assert await said_until_closed(await live.server.start_web(), b"\x16\x03") == b""
