"""How many calls are inside at once, and how many may be.

Nobody can keep everybody else out: one caller gets no more than half of the places, and who has no token
(health checks) none of them, but a few of their own. What is beyond is refused at once, not queued: who waits
in a queue gives up before his turn, and the work is done for nobody. Streams have bounds of their own, by RPC
(`authorization`): so watches cannot take the places of all else.
"""

from collections import Counter

from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate.authorization import CallQuota
from clientela_server.rpc.gate.call_context import Rpc

CALLS_MAX = 500
CALLS_PER_CALLER_MAX = 250
ANONYMOUS_CALLS_MAX = 100
_RETRY_AFTER_S = 0.2
_ALL = "*"  # no caller's name


class ConcurrencyLimit:
    """Counts the calls that are inside, by who makes them; "" stands for all who have no token."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._authenticated = 0
        self._streams: Counter[tuple[str, str]] = Counter()

    def acquire(self, caller: str, rpc: Rpc) -> None:
        """Let a call in, or refuse it where there are too many: ResourceExhausted."""
        limit = CALLS_PER_CALLER_MAX if caller else ANONYMOUS_CALLS_MAX
        if self._calls[caller] >= limit:
            raise ResourceExhausted("CALLS_TOO_MANY", retry_after_s=_RETRY_AFTER_S, limit=str(limit))
        if caller and self._authenticated >= CALLS_MAX:
            raise ResourceExhausted("SERVER_BUSY", retry_after_s=_RETRY_AFTER_S, limit=str(CALLS_MAX))
        if rpc.rule.quota is not None:
            self._acquire_stream(caller, rpc.name, rpc.rule.quota)
        self._calls[caller] += 1
        self._authenticated += bool(caller)

    def _acquire_stream(self, caller: str, rpc: str, quota: CallQuota) -> None:
        counted = {(rpc, caller): quota.per_caller, (rpc, _ALL): quota.total}
        for whose, limit in counted.items():
            if self._streams[whose] >= limit:
                raise ResourceExhausted("STREAMS_TOO_MANY", retry_after_s=1, rpc=rpc, limit=str(limit))
        self._streams.update(counted.keys())

    def release(self, caller: str, rpc: Rpc) -> None:
        """Give the place of a call back."""
        if rpc.rule.quota is not None:
            self._streams -= Counter(((rpc.name, caller), (rpc.name, _ALL)))
        self._calls[caller] -= 1
        self._authenticated -= bool(caller)
        if not self._calls[caller]:
            del self._calls[caller]
