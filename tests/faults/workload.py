"""Clients at work: writers and watchers, each with a connection of its own, and a history.

    with Workload(address, token, history, seed=7) as load:
        load.start()
        load.wait_for(200)      # acknowledged writes; break things meanwhile
        load.stop()             # writers finish what they began
        load.settle()           # watchers have seen all there is
    check(history.events, *read_ledger(database), load.watches)

The address must stay the same over restarts. The clients are the generated stubs, with nothing of the SDK in
them: what is tested is the server's own promise. Read next: writer.py, watcher.py.
"""

import random
import threading
from collections.abc import Mapping

import grpc

from clientela_lab.checking.history import History
from clientela_lab.patience import HANG_S
from tests.faults import intents
from tests.faults.crew import Crew, Tally
from tests.faults.watcher import Watcher
from tests.faults.writer import MIX, Writer
from tests.rpc.callers import Caller

# Back at once when the server is: how long a client waits is not what is tested here.
_CHANNEL = (
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 50),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.lb_policy_name", "round_robin"),
)


def connection(address: str) -> grpc.Channel:
    """Open a channel that shares no connection with another and is quick to come back.

    With several addresses ("ipv4:HOST:PORT,HOST:PORT") it calls them by turns.
    """
    return grpc.insecure_channel(address, _CHANNEL)


class Workload(Crew):
    """Writers and watchers on one server. Made while the server runs, or before it does."""

    def __init__(
        self,
        address: str,
        token: str,
        history: History,
        seed: int,
        *,
        writers: int = 4,
        watchers: int = 2,
        customers: int = 6,
        mix: Mapping[str, int] = MIX,
    ) -> None:
        super().__init__(Tally(), threading.Event())
        self.customers = [f"c{number}" for number in range(customers)]
        self._history = history
        self._seed = seed
        self._mix = mix
        self._channels = [connection(address) for _ in range(1 + writers + watchers)]
        self._asking, *others = [Caller(channel, token) for channel in self._channels]
        self._clerk = self.writer(self._asking, "clerk")
        self._writers = [self.writer(each, f"writer {n}") for n, each in enumerate(others[:writers])]
        self._watchers = [Watcher(each, f"{seed} watcher {n}") for n, each in enumerate(others[writers:])]

    def writer(self, caller: Caller, name: str) -> Writer:
        """Make one more writer, to be led by hand."""
        chance = random.Random(f"{self._seed} {name}")
        return Writer(caller, self._history, chance, self, self._mix)

    def start(self) -> None:
        """Register the customers, then let everybody begin."""
        chance = random.Random(f"{self._seed} customers")
        for cust in self.customers:
            intent = intents.create(self._asking, cust, intents.new_key(chance))
            self._clerk.insist(intent)
        self.begin(self._writers, self._watchers)

    def settle(self, within_s: float = HANG_S) -> None:
        """Wait until all is seen, then end the watchers."""
        read = self._clerk.insist(intents.read(self._asking, self.customers[0]))
        self.end_watchers_at(int(str(read["rev"])), within_s)

    def close(self) -> None:
        """Close the connections."""
        for channel in self._channels:
            channel.close()
