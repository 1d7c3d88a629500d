"""/metrics: how many calls, how long they took, how many writes shared a commit, how far the feed is behind.

In the format of Prometheus, by its own library. What is counted is told by `rpc/gate`, the committer and the
feed, through the methods here; without a web port nobody is told, and nothing is counted.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WRITES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Figures:
    """Counts, and tells what was counted."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._calls = Counter(
            "clientela_calls", "Calls that ended, by RPC and status.", ["rpc", "code"], registry=registry
        )
        self._seconds = Histogram(
            "clientela_call_seconds", "How long calls took.", ["rpc"], buckets=_SECONDS, registry=registry
        )
        self._writes = Histogram(
            "clientela_commit_writes", "Writes that shared a commit.", buckets=_WRITES, registry=registry
        )
        self._head = Gauge("clientela_revision", "The journal's head.", registry=registry)
        self._lag = Gauge(
            "clientela_feed_lag_revisions",
            "How far behind the head the last batch left its watcher.",
            registry=registry,
        )

    def call(self, rpc: str, code: str, seconds: float) -> None:
        """Count a call that ended."""
        self._calls.labels(rpc, code).inc()
        self._seconds.labels(rpc).observe(seconds)

    def commit(self, writes: int) -> None:
        """Count a commit, by the writes that shared it."""
        self._writes.observe(writes)

    def feed_lag(self, revisions: int) -> None:
        """Note how far behind a watcher is that was just sent changes."""
        self._lag.set(revisions)

    def written(self, head: int) -> bytes:
        """Write all figures down; `head`: the journal's."""
        self._head.set(head)
        return generate_latest(self._registry)
