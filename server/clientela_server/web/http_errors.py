"""HTTP errors of the web port before there is a call: unknown path, method or content type.

On REST paths an error is {"error": {...}} (AIP-193); elsewhere a Connect error. Read next: `site`, `guard`.
"""

import json
from typing import Any

Headers = list[tuple[str, str]]
# HTTP status to the name in google.rpc.Code.
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
    """Send an error, in the form that errors have on this path."""
    typed = [("content-type", "application/json"), *(headers or ())]
    await send_response(send, status, typed, error_body(path, status, sentence))


def error_body(path: str, status: int, sentence: str) -> bytes:
    """Return the JSON body of an error."""
    code = _CODES[status]
    error: dict[str, Any] = {"code": status, "message": sentence, "status": code}
    if path.startswith(_BOUND):
        return json.dumps({"error": error}, ensure_ascii=False).encode(errors="replace")
    # Connect and gRPC have a code of their own for an unknown method.
    named = "unimplemented" if status == 404 and _is_method(path) else code.lower()
    return json.dumps({"code": named, "message": sentence}, ensure_ascii=False).encode(errors="replace")


async def send_response(send: Any, status: int, headers: Headers, body: bytes) -> None:
    """Send a response; the web server omits the body of one to HEAD."""
    sized = [*headers, ("content-length", str(len(body)))] if status != 304 else headers
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sized]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _is_method(path: str) -> bool:
    """Return whether a path is of the form /package.Service/Method."""
    service, _, method = path[1:].partition("/")
    return "." in service and bool(method) and "/" not in method
