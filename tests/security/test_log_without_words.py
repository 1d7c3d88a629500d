"""The log and stderr hold no text of a request, whatever is wrong with it, on gRPC's port and the web port.

A secret is put into every part of a request that a caller words, well formed and not, and into what fails in
the server because of it. Then the server ends, and all that it wrote is searched. Two things that a caller
words do stand in the log, for that is what they are for: `x-request-id` and `traceparent`.
"""

import base64
import http.client
import json
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import grpc
import pytest

from clientela_lab.patience import HANG_S
from tests.attacks.surface import PATHS
from tests.rpc.making import new_customer
from tests.rpc.processes import Process, serving
from tests.security import leaky_server

SECRET = "zq7secret7qz"
LEAKY = "tests.security.leaky_server"
Metadata = tuple[tuple[str, str | bytes], ...]
BYTES = SECRET.encode()
_WATCH_S = 0.2
# A field of text, one of an unknown number, half of a field, no UTF-8, a group that does not end.
MESSAGES = (
    b"\x0a" + bytes([len(BYTES)]) + BYTES,
    b"\x0a" + bytes([len(BYTES) + 10]) + b"customers/" + BYTES,
    b"\x0a" + bytes([len(BYTES) + 2]) + b"\xff\xfe" + BYTES,
    b"\x0a" + bytes([len(BYTES) + 1]) + BYTES + b"\0",
    b"\x0a\x7f" + BYTES,
    b"\x8a\xf4\x03\x7f" + BYTES,
    b"\x83\xf4\x03" + BYTES,
    BYTES,
)
JSONS = (
    f'{{"name": "{SECRET}"}}',
    f'{{"name": "customers/{SECRET}"}}',
    f'{{"name": "customers/a/purchases/{SECRET}"}}',
    f'{{"name": "{SECRET}',
    f'{{"{SECRET}": 1}}',
    f'{{"name": {{"{SECRET}": "{SECRET}"}}}}',
    f'{{"customer": {{"createTime": "{SECRET}", "displayName": ["{SECRET}"]}}}}',
    f'{{"customer": {{"acquisition": {{"channel": "{SECRET}"}}}}}}',
    f'{{"pageSize": "{SECRET}", "pageToken": "{SECRET}", "filter": "{SECRET}", "orderBy": "{SECRET}"}}',
    f'{{"parent": "customers/{SECRET}", "purchase": {{"amount": {{"units": "{SECRET}"}}}}}}',
    f'"{SECRET}"',
    f"[{SECRET}]",
    f'{{"name": "a", "name": "{SECRET}"}}',
    f'{{"name": "\\ud800{SECRET}"}}',
    f'{{"etag": "{SECRET}", "updateMask": "{SECRET}", "requestId": "{SECRET}"}}',
)


def on_grpc(process: Process) -> None:
    """Every method with every message; then what is around a message."""
    with grpc.insecure_channel(process.address) as channel:
        good = (("authorization", f"Bearer {process.token}"), ("x-note", SECRET), ("x-note-bin", BYTES))
        wrong = (
            (("authorization", f"Bearer clt_{SECRET}"),),
            (("authorization", SECRET),),
            (*good, ("accept-language", SECRET), ("grpc-timeout-x", SECRET)),
        )
        for name, method in PATHS.items():
            path = f"/{method.containing_service.full_name}/{name}"
            for message in MESSAGES:
                _call(channel, path, message, good)
        for metadata in wrong:
            _call(channel, "/clientela.v1.CustomerService/GetCustomer", MESSAGES[1], metadata)
        for path in (f"/clientela.v1.CustomerService/{SECRET}", f"/{SECRET}/x", f"/{SECRET}"):
            _call(channel, path, MESSAGES[0], good)


def _call(
    channel: grpc.Channel, path: str, message: bytes, metadata: tuple[tuple[str, str | bytes], ...]
) -> None:
    # What is well formed after all, a watch waits with for ever.
    timeout = _WATCH_S if path.endswith("/Watch") else HANG_S
    call = channel.stream_stream(path)(iter([message]), timeout=timeout, metadata=metadata)
    try:
        for _ in call:
            call.cancel()
    except grpc.RpcError:
        return


def on_the_web(process: Process) -> None:
    """Connect and gRPC-Web in bytes and JSON, REST in all its parts, and bytes that are no HTTP."""
    place = urlsplit(process.facts["web"]).netloc
    for verb, target, body, headers in requests(process.token):
        with closing(http.client.HTTPConnection(place, timeout=HANG_S)) as asking:
            asking.request(verb, target, body, headers)
            asking.getresponse().read()
    host, _, port = place.rpartition(":")
    for raw in raw_requests():
        with closing(socket.create_connection((host, int(port)), HANG_S)) as wire:
            wire.sendall(raw)
            wire.shutdown(socket.SHUT_WR)
            while wire.recv(65536):
                pass


