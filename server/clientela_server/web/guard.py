"""Who may knock at the web port: programs, and pages of our own; never somebody else's page.

A browser lets any page in the world send requests to a server on its user's machine. What keeps them out:
no cookies, so a request that a page makes has no rights; the token is in a header that a foreign page may
not set without asking first, and whoever asks is refused; the `Host` must be one of ours, so that a name
that was turned to this address (DNS rebinding) leads nowhere; a foreign `Origin` is refused whatever
it asks; and a body is of a type that no page may send without asking first (`content`). Source: the Fetch
standard, "CORS protocol"; OWASP, "CSRF Prevention".
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
    """Lets requests through to `inside`, an ASGI application, and says what browsers must know with each.

    names: what the server is called, beside its address and the names of this machine's loopback.
    """

    def __init__(self, inside: Any, names: Iterable[str] = ()) -> None:
        self._inside = inside
        self._names = {"localhost", "127.0.0.1", "[::1]", *map(_as_host, names)}
        self._scheme = "http"
        self._port = ""

    def opened(self, address: Address, scheme: str) -> None:
        """Learn where it is, and so what `Host` and `Origin` may say."""
        self._scheme = scheme
        self._port = str(address.port)
        self._names.add(_as_host(address.host))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse, or let through."""
        if scope["type"] != "http":
            return

        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        if why := self._refusal(_headers(scope)):
            await send_error(told, scope["path"], *why)
        else:
            await self._inside(scope, receive, told)

    def _refusal(self, headers: dict[str, str]) -> tuple[int, str] | None:
        """Tell the HTTP status and the sentence to refuse with; None where it may pass."""
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
        """Tell whether a host is one of our names, at our port; the scheme's own port may be left out."""
        found = _HOST.fullmatch(host.lower())
        if not found:
            return False
        name, port = found.groups()
        return (port or _PORTS[self._scheme]) == self._port and (
            name in self._names or "*." + name.partition(".")[2] in self._names
        )


def _as_host(name: str) -> str:
    """Write a name or an address as `Host` has it."""
    return f"[{name}]" if ":" in name else name.lower()


def _headers(scope: Any) -> dict[str, str]:
    """Read the headers; what is there twice is one text, and so no name of ours."""
    return merge_metadata(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
