"""/metrics: calls, latencies, writes per commit, feed lag; in the Prometheus format.

Counted by callbacks from `rpc/gate`, the committer and the feed; without a web port nothing is counted.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_WRITES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class _Calls(Collector):
    """Counts calls in plain dicts, as counting is on the hot path and scraping is rare."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, str], int] = {}
        self._took: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def count(self, rpc: str, code: str, seconds: float) -> None:
        """Count a call that ended."""
        self._ended[rpc, code] = self._ended.get((rpc, code), 0) + 1
        self._seconds[rpc] = self._seconds.get(rpc, 0.0) + seconds
        took = self._took.get(rpc)
        if took is None:
            took = self._took[rpc] = [0] * (len(_SECONDS) + 1)
        took[bisect_left(_SECONDS, seconds)] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        calls = CounterMetricFamily("clientela_calls", "Calls that ended.", labels=["rpc", "code"])
        for (rpc, code), count in self._ended.items():
            calls.add_metric([rpc, code], count)
        yield calls
        seconds = HistogramMetricFamily("clientela_call_seconds", "How long calls took.", labels=["rpc"])
        bounds = [*map(str, _SECONDS), "+Inf"]
        for rpc, took in self._took.items():
            buckets = list(zip(bounds, accumulate(took), strict=True))
            seconds.add_metric([rpc], buckets=buckets, sum_value=self._seconds[rpc])
        yield seconds


class Figures:
    """The server's metrics. call: counts a call that ended, by RPC, status code and seconds."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._calls = _Calls()
        registry.register(self._calls)
        self.call = self._calls.count
        self._writes = Histogram(
            "clientela_commit_writes", "Writes that shared a commit.", buckets=_WRITES, registry=registry
        )
        self._head = Gauge("clientela_revision", "The journal's head.", registry=registry)
        self._lag = Gauge(
            "clientela_feed_lag_revisions",
            "How far behind the head the last batch left its watcher.",
            registry=registry,
        )

    def commit(self, writes: int) -> None:
        """Count a commit, by the writes that shared it."""
        self._writes.observe(writes)

    def feed_lag(self, revisions: int) -> None:
        """Set the lag of the watch that was last sent changes, in revisions."""
        self._lag.set(revisions)

    def written(self, head: int) -> bytes:
        """Return all metrics in the text format. head: the journal's revision."""
        self._head.set(head)
        return generate_latest(self._registry)
