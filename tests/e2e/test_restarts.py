"""A server that is stopped and started again on its file, ten times, under the load of real clients.

No call may fail, each purchase that was answered for is in the ledger exactly once, and a watch that was on
all the while has seen the whole journal, in order.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field

import pytest

from clientela_client import Client, connect
from clientela_client.messages import Customer, Money, Purchase
from clientela_lab.local_server import LocalServer

RESTARTS = 10
WORKERS = 4
ANSWERS_BETWEEN = 40


@dataclass
class Load:
    """What the workers did: the names of the purchases answered for, the reads, the errors."""

    stop: threading.Event = field(default_factory=threading.Event)
    progress: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    recorded: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    watched: list[int] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)


def work(client: Client, load: Load) -> None:
    """Record a purchase and read it back, again and again; each success is told to whoever waits."""
    while not load.stop.is_set():
        try:
            amount = Money(currency_code="EUR", units=1)
            recorded = client.purchases.record("customers/ann", Purchase(amount=amount))
            load.recorded.append(recorded.name)
            load.read.append(client.purchases.get(recorded.name).name)
        except BaseException as error:  # noqa: BLE001  whatever it is, it is a failed call
            load.failed.append(error)
        load.progress.release()


def follow(client: Client, load: Load) -> None:
    """Note each change's revision, up to the update that marks the end."""
    try:
        with client.feed.watch(after_revision=0) as changes:
            for change in changes:
                load.watched.append(change.revision)
                if change.method == "CustomerService.UpdateCustomer":
                    return
    except BaseException as error:  # noqa: BLE001  whatever it is, the watch has failed
        load.failed.append(error)


@pytest.mark.timeout(120)
def test_ten_restarts_under_load_fail_no_call_and_lose_and_double_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    load = Load()
    with LocalServer() as server, connect(server.address, token=server.token, timeout_s=30) as client:
        client.customers.create(Customer(display_name="Ann"), customer_id="ann")
        workers = [threading.Thread(target=work, args=(client, load)) for _ in range(WORKERS)]
        watcher = threading.Thread(target=follow, args=(client, load))
        for thread in (watcher, *workers):
            thread.start()
        try:
            exits = [restart_amid(server, load) for _ in range(RESTARTS)]
        finally:
            load.stop.set()
            for worker in workers:
                worker.join()
            client.customers.update(Customer(name="customers/ann", patron="Bob"))
            watcher.join()
        in_ledger = Counter(purchase.name for purchase in client.purchases.export("customers/ann"))
        totals = client.customers.get("customers/ann").totals[0]
    with capsys.disabled():
        print(
            f"\n{RESTARTS} restarts, {WORKERS} workers: {len(load.recorded)} purchases recorded, "
            f"{len(load.read)} read, {len(load.watched)} changes watched, {len(load.failed)} calls failed"
        )
    assert load.failed == []
    assert exits == [0] * RESTARTS
    assert in_ledger == Counter(load.recorded)
    assert load.watched == list(range(1, len(load.recorded) + 3))
    assert totals.purchase_count == totals.amount.units == len(load.recorded)


def restart_amid(server: LocalServer, load: Load) -> int:
    """Restart the server once the workers are at it again."""
    for _ in range(ANSWERS_BETWEEN):
        assert load.progress.acquire(timeout=30)
    return server.restart()
