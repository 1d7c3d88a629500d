"""Check content types, charsets and encodings of bodies.

Another site's page can send forms and plain text without a CORS preflight, but not JSON: so bodies of other
types are refused unread. Read next: `guard`.
"""

from typing import Any

from clientela_server.rpc.gate.call_context import Rpc

JSON = ("application/json",)
_WEB = ("application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json")
_UNARY = ("application/json", "application/proto", *_WEB)
_STREAM = ("application/connect+json", "application/connect+proto", *_WEB)
_CHARSETS = {"", "utf-8", "utf8", "us-ascii", "ascii"}


def types_of(rpc: Rpc) -> tuple[str, ...]:
    """Return the content types that a method accepts, of Connect and gRPC-Web."""
    return _STREAM if rpc.streams_in or rpc.streams_out else _UNARY


def fault_of(scope: Any, types: tuple[str, ...]) -> str:
    """Return why a body is refused, in a sentence; "" if it is accepted."""
    given = [value for name, value in scope["headers"] if name == b"content-type"]
    if len(given) > 1:
        return "The content type is there twice."
    kind, _, rest = (given[0].decode("latin-1") if given else "").partition(";")
    if kind.strip().lower() not in types:
        return f"Content type {kind.strip()[:100] or 'missing'}: send {' or '.join(types[:2])}."
    charset = _charset(rest)
    if charset not in _CHARSETS:
        return f"Content type {kind.strip()} in {charset[:100]}: send UTF-8."
    return ""


def packing_of(scope: Any) -> str:
    """Return the content encoding of a body, "" if there is none."""
    packed = dict(scope["headers"]).get(b"content-encoding", b"").decode("latin-1").strip()
    return "" if packed.lower() in {"", "identity"} else packed


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""
