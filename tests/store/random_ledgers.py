"""Any work on a real database, with a model beside it: what each customer is, by the naive rules.

Each piece of work is an `Apply` of the store and what it does to the model, which counts only where the store
did not refuse it. Read next: test_standings, tests/domain/naive.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from clientela_server.domain.customers import Acquisition, Customer, Organization, Person, Preferences
from clientela_server.domain.days import DAY_US
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Line
from clientela_server.domain.standing.policy import NAMES, Policy, bounds
from clientela_server.nouns import NOUNS
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.usecases.policy import PolicyWrites
from tests.domain.naive import EPOCH, Bought, Client, Others, medians, revenue_of
from tests.domain.random_clients import COIN, PATHS, PURPOSES
from tests.store.bare_ledger import Ledger

IDS = ("ann", "ben", "eve", "zoe")
AGOS = (0, 0, 1, 2, 7, 14, 28, 30, 31, 59, 60, 90, 91, 180, 200, 364, 365, 366, 400, 730, 1096, 1461)
Effect = Callable[[], None]
Work = tuple[Apply, Effect]


@dataclass
class Known:
    """What the model knows of one customer; purchases by their ids."""

    party: str = ""
    reachable: bool = False
    prefers: bool = False
    referrer: str | None = None
    deleted: bool = False
    bought: dict[str, Bought] = field(default_factory=dict)

    def state(self, stated: Customer) -> None:
        self.party = {Person: "person", Organization: "organization"}.get(type(stated.party), "")
        self.reachable = bool(stated.emails or stated.phones or stated.addresses)
        self.prefers = stated.preferences != Preferences()
        self.referrer = stated.acquisition.referrer

    def erase(self) -> None:
        self.state(Customer(""))
        self.deleted = True


class World:
    """A ledger, its clock, its policy and its model."""

    def __init__(self, ledger: Ledger, chance: random.Random, today: int) -> None:
        self.ledger = ledger
        self.chance = chance
        self.now_us = today * DAY_US + chance.randrange(DAY_US)
        self.policy = Policy()
        self.people: dict[str, Known] = {}

    @property
    def day(self) -> int:
        return self.now_us // DAY_US

    def commit(self, works: list[Work]) -> None:
        """Do all in one commit, and to the model what was not refused."""
        done: list[Effect] = []

        def noted(apply: Apply, effect: Effect) -> Apply:
            def both(transaction: Transaction, origin: WriteContext) -> Entry:
                entry = apply(transaction, origin)
                done.append(effect)
                return entry

            return both

        self.ledger.commit([noted(*work) for work in works], self.now_us)
        for effect in done:
            effect()

    def client(self, who: str) -> Client:
        """A customer as the naive rules know one."""
        known = self.people[who]
        living = [each for each in self.people.values() if each.referrer == who and not each.deleted]
        ledger = tuple(known.bought.values())
        return Client(ledger, known.party, known.reachable, known.prefers, len(living), who)

    def others(self, than: str) -> Others:
        """What of all others counts."""
        today = EPOCH + timedelta(self.day)
        revenue: dict[str, dict[str, int]] = {"EUR": {}, "PLN": {}}
        bought: dict[str, list[object]] = {}
        for who in self.people.keys() - {than}:
            client = self.client(who)
            for currency, paid in revenue.items():
                paid[who] = revenue_of(client, self.policy, currency, today)
            for category, median in medians(client).items():
                bought.setdefault(category, []).append(median)
        return Others(revenue, bought)  # type: ignore[arg-type]

    # ---- pieces of work

    def work(self) -> Work:
        """One thing that somebody may ask for, whether it can be done or not."""
        who = self.chance.choice(IDS)
        make = self.chance.choices(
            (self._record, self._refund, self._state, self._delete, self._undelete, self._erase),
            (12, 4, 3, 1, 2, 0.3),
        )[0]
        return make(who)

    def begin(self) -> None:
        """Register everybody, under a policy by which a few clients are enough for a top."""
        for who in IDS:
            self.commit([self._state(who)])
        self.commit([self.new_policy("mass_percent", "strategic_percent")])

    def new_policy(self, *names: str) -> Work:
        """Change some thresholds, now and then to anything that is allowed."""
        chance, changes = self.chance, {}
        for name in names or chance.sample(NAMES, chance.randrange(1, 5)):
            least, greatest = bounds(name)
            usual = getattr(Policy(), name)
            near = chance.randint(max(least, usual // 3), min(greatest, 2 * usual + 20))
            changes[name] = chance.choice([near, near, usual, chance.randint(least, greatest)])
        made = replace(self.policy, **changes)

        def effect() -> None:
            self.policy = made

        return PolicyWrites(NOUNS).update(lambda _: made, ""), effect

    def _record(self, who: str) -> Work:
        chance, purchase_id = self.chance, f"p{self.chance.randrange(40)}"
        pairs = [
            (chance.choice(["tea", "cups"]), chance.choice(["1", "2", "0.50", "12"]))
            for _ in range(chance.choice([0, 0, 1, 2]))
        ]
        cents, ago = chance.randrange(5000), chance.choice([*AGOS, chance.randrange(1500)])
        purpose, path, currency = (
            chance.randrange(4),
            chance.randrange(3),
            chance.choice(["EUR", "EUR", "PLN"]),
        )
        draft = Draft(
            tuple(Line(None, None, *pair, None) for pair in pairs),
            Money(currency, cents * COIN),
            self.now_us - ago * DAY_US,
            purpose=purpose,
            sales_path=path,
            source=0,
            note=None,
        )
        on = EPOCH + timedelta(self.day - ago)
        made = Bought(on, cents, PURPOSES[purpose], PATHS[path], currency, tuple(pairs))

        def effect() -> None:
            self.people[who].bought[purchase_id] = made

        return self.ledger.purchases.record(who, draft, purchase_id), effect

    def _refund(self, who: str) -> Work:
        known = self.people.get(who)
        which = self.chance.choice([*known.bought] or ["none"]) if known else "none"
        paid = known.bought.get(which) if known else None
        left = paid.cents - paid.refunded if paid else 0
        back = self.chance.choice([None, left, left // 2, left + 1])
        currency = paid.currency if paid else "EUR"

        def effect() -> None:
            assert known is not None
            now = known.bought[which]
            more = now.cents - now.refunded if back is None else back
            known.bought[which] = replace(now, refunded=now.refunded + more)

        wanted = None if back is None else Money(currency, back * COIN)
        return self.ledger.purchases.refund(who, which, wanted, "x"), effect

    def _state(self, who: str) -> Work:
        chance, customers = self.chance, self.ledger.customers
        stated = Customer(
            "",
            display_name="x",
            party=chance.choice([None, Person(), Organization()]),
            phones=chance.choice([(), ("+48221234567",)]),
            preferences=chance.choice([Preferences(), Preferences(marketing_consent=False)]),
            acquisition=Acquisition(referrer=chance.choice([None, *IDS])),
        )

        def effect() -> None:
            self.people.setdefault(who, Known()).state(stated)

        if who not in self.people:
            return customers.create(stated, who), effect
        return customers.update(who, None, lambda old: replace(stated, id=old.id), False), effect

    def _delete(self, who: str) -> Work:
        return self.ledger.customers.delete(who, None), lambda: setattr(self.people[who], "deleted", True)

    def _undelete(self, who: str) -> Work:
        return self.ledger.customers.undelete(who), lambda: setattr(self.people[who], "deleted", False)

    def _erase(self, who: str) -> Work:
        def effect() -> None:
            self.people[who].erase()

        return self.ledger.customers.erase(who), effect