def requests(token: str) -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    """All that is HTTP."""
    known = {"authorization": f"Bearer {token}", "x-note": SECRET, "cookie": SECRET, "referer": f"/{SECRET}"}
    for method in PATHS.values():
        path = f"/{method.containing_service.full_name}/{method.name}"
        streams = method.client_streaming or method.server_streaming
        ends = {"connect-timeout-ms": "200", "grpc-timeout": "200m"} if method.name == "Watch" else {}
        for kind, bodies in (("proto", MESSAGES), ("json", [each.encode() for each in JSONS])):
            web = f"application/grpc-web+{kind}"
            connect = f"application/connect+{kind}" if streams else f"application/{kind}"
            for body in bodies if method.name in _ALL_BODIES else bodies[:3]:
                framed = struct.pack(">BI", 0, len(body)) + body
                yield "POST", path, framed if streams else body, {**known, **ends, "content-type": connect}
                yield "POST", path, framed, {**known, **ends, "content-type": web}
    yield "POST", path, b"\0\0\0\0\x7f" + BYTES, {**known, "content-type": "application/grpc-web"}
    yield "POST", path, base64.b64encode(BYTES), {**known, "content-type": "application/grpc-web-text"}
    yield "POST", path, BYTES, {**known, "content-type": SECRET}
    yield "POST", f"/{SECRET}/{SECRET}", BYTES, known
    for path in (
        f"/v1/customers/{SECRET}",
        f"/v1/customers/a/purchases/{SECRET}",
        f"/v1/{SECRET}",
        f"/{SECRET}",
    ):
        for verb in ("GET", "POST", "PATCH", "DELETE", "PUT", SECRET):
            for text in JSONS:
                yield verb, path + SECRET, text.encode(), {**known, "content-type": "application/json"}
    for query in (
        *(
            f"pageToken={SECRET}",
            f"{SECRET}=1",
            f"filter={SECRET}",
            f"page_size={SECRET}",
            f"name.x={SECRET}",
        ),
        *(f"customer={SECRET}", f"customer.display_name.{SECRET}=1", f"%ff{SECRET}", f"showDeleted={SECRET}"),
        quote(f'filter=name = "{SECRET}'),
    ):
        yield "GET", f"/v1/customers?{query}", b"", known
        yield "PATCH", f"/v1/customers/a-b?{query}", b"{}", known
    yield "GET", "/v1/customers", b"", {"authorization": f"Bearer {SECRET}"}
    yield "GET", "/metrics", b"", {"authorization": SECRET}
    yield "GET", "/v1/customers", b"", {**known, "host": SECRET}
    yield "GET", "/v1/customers", b"", {**known, "origin": f"https://{SECRET}"}
    yield "GET", "/v1/customers", b"", {**known, "connect-timeout-ms": SECRET, "accept-language": SECRET}


_ALL_BODIES = {"GetCustomer", "CreateCustomer", "ListCustomers", "RecordPurchase", "Watch"}


def raw_requests() -> Iterator[bytes]:
    """What is no HTTP, or not all of it."""
    yield BYTES + b"\r\n\r\n"
    yield b"GET /" + BYTES + b" HTTP/9.9\r\n\r\n"
    yield b"GET /\xff" + BYTES + b" HTTP/1.1\r\nhost: localhost\r\n\r\n"
    yield b"GET / HTTP/1.1\r\n" + BYTES + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + BYTES * 9000 + b"\r\n\r\n"
    yield b"POST /v1/customers HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n" + BYTES
    yield b"POST /v1/customers HTTP/1.1\r\nhost: localhost\r\ncontent-length: " + BYTES + b"\r\n\r\n"
    yield b"POST /v1/customers HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n\r\n" + BYTES


def written(folder: Path, leak: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that a server wrote, from its start to its end, while secrets were told to it."""
    monkeypatch.setenv("CLIENTELA_TEST_LEAK", leak)
    with serving(folder, "--web", "127.0.0.1:0", "--calls-per-second", "0", module=LEAKY) as process:
        with process.admin() as caller:
            new_customer(caller)
        on_grpc(process)
        on_the_web(process)
        assert process.stop(signal.SIGTERM) == 0
    return (folder / "log").read_text("utf-8", "replace")


def test_no_word_of_any_request_on_any_door_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = written(tmp_path, "", monkeypatch)
    found = [line for line in log.splitlines() if SECRET in line or base64.b64encode(BYTES).decode() in line]
    assert found == []
    # What failed is told all the same: each of its kinds, and where.
    kinds = {line for each in log.splitlines() for line in json.loads(each).get("exception", "").splitlines()}
    assert {"ValueError", "clientela_server.store.database.connection.StoreError", "KeyError"} <= kinds
    assert any("leaky_server.py:" in line for line in kinds)


@pytest.mark.long
def test_each_planted_leak_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in written(tmp_path, "all", monkeypatch).splitlines() if SECRET in line]
    for leak, words in leaky_server.LEAKS.items():
        assert any(words in line for line in lines), leak.__name__
