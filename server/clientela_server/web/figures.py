"""/metrics: how many calls, how long they took, how many writes shared a commit, how far the feed is behind.

In the format of Prometheus, by its own library. What is counted is told by `rpc/gate`, the committer and the
feed, through the methods here; without a web port nobody is told, and nothing is counted.
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
    """What was counted of calls: in plain numbers, since each call pays for it, and few ask."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, str], int] = {}
        self._took: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def count(self, rpc: str, code: str, seconds: float) -> None:
        """Count one that ended."""
        self._ended[rpc, code] = self._ended.get((rpc, code), 0) + 1
        self._seconds[rpc] = self._seconds.get(rpc, 0.0) + seconds
        took = self._took.get(rpc)
        if took is None:
            took = self._took[rpc] = [0] * (len(_SECONDS) + 1)
        took[bisect_left(_SECONDS, seconds)] += 1

    def collect(self) -> Iterator[Metric]:
        """Tell it in the words of Prometheus."""
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
    """Counts, and tells what was counted. `call` is told of each that ended: RPC, status, seconds."""

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
        """Note how far behind a watcher is that was just sent changes."""
        self._lag.set(revisions)

    def written(self, head: int) -> bytes:
        """Write all figures down; `head`: the journal's."""
        self._head.set(head)
        return generate_latest(self._registry)
