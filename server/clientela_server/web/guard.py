"""Reject cross-site requests to the web port: programs and our own pages may call, other pages not.

Browsers let any page send requests to a server on the user's machine. The defences: no cookies, so a page's
request has no credentials; the token is in a header that needs a CORS preflight, and preflights are refused;
`Host` must be one of ours, against DNS rebinding; a foreign `Origin` is always refused; and bodies must have
a content type that needs a preflight too (`content`). Source: the Fetch standard, "CORS protocol"; OWASP,
"CSRF Prevention".
"""

import re
from collections.abc import Iterable
from typing import Any

from clientela_server.config import Address
from clientela_server.rpc.gate.call_metadata import merge_metadata
from clientela_server.web.http_errors import send_error

_HOST = re.compile(r"([^:\[\]]+|\[[0-9a-f:.]+\])(?::(\d+))?")
_PORTS = {"http": "80", "https": "443"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware: passes allowed requests to `inside`, and adds security headers to every response.

    names: host names of the server, beside its address and the loopback names.
    """

    def __init__(self, inside: Any, names: Iterable[str] = ()) -> None:
        self._inside = inside
        self._names = {"localhost", "127.0.0.1", "[::1]", *map(_as_host, names)}
        self._scheme = "http"
        self._port = ""

    def opened(self, address: Address, scheme: str) -> None:
        """Set the address and scheme, which `Host` and `Origin` are checked against."""
        self._scheme = scheme
        self._port = str(address.port)
        self._names.add(_as_host(address.host))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or send an error."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        if why := self._refusal(_headers(scope)):
            await send_error(send_with_headers, scope["path"], *why)
        else:
            await self._inside(scope, receive, send_with_headers)

    def _refusal(self, headers: dict[str, str]) -> tuple[int, str] | None:
        """Return the HTTP status and sentence of an error; None if the request is allowed."""
        if not self._is_our_host(headers.get("host", "")):
            return 421, "The Host header does not name this server."
        origin = headers.get("origin")
        if origin is not None and not self._is_our_origin(origin):
            return 403, "Pages of other origins may not ask this server."
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return 403, "Pages of other sites may not ask this server."
        return None

    def _is_our_origin(self, origin: str) -> bool:
        scheme, _, host = origin.partition("://")
        return scheme == self._scheme and self._is_our_host(host)

    def _is_our_host(self, host: str) -> bool:
        """Return whether a Host value is one of our names at our port; a default port may be omitted."""
        found = _HOST.fullmatch(host.lower())
        if not found:
            return False
        name, port = found.groups()
        return (port or _PORTS[self._scheme]) == self._port and (
            name in self._names or "*." + name.partition(".")[2] in self._names
        )


def _as_host(name: str) -> str:
    """Return a name or address as in `Host`."""
    return f"[{name}]" if ":" in name else name.lower()


def _headers(scope: Any) -> dict[str, str]:
    """Return the headers; values of a repeated one are joined, and so match none of our names."""
    return merge_metadata(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
