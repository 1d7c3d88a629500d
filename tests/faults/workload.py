"""Clients at work: writers and watchers on threads, each with a connection of its own, and a history.

    with Workload(address, token, history, seed=7) as load:
        load.start()
        load.wait_for(200)      # acknowledged writes; break things meanwhile
        load.stop()             # writers finish what they began
        load.settle()           # watchers have seen all there is
    check(history.events, *read_ledger(database), load.watches)

The address must stay the same over restarts. The clients are the generated stubs, with nothing of the SDK in
them: what is tested is the server's own promise.
"""

import random
import threading
from types import TracebackType
from typing import Self

import grpc

from tests.faults import intents
from tests.faults.checker import Seen
from tests.faults.history import History
from tests.faults.watcher import Watcher
from tests.faults.writer import Writer
from tests.rpc.callers import Caller

# Back at once when the server is: how long a client waits is not what is tested here.
_CHANNEL = (
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 50),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)


def connection(address: str) -> grpc.Channel:
    """Open a channel that shares no connection with another and is quick to come back."""
    return grpc.insecure_channel(address, _CHANNEL)


class Workload:
    """Writers and watchers on one server. Made while the server runs, or before it does."""

    def __init__(
        self,
        address: str,
        token: str,
        history: History,
        seed: int,
        writers: int = 4,
        watchers: int = 2,
        customers: int = 6,
    ) -> None:
        self.customers = [f"c{number}" for number in range(customers)]
        self.failed: list[BaseException] = []
        self._history = history
        self._seed = seed
        self._stopping = threading.Event()
        self._acked = threading.Condition()
        self._acks = 0
        self._channels = [connection(address) for _ in range(1 + writers + watchers)]
        first, *others = [Caller(channel, token) for channel in self._channels]
        self._first = self._writer(first, "first")
        self._ask = first
        self._writers = [self._writer(each, f"writer {n}") for n, each in enumerate(others[:writers])]
        self._watchers = [Watcher(each, f"{seed} watcher {n}") for n, each in enumerate(others[writers:])]
        self._writing = [threading.Thread(target=self._write, args=(each,)) for each in self._writers]
        self._watching = [threading.Thread(target=each.run) for each in self._watchers]

    def _writer(self, caller: Caller, name: str) -> Writer:
        return Writer(
            caller, self._history, f"{self._seed} {name}", self.customers, self._stopping, self._count
        )

    @property
    def acks(self) -> int:
        """How many answers writers were given so far."""
        return self._acks

    @property
    def watches(self) -> list[list[Seen]]:
        """What each watcher saw."""
        return [watcher.saw for watcher in self._watchers]

    def start(self) -> None:
        """Register the customers, then let everybody begin."""
        chance = random.Random(f"{self._seed} customers")
        for cust in self.customers:
            assert self._first.settle(intents.create(self._ask, cust, intents.new_key(chance))), "no customer"
        for thread in (*self._watching, *self._writing):
            thread.start()

    def wait_for(self, acks: int, within_s: float = 30.0) -> None:
        """Wait for so many more answers than there are now; AssertionError where they do not come in time."""
        with self._acked:
            wanted = self._acks + acks
            assert self._acked.wait_for(lambda: self._acks >= wanted, within_s), "no progress"

    def stop(self, within_s: float = 60.0) -> None:
        """Let the writers finish what they began, and no more. The server must run."""
        self._stopping.set()
        for thread in self._writing:
            thread.join(within_s)
            assert not thread.is_alive(), "a writer does not come to its end"
        assert not self.failed, self.failed

    def settle(self, within_s: float = 10.0) -> None:
        """Wait until all is seen, then end the watchers; what was not seen in time, the checker will tell."""
        read = self._first.settle(intents.read(self._ask, self.customers[0]))
        assert read, "the server can't be read at the end"
        for watcher in self._watchers:
            watcher.wait_for(int(str(read["rev"])), within_s)
        self._end_watchers()

    def _end_watchers(self) -> None:
        for watcher, thread in zip(self._watchers, self._watching, strict=True):
            watcher.end()
            if thread.ident:
                thread.join(30)

    def _write(self, writer: Writer) -> None:
        try:
            while not self._stopping.is_set():
                writer.step()
        except BaseException as error:  # noqa: BLE001  whatever it is, the harness is broken
            self.failed.append(error)

    def _count(self) -> None:
        with self._acked:
            self._acks += 1
            self._acked.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._end_watchers()
        for channel in self._channels:
            channel.close()
        for thread in self._writing:
            if thread.ident:
                thread.join(30)
