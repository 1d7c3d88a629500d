"""What the web port says by itself, before there is a call: no such path, not that verb, not this type.

On the bound paths an error has the form that they have, {"error": {...}}; elsewhere that of Connect. Read
next: `site`, `guard`.
"""

import json
from typing import Any

Headers = list[tuple[str, str]]
# By HTTP's status: what google.rpc.Code calls it.
_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    415: "INVALID_ARGUMENT",
    421: "PERMISSION_DENIED",
}
_BOUND = "/v1/"


async def send_error(
    send: Any, path: str, status: int, sentence: str, headers: Headers | None = None
) -> None:
    """Answer with a refusal, in the form that errors have on this path."""
    typed = [("content-type", "application/json"), *(headers or ())]
    await send_response(send, status, typed, error_body(path, status, sentence))


def error_body(path: str, status: int, sentence: str) -> bytes:
    """Write a refusal down as JSON."""
    code = _CODES[status]
    error: dict[str, Any] = {"code": status, "message": sentence, "status": code}
    if path.startswith(_BOUND):
        return json.dumps({"error": error}, ensure_ascii=False).encode(errors="replace")
    # Connect and gRPC have a code of its own for a method that is not there.
    named = "unimplemented" if status == 404 and _is_method(path) else code.lower()
    return json.dumps({"code": named, "message": sentence}, ensure_ascii=False).encode(errors="replace")


async def send_response(send: Any, status: int, headers: Headers, body: bytes) -> None:
    """Send an answer whole; of one to HEAD the web server leaves the body out."""
    sized = [*headers, ("content-length", str(len(body)))] if status != 304 else headers
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sized]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _is_method(path: str) -> bool:
    """Tell whether a path is one of a method, /package.Service/Method."""
    service, _, method = path[1:].partition("/")
    return "." in service and bool(method) and "/" not in method
