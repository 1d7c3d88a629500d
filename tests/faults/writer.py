"""A client that writes: one intent after another, each sent again until its end is known or it gives up.

What it does is decided by a seed; what comes of it, by the server and its faults. Of its calls some are sent
twice on purpose, some are not valid, some use a key again, some name a version that is gone.
Read next: intents.py; workload.py, which runs several at once.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import grpc

from clientela_lab.checking.checker import DEFINITE
from clientela_lab.checking.history import History
from clientela_lab.checking.money import NANOS
from tests.faults import intents
from tests.faults.crew import Tally
from tests.faults.imports import Item, NewCustomer, send
from tests.faults.intents import Answer, Intent, new_key
from tests.rpc.callers import Caller

DEADLINE_S = 2.0
GIVES_UP = 0.1
ATTEMPTS_MAX = 100
# What a writer does next, and how often in a hundred.
MIX = {
    "buy": 67,
    "buy_twice": 5,
    "buy_wrong": 2,
    "reuse_key": 2,
    "refund": 5,
    "import_": 3,
    "register": 2,
    "read": 6,
    "update": 6,
    "update_stale": 2,
}


class Clients(Protocol):
    """What a writer knows of those among whom it works."""

    customers: list[str]
    stopping: threading.Event
    acks: Tally


class Writer:
    """Does one thing after another in the name of one caller."""

    def __init__(
        self,
        caller: Caller,
        history: History,
        chance: random.Random,
        among: "Clients",
        mix: Mapping[str, int] = MIX,
    ) -> None:
        self._caller = caller
        self._history = history
        self._chance = chance
        self._among = among
        self._mix = mix
        self._bought: list[tuple[Intent, str]] = []  # with the name that it was given; not yet refunded
        self._versions: dict[str, str] = {}

    def step(self) -> None:
        """Do the next thing to its end."""
        [what] = self._chance.choices(list(self._mix), list(self._mix.values()))
        getattr(self, f"_{what}")()

    def settle(self, intent: Intent, gives_up: float = GIVES_UP) -> Answer | None:
        """Send until the outcome is known, or give up; return the response's facts, None without one."""
        return self._persist(lambda: self.attempt(intent), gives_up)

    def _persist(self, once: Callable[[], Answer | str], gives_up: float) -> Answer | None:
        for _ in range(ATTEMPTS_MAX):
            answer = once()
            if not isinstance(answer, str):
                return answer
            if answer in DEFINITE or self._chance.random() < gives_up:
                return None
            # A server that answers "not now" is given a moment; one that is away is waited for by gRPC.
            self._among.stopping.wait(self._chance.uniform(0, 0.02))
        return None

    def insist(self, intent: Intent) -> Answer:
        """Send until it is answered; AssertionError where it is not after all."""
        answer = self.settle(intent, gives_up=0)
        assert answer, f"{intent.op} {intent.key} was not answered"
        return answer

    def attempt(self, intent: Intent) -> Answer | str:
        """Send once; return the response's facts, or the code's name."""
        attempt = self._history.invoke(
            intent.op, key=intent.key, cust=intent.cust, amount=intent.amount, **intent.facts
        )
        try:
            answer, call = intent.method.with_call(intent.request, timeout=DEADLINE_S, wait_for_ready=True)
        except grpc.RpcError as error:
            attempt.err(error.code().name)
            return str(error.code().name)
        trailers = dict(call.trailing_metadata())
        outcome = intent.outcome(answer, int(trailers["clientela-revision"]))
        attempt.ok(**outcome)
        if intent.key:
            self._among.acks.add()
        return outcome

    def _customer(self) -> str:
        return self._chance.choice(self._among.customers)

    def _amount(self) -> int:
        return self._chance.randrange(1, 100_000) * NANOS // 100

    def _buy(self) -> Intent:
        intent = intents.buy(self._caller, self._customer(), new_key(self._chance), self._amount())
        done = self.settle(intent)
        if done:
            self._bought.append((intent, str(done["id"])))
        return intent

    def _import_(self) -> None:
        items = [
            Item(self._customer(), new_key(self._chance), self._amount())
            for _ in range(self._chance.randint(1, 8))
        ]
        items.append(self._chance.choice(items))  # there once, however often it is in it
        self._persist(lambda: self._send(items), GIVES_UP)

    def _register(self) -> None:
        keys = [new_key(self._chance) for _ in range(self._chance.randint(1, 8))]
        items = [NewCustomer(f"n-{key}", key) for key in keys]
        items.append(self._chance.choice(items))
        self._persist(lambda: self._send(items), GIVES_UP)

    def _send(self, items: Sequence[Item | NewCustomer]) -> Answer | str:
        done = send(self._caller, self._history, items, DEADLINE_S)
        if isinstance(done, str):
            return done
        self._among.acks.add()
        return {"items": done}

    def _buy_twice(self) -> None:
        self.settle(self._buy())

    def _buy_wrong(self) -> None:
        wrong = intents.buy(self._caller, self._customer(), new_key(self._chance), -self._amount())
        self.settle(wrong)

    def _reuse_key(self) -> None:
        if self._bought:
            self.settle(intents.reuse(self._caller, self._chance.choice(self._bought)[0]))

    def _refund(self) -> None:
        if self._bought:
            bought, name = self._bought.pop()
            key = new_key(self._chance)
            self.settle(intents.refund(self._caller, bought.cust, key, name, bought.amount))

    def _read(self) -> None:
        self.settle(intents.read(self._caller, self._customer()))

    def _update(self) -> None:
        cust = self._customer()
        seen = self.settle(intents.read(self._caller, cust))
        if seen and self.settle(intents.update(self._caller, cust, new_key(self._chance), str(seen["etag"]))):
            self._versions[cust] = str(seen["etag"])  # gone now, by our own hand

    def _update_stale(self) -> None:
        if self._versions:
            cust, etag = self._chance.choice(list(self._versions.items()))
            self.settle(intents.update(self._caller, cust, new_key(self._chance), etag))
