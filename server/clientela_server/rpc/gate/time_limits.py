"""The time limits of calls: how long each may take, and the error of one that took longer.

The server's limits are in `authorization`. A client's deadline counts where it is shorter; the transport
enforces it. Read next: `calls_in_progress`, which ends the calls whose time is over.
"""

from clientela_server.domain.errors import DeadlineExceeded
from clientela_server.rpc.gate.call_context import CallContext, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata

# How long a request's message may take to arrive, in seconds.
REQUEST_LIMIT_S = 10.0


def limit_s_of(rpc: Rpc, incoming: CallMetadata) -> float | None:
    """Return the server's limit in seconds; None if the client's deadline is shorter or there is no limit.

    Raises:
        DeadlineExceeded: the client's deadline has passed.
    """
    left, limit = incoming.time_left_s, rpc.rule.limit_s
    if left is not None and left <= 0:
        raise DeadlineExceeded("DEADLINE_EXCEEDED")
    return None if limit is None or (left is not None and left <= limit) else limit


def limit_exceeded(call: CallContext) -> DeadlineExceeded:
    """Return the error of a call that reached a limit of the server, not the client's deadline."""
    if call.limit_s is None:  # its request has not arrived
        return DeadlineExceeded("DEADLINE_EXCEEDED")
    limit = f"{call.limit_s:g}"
    if call.rpc.rule.survives_deadline:
        return DeadlineExceeded("REPORT_BEING_MADE", retry_after_s=1, limit=limit)
    return DeadlineExceeded("SERVER_TIME_LIMIT", limit=limit)
