"""Limit concurrent calls: in total, per caller, and for streams per RPC.

One caller gets at most half of the slots; calls without a token (health checks) have a few slots of their
own. Calls beyond a limit are rejected at once, not queued: queued callers time out before their turn, and the
work is wasted. Long streams have limits of their own, by RPC (`authorization`), so watches cannot starve
other calls.
"""

from collections import Counter

from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate.authorization import CallQuota
from clientela_server.rpc.gate.call_context import Rpc

CALLS_MAX = 500
CALLS_PER_CALLER_MAX = 250
ANONYMOUS_CALLS_MAX = 100
_RETRY_AFTER_S = 0.2
_ALL = "*"  # the total, under a key that is no caller's name


class ConcurrencyLimit:
    """Counts running calls by caller; "" stands for all calls without a token."""

    def __init__(self) -> None:
        self._calls: dict[str, int] = {}
        self._authenticated = 0
        self._streams: Counter[tuple[str, str]] = Counter()

    def acquire(self, caller: str, rpc: Rpc) -> None:
        """Take a slot for a call; raise ResourceExhausted if there is none. Pair it with `release`."""
        running = self._calls.get(caller, 0)
        limit = CALLS_PER_CALLER_MAX if caller else ANONYMOUS_CALLS_MAX
        if running >= limit:
            raise ResourceExhausted("CALLS_TOO_MANY", retry_after_s=_RETRY_AFTER_S, limit=str(limit))
        if caller and self._authenticated >= CALLS_MAX:
            raise ResourceExhausted("SERVER_BUSY", retry_after_s=_RETRY_AFTER_S, limit=str(CALLS_MAX))
        if rpc.rule.quota is not None:
            self._acquire_stream(caller, rpc.name, rpc.rule.quota)
        self._calls[caller] = running + 1
        self._authenticated += bool(caller)

    def _acquire_stream(self, caller: str, rpc: str, quota: CallQuota) -> None:
        counted = {(rpc, caller): quota.per_caller, (rpc, _ALL): quota.total}
        for whose, limit in counted.items():
            if self._streams[whose] >= limit:
                raise ResourceExhausted("STREAMS_TOO_MANY", retry_after_s=1, rpc=rpc, limit=str(limit))
        self._streams.update(counted.keys())

    def release(self, caller: str, rpc: Rpc) -> None:
        """Free the slot of a call."""
        if rpc.rule.quota is not None:
            self._streams -= Counter(((rpc.name, caller), (rpc.name, _ALL)))
        self._authenticated -= bool(caller)
        running = self._calls[caller] - 1
        if running:
            self._calls[caller] = running
        else:
            del self._calls[caller]
