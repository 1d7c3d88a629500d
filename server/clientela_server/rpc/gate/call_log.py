"""Account for calls: one log line and one count for each, when it ends.

The line has no word of requests and responses, which may hold personal data.
"""

from collections.abc import Callable
from typing import Any

import structlog
from google.rpc import code_pb2

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.call_metadata import CallMetadata

# Called at the end of each call: RPC, name of the status code, duration in seconds.
Count = Callable[[str, str, float], None]
# Writes an event with its facts, at the level "info".
Write = Callable[[str, dict[str, Any]], None]

_CODE_NAMES = {value: name for name, value in code_pb2.Code.items()}
# Metadata that callers send to find their calls in the log again.
_CORRELATION = ("x-request-id", "traceparent")
_CORRELATION_MAX = 100


class CallLog:
    """Writes the log line of each call, and counts it."""

    def __init__(self, write: Write, count: Count | None) -> None:
        self._write = write
        self._count = count
        self._log = structlog.get_logger()

    def write(
        self, call: CallContext, incoming: CallMetadata, took_s: float, code: int, error: Exception | None
    ) -> None:
        """Write that a call has ended. error: what its status was mapped from."""
        name, code_name = call.rpc.name, _CODE_NAMES[code]
        if self._count is not None:
            self._count(name, code_name, took_s)
        line: dict[str, Any] = {
            "rpc": name,
            "code": code_name,
            "ms": round(took_s * 1000, 2),
            "call_id": call.id,
        }
        if call.caller:
            line["caller"] = call.caller
        if call.revision is not None:
            line["revision"] = call.revision
        for key in _CORRELATION:
            if key in incoming.metadata:
                line[key] = incoming.metadata[key][:_CORRELATION_MAX]
        if error is None:
            self._write("call", line)
        elif isinstance(error, Refusal):
            self._write("call", {"reason": error.reason, **line})
        else:
            self._log.error("call", exc_info=error, **line)
