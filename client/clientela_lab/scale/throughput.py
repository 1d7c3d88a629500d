"""`make scale ARGS=--throughput`: one and two servers on one PostgreSQL, measured in turns.

    callers (one thread) ──┬── server ──┬── PostgreSQL, durable
                           └── server ──┘

Each round measures every setting once: reads and durable writes, spread over customers, with the same number
of callers for one server and for two. "apart" is two servers with a PostgreSQL and a ledger each: the same
writes without turns between them, which shows what one gapless list of revisions costs.
Rule: a figure counts only if every answer was right and the ledgers hold exactly what was acknowledged.
Read next: callers.py, turns.py, figures.py.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from clientela.v1.customers_pb2 import GetCustomerRequest
from clientela.v1.purchases_pb2 import RecordPurchaseRequest
from clientela_client import Client, connect
from clientela_client.messages import Customer, ImportItem, Money, Purchase
from clientela_lab.demo import Check
from clientela_lab.patience import HANG_S
from clientela_lab.scale.callers import Call, Target, WrongAnswer, call_for
from clientela_lab.scale.figures import (
    APART,
    CALLERS,
    OTHERS,
    POSTGRES,
    READS_1,
    READS_2,
    SERVERS,
    WRITES_1,
    WRITES_2,
    Figures,
    Slice,
)
from clientela_lab.scale.processor_time import all_processors_s, family_processor_s, is_known, processor_s
from clientela_lab.scale.turns import Turns
from clientela_lab.servers.local_postgres import LocalPostgres
from clientela_lab.servers.local_server import LocalServer

_GET = "/clientela.v1.CustomerService/GetCustomer"
_RECORD = "/clientela.v1.PurchaseService/RecordPurchase"
_SEED = 7
_BATCHES = "SELECT count(DISTINCT commit_us) FROM journal"
_GAPS = "SELECT max(revision) - count(*) FROM journal"
_NO_LIMIT = ("--calls-per-second", "0")
# The seconds that the servers, PostgreSQL, and all programs together have taken so far.
Processors = tuple[float, float, float]


@dataclass(frozen=True)
class Plan:
    """How much is measured. seconds: of each setting in each round; callers: calls in flight."""

    rounds: int = 5
    seconds: float = 1.2
    callers: int = 64
    customers: int = 2000


@dataclass(frozen=True)
class Setting:
    """Which servers are called for what; servers by their place: the first two share a ledger."""

    name: str
    path: str
    servers: tuple[int, ...]


SETTINGS = (
    Setting(READS_1, _GET, (0,)),
    Setting(READS_2, _GET, (0, 1)),
    Setting(WRITES_1, _RECORD, (0,)),
    Setting(WRITES_2, _RECORD, (0, 1)),
    Setting(APART, _RECORD, (0, 2)),
)


def run(plan: Plan) -> bool:
    """Measure and print it; True where the ledgers hold exactly what was acknowledged."""
    if not is_known():
        print("--throughput needs Linux: it reads processor times from /proc")
        return False
    with ExitStack() as stack:
        bench = Bench(stack, plan)
        try:
            for setting in SETTINGS:
                bench.measure(setting)  # until statements are planned, and pages in memory
            slices = [bench.measure(setting) for _ in range(plan.rounds) for setting in SETTINGS]
        except WrongAnswer as error:
            print(f"nothing is measured: {error}")
            return False
        figures = Figures(slices)
        print(f"{figures.cores} cores, {plan.callers} calls in flight, medians of {plan.rounds} rounds\n")
        print(f"{figures.shown()}\n", flush=True)
        return bench.verify()


class Bench:
    """Two PostgreSQL: servers 0 and 1 share the ledger of the first, server 2 has that of the second."""

    def __init__(self, stack: ExitStack, plan: Plan) -> None:
        self._plan = plan
        self._random = random.Random(_SEED)
        self.acknowledged = 0
        self._postgres = [stack.enter_context(LocalPostgres(durable=True)) for _ in range(2)]
        self._ledgers = [postgres.new_ledger() for postgres in self._postgres]
        databases = (self._ledgers[0], self._ledgers[0], self._ledgers[1])
        self._servers = [
            stack.enter_context(LocalServer(*_NO_LIMIT, database=database)) for database in databases
        ]
        tokens = [self._servers[n].token for n in (0, 0, 2)]
        self._doors = [(server.address, token) for server, token in zip(self._servers, tokens, strict=True)]
        for server in (0, 2):
            self._add_customers(server)
        self._calls = {_GET: self._reads(), _RECORD: self._writes()}

    def measure(self, setting: Setting) -> Slice:
        """Measure a setting once, with what it took of the processors and the committers' time."""
        targets = [Target(*self._doors[n], path=setting.path) for n in setting.servers]
        batches, before = self._count(_BATCHES), self._processors(setting)
        with Turns([postgres.url for postgres in self._postgres], len(targets)) as turns:
            answered = call_for(targets, self._calls[setting.path], self._plan.callers, self._plan.seconds)
        after = self._processors(setting)
        self.acknowledged += answered.calls if setting.path == _RECORD else 0
        return Slice(
            setting.name,
            calls=answered.calls,
            seconds=answered.seconds,
            batches=self._count(_BATCHES) - batches,
            servers=len(targets),
            cpu_s=_shares(before, after, answered.generator_s),
            turns=turns.shares(),
        )

    def verify(self) -> bool:
        """Count what is in both ledgers, as a client reads it and as PostgreSQL has it; print it."""
        check, kept = Check(), 0
        for server in (1, 2):
            with self._client(server) as client:
                kept += sum(1 for _ in client.purchases.export("customers/-"))
        wanted = self.acknowledged + len(self._ledgers) * self._plan.customers
        check.that("purchases in the ledgers, as many as acknowledged", wanted, kept)
        check.that("revisions that are missing", 0, self._count(_GAPS))
        return check.all_right

    def _client(self, server: int) -> Client:
        address, token = self._doors[server]
        return connect(address, token=token, timeout_s=HANG_S)

    def _count(self, statement: str) -> int:
        pairs = zip(self._postgres, self._ledgers, strict=True)
        return sum(postgres.execute(statement, ledger)[0][0] for postgres, ledger in pairs)

    def _processors(self, setting: Setting) -> Processors:
        servers = sum(processor_s(self._servers[n].pid) for n in setting.servers)
        postgres = sum(family_processor_s(postgres.pid) for postgres in self._postgres)
        return servers, postgres, all_processors_s()

    def _add_customers(self, server: int) -> None:
        """Add the customers, each with a purchase.

        Beside theirs what is written later is small: else the kinds of many would change by the second, and
        the servers correct them between the calls.
        """
        items = (
            ImportItem(customer=name, purchase=_purchase(1000 + 100 * place))
            for place, name in enumerate(self._customers())
        )
        with self._client(server) as client:
            client.purchases.import_(items, timeout_s=HANG_S)

    def _customers(self) -> list[str]:
        return [f"customers/c{number}" for number in range(self._plan.customers)]

    def _reads(self) -> Iterator[Call]:
        requests = [
            (GetCustomerRequest(name=name).SerializeToString(), Customer(name=name).SerializeToString())
            for name in self._customers()
        ]
        while True:
            yield self._random.choice(requests)

    def _writes(self) -> Iterator[Call]:
        bought = [RecordPurchaseRequest(parent=name, purchase=_purchase(1)) for name in self._customers()]
        requests = [(request.SerializeToString(), f"{request.parent}/".encode()) for request in bought]
        while True:
            request, wanted = self._random.choice(requests)
            request_id = str(UUID(int=self._random.getrandbits(128), version=4))
            # Two encoded messages, one behind the other, are one message.
            yield request + RecordPurchaseRequest(request_id=request_id).SerializeToString(), wanted


def _purchase(euros: int) -> Purchase:
    return Purchase(amount=Money(currency_code="EUR", units=euros))


def _shares(before: Processors, after: Processors, callers_s: float) -> dict[str, float]:
    """Return who took how much processor time meanwhile."""
    servers, postgres, everything = (later - earlier for earlier, later in zip(before, after, strict=True))
    others = max(0.0, everything - servers - postgres - callers_s)
    return {SERVERS: servers, POSTGRES: postgres, CALLERS: callers_s, OTHERS: others}
