"""Random ledgers with refunds, several currencies and deleted clients; and their figures in plain Python."""

import datetime
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from clientela_server.domain.cohorts import Cohort, History, Month
from clientela_server.domain.customers import Customer
from clientela_server.domain.days import DAY_US
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft
from clientela_server.domain.rfm import RfmInput
from clientela_server.nouns import NOUNS
from clientela_server.reports.clients import Clients
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.aggregates.revenues import read_part
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.sqlite import SqliteConnection
from tests.store.bare_ledger import NOW_US, Ledger

T = TypeVar("T")
TODAY = NOW_US // DAY_US
# Some are numbers, with and without zeros before them; some are none.
PEOPLE = ("2", "10", "007", "7", "ann", "ben-2", "c.3", "00")
CENT = 10**7
AMOUNTS = (0, CENT, 99 * CENT, 10**9, 12 * 10**9 + 340_000_000, 2**20 * CENT, 10**18)


@dataclass(frozen=True)
class Entry:
    """One purchase: whose, on which day, and nanos of a currency, less what was given back."""

    customer_id: str
    day: int
    currency: str
    amount: int


@dataclass
class Story:
    """Purchases, and who is deleted by now."""

    entries: list[Entry] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)

    def days(self, currency: str, until: int) -> Mapping[str, list[Entry]]:
        """The purchases of each client in a currency, up to a day, in order."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in sorted(self.entries, key=lambda each: each.day):
            if entry.currency == currency and entry.day <= until:
                found[entry.customer_id].append(entry)
        return found

    def bought(self, currency: str, until: int) -> list[RfmInput]:
        """What RFM looks at, in the order of ids."""
        return [
            RfmInput(
                customer_id,
                until - entries[-1].day + 1,
                len(entries),
                sum(entry.amount for entry in entries),
            )
            for customer_id, entries in sorted(self.days(currency, until).items())
            if customer_id not in self.deleted
        ]

    def history(self, currency: str, until: int) -> History:
        """Months and cohorts, by going through all purchases for each."""
        of = self.days(currency, until)
        entries = [entry for each in of.values() for entry in each]
        if not entries:
            return History((), cohorts=(), customers=0, purchases=0, amount=0, repeaters=0)
        born = {customer_id: month(each[0].day) for customer_id, each in of.items()}
        active = defaultdict(set)
        for entry in entries:
            active[month(entry.day)].add(entry.customer_id)
        months = range(min(active), max(active) + 1)
        return History(
            [
                Month(
                    each,
                    sum(month(entry.day) == each for entry in entries),
                    sum(entry.amount for entry in entries if month(entry.day) == each),
                    len(active[each]),
                    sum(first == each for first in born.values()),
                )
                for each in months
            ],
            cohorts=[
                Cohort(
                    cohort,
                    sum(first == cohort for first in born.values()),
                    [sum(born[who] == cohort for who in active[each]) for each in months if each >= cohort],
                )
                for cohort in sorted(set(born.values()))
            ],
            customers=len(of),
            purchases=len(entries),
            amount=sum(entry.amount for entry in entries),
            repeaters=sum(len(each) > 1 for each in of.values()),
        )


def month(day: int) -> int:
    """Count a day's month from January 1970."""
    date = datetime.date(1970, 1, 1) + datetime.timedelta(day)
    return date.year * 12 + date.month - 1970 * 12 - 1


def told(chance: random.Random) -> tuple[Story, Callable[[Ledger], None]]:
    """Make up a story, and what writes it into a ledger."""
    drafts, refunds, story = [], {}, Story(deleted={each for each in PEOPLE if chance.random() < 0.2})
    for place in range(chance.randrange(25)):
        entry = Entry(
            chance.choice(PEOPLE),
            TODAY - chance.choice([0, 1, 5, 29, 31, 60, 400]),
            chance.choice(["EUR", "EUR", "PLN"]),
            chance.choice(AMOUNTS),
        )
        drafts.append((f"p{place}", entry))
        back = chance.choice([0, 0, entry.amount, entry.amount // 3 // CENT * CENT])
        refunds[f"p{place}"] = back
        story.entries.append(Entry(entry.customer_id, entry.day, entry.currency, entry.amount - back))

    def write(ledger: Ledger) -> None:
        ledger.commit([ledger.customers.create(Customer("", display_name="x"), who) for who in PEOPLE])
        ledger.commit([ledger.purchases.record(each.customer_id, _draft(each), key) for key, each in drafts])
        ledger.commit(
            [
                ledger.purchases.refund(each.customer_id, key, Money(each.currency, refunds[key]), "x")
                for key, each in drafts
                if refunds[key]
            ]
        )
        ledger.commit([ledger.customers.delete(who, None) for who in sorted(story.deleted)])

    return story, write


def _draft(entry: Entry) -> Draft:
    bought_us = entry.day * DAY_US + DAY_US // 2 if entry.day < TODAY else entry.day * DAY_US
    return Draft(
        (), Money(entry.currency, entry.amount), bought_us, purpose=0, sales_path=0, source=0, note=None
    )


@contextmanager
def written(folder: Path, write: Callable[[Ledger], None]) -> Iterator[Ledger]:
    """Write a story into a new ledger."""
    connection = SqliteConnection(folder / "ledger.db")
    try:
        migrate(connection)
        make_missing(connection, NOUNS, NOW_US)
        ledger = Ledger(connection)
        write(ledger)
        yield ledger
    finally:
        connection.close()


def scanned(ledger: Ledger, figure: Callable[[Clients], T], at_once: int) -> list[T]:
    """Look at all clients, so many at a time, as reports do."""
    found, after = [], ""
    ledger.connection.begin(write=False)
    try:
        while (part := read_part(ledger.connection, after, at_once)) is not None:
            found.append(figure(Clients(part)))
            after = part.last
    finally:
        ledger.connection.rollback()
    return found
