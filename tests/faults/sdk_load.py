"""Clients at work through the SDK: one client that writers and a watcher share, as a program would have it.

Here a call that is not done is a failure, which `failures` keeps: the SDK asks again by itself. What it says
of a call that it gave up goes into the history, and is held against the ledger like all else.
"""

import random
import threading

from clientela_client import CallError, Client, InDoubt, Refused, connect
from clientela_client.messages import Customer, Purchase
from clientela_lab.checking.checker import NEVER_LEFT, Seen
from clientela_lab.checking.history import History
from clientela_lab.patience import HANG_S
from tests.faults.crew import Crew, Tally
from tests.faults.intents import money_of, new_key
from tests.faults.watcher import seen

TIMEOUT_S = HANG_S


class SdkLoad(Crew):
    """Writers and one watcher on one server, whose address stays the same over restarts."""

    def __init__(self, address: str, token: str, history: History, seed: int, writers: int = 4) -> None:
        super().__init__(Tally(), threading.Event())
        self.failures: list[CallError] = []
        self._client = connect(address, token=token, timeout_s=TIMEOUT_S)
        self._history = history
        self._seed = seed
        self._count = writers
        self._watcher = SdkWatcher(self._client)

    def start(self) -> None:
        """Register the customer, then let everybody begin."""
        key = new_key(random.Random(f"{self._seed} customer"))
        attempt = self._history.invoke("create", key=key, cust="ann")
        created = self._client.customers.create(
            Customer(display_name="Ann"), customer_id="ann", request_id=key
        )
        attempt.ok(id=created.name, rev=1)
        self.begin([SdkWriter(self, f"{self._seed} {n}") for n in range(self._count)], [self._watcher])

    def settle(self, within_s: float = HANG_S) -> None:
        """Wait until all is seen, then end the watcher."""
        last = max(event["rev"] for event in self._history.events if event["ev"] == "ok")
        self.end_watchers_at(last, within_s)

    def buy(self, key: str, amount: int) -> str | None:
        """Record a purchase; return its name, None where it was not done or is in doubt."""
        attempt = self._history.invoke("buy", key=key, cust="ann", amount=amount)
        try:
            done = self._client.purchases.record(
                "customers/ann", Purchase(amount=money_of(amount)), request_id=key
            )
        except CallError as error:
            attempt.err(error.code if isinstance(error, InDoubt | Refused) else NEVER_LEFT)
            self.failures.append(error)
            return None
        attempt.ok(id=done.name, rev=done.revision)
        self.acks.add()
        return done.name

    def get(self, name: str) -> None:
        """Read a purchase back."""
        try:
            self._client.purchases.get(name)
        except CallError as error:
            self.failures.append(error)

    def close(self) -> None:
        """Close the client."""
        self._client.close()


class SdkWriter:
    """Records a purchase and reads it back."""

    def __init__(self, load: SdkLoad, seed: str) -> None:
        self._load = load
        self._chance = random.Random(seed)

    def step(self) -> None:
        """Do so once."""
        name = self._load.buy(new_key(self._chance), self._chance.randrange(1, 100_000) * 10_000_000)
        if name:
            self._load.get(name)


class SdkWatcher:
    """Watches the whole feed; the SDK mends the cuts."""

    def __init__(self, client: Client) -> None:
        self.saw: list[Seen] = []
        self._changes = client.feed.watch(after_revision=0)
        self._further = threading.Condition()

    def run(self) -> None:
        """Watch until told to end."""
        for change in self._changes:
            with self._further:
                self.saw.append(seen(change))
                self._further.notify_all()

    def wait_for(self, revision: int, within_s: float) -> bool:
        """Wait until an entry was seen; False where it is not in time."""
        with self._further:
            return self._further.wait_for(lambda: bool(self.saw) and self.saw[-1][0] >= revision, within_s)

    def end(self) -> None:
        """Let `run` return."""
        self._changes.cancel()
