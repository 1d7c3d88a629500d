"""`make scale`: two servers, one PostgreSQL, Envoy in front; one server is killed under load.

    clients ── Envoy ──┬── server ──┬── PostgreSQL
                       └── server ──┘

Prediction: the servers share the calls, no call fails, and each purchase is in the ledger once. For a call
whose answer was lost with its server is made again by the SDK, under the same request id, and the other
server knows from the database what became of the first.
Read next: local_envoy.py, local_postgres.py, local_server.py.
"""

import json
import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

from clientela_client import CallError, Client, connect
from clientela_client.harmless import one_line
from clientela_client.messages import Customer, Money, Purchase
from clientela_lab.demo import Check
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_envoy import LocalEnvoy
from clientela_lab.servers.local_postgres import LocalPostgres
from clientela_lab.servers.local_server import LocalServer

_CUSTOMER = "blue-door"
_WORKERS = 8
_RPC = "PurchaseService.RecordPurchase"


@dataclass
class Load:
    """The workers' recorded purchases and failed calls; each answer releases `answers` once."""

    recorded: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    answers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait_for(self, count: int) -> None:
        """Wait until `count` more calls are answered."""
        for _ in range(count):
            if not self.answers.acquire(timeout=HANG_S):
                raise TimeoutError("no answer in time")


def _work(client: Client, load: Load) -> None:
    while not load.stop.is_set():
        try:
            purchase = Purchase(amount=Money(currency_code="EUR", units=1))
            load.recorded.append(client.purchases.record(f"customers/{_CUSTOMER}", purchase).name)
        except CallError as error:
            load.failed.append(str(error))
        load.answers.release()


def _answered(server: LocalServer) -> int:
    """Return how many purchases a server answered, by its log."""
    calls = (json.loads(line) for line in server.log.splitlines() if f'"rpc":"{_RPC}"' in line)
    return sum(1 for call in calls if call.get("code") == "OK")


def run(calls: int) -> bool:
    """Show it, with so many calls before and after the kill; True where every prediction was met."""
    with ExitStack() as stack:
        postgres = stack.enter_context(LocalPostgres(durable=True))
        database = postgres.new_ledger()
        first = stack.enter_context(LocalServer(database=database))
        second = stack.enter_context(LocalServer(database=database))
        envoy = stack.enter_context(LocalEnvoy([first.address, second.address]))
        print(f"PostgreSQL  {database}\nservers     {first.address}  {second.address}")
        print(f"Envoy       {envoy.address}\n", flush=True)
        client = stack.enter_context(connect(envoy.address, token=first.token, timeout_s=HANG_S))
        return _show(client, [first, second], calls)


def _show(client: Client, servers: list[LocalServer], calls: int) -> bool:
    load, check = Load(), Check()
    client.customers.create(Customer(display_name="Blue Door Café"), customer_id=_CUSTOMER)
    workers = [threading.Thread(target=_work, args=(client, load)) for _ in range(_WORKERS)]
    for worker in workers:
        worker.start()
    try:
        load.wait_for(calls)
        servers[1].kill()
        print(f"killed {servers[1].address} under load\n", flush=True)
        load.wait_for(calls)
    finally:
        load.stop.set()
        for worker in workers:
            worker.join()
    servers[0].stop()  # so that its log is whole
    servers[0].start()
    _compare(client, servers, load, check)
    return check.all_right


def _compare(client: Client, servers: list[LocalServer], load: Load, check: Check) -> None:
    answered = [_answered(server) for server in servers]
    in_ledger = Counter(purchase.name for purchase in client.purchases.export(f"customers/{_CUSTOMER}"))
    total = client.customers.get(f"customers/{_CUSTOMER}").totals[0]
    print(f"{len(load.recorded)} purchases recorded; answered by the servers: {answered[0]}, {answered[1]}")
    check.that("calls that failed", 0, len(load.failed))
    for failure in load.failed[:3]:
        print(f"      {one_line(str(failure))}")
    check.that("both servers had their share", True, min(answered) > len(load.recorded) // 10)
    check.that("purchases in the ledger, each once", Counter(load.recorded) == in_ledger, True)
    check.that("counted in the customer's totals", len(load.recorded), total.purchase_count)
