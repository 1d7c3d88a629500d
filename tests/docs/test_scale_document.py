"""The routing of docs/scale.md, its lines run as they stand there, on two servers with a ledger each."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest

from clientela_client import Client
from clientela_client.messages import Customer, Money, Purchase
from clientela_lab.servers.local_server import LocalServer
from tests.docs.copied import ROOT

DOCUMENT = (ROOT / "docs/scale.md").read_text("utf-8")
PURCHASE = Purchase(amount=Money(currency_code="EUR", units=1))
NAMES = [f"customers/c{number}" for number in range(12)]
REQUEST_ID = str(UUID(int=7, version=4))
ShardOf = Callable[[str], Client]


@pytest.fixture(scope="module")
def shard_of() -> Iterator[ShardOf]:
    """The document's function, with every customer of NAMES in the shard that it gives."""
    [block] = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    with ExitStack() as stack:
        servers = [stack.enter_context(LocalServer()) for _ in range(2)]
        for number, server in enumerate(servers):
            block = block.replace(f'"ledger-{number}.example:50051"', repr(server.address))
        block = block.replace("connect(address)", "connect(address, token=TOKENS[address])")
        names: dict[str, object] = {"TOKENS": {server.address: server.token for server in servers}}
        exec(block, names)
        for client in names["clients"]:  # type: ignore[attr-defined]
            stack.callback(client.close)
        routed: ShardOf = names["shard_of"]  # type: ignore[assignment]
        for name in NAMES:
            customer = Customer(display_name=name)
            routed(name).customers.create(customer, customer_id=name.partition("/")[2])
        yield routed


def test_each_customer_is_in_one_shard_and_both_shards_have_some(shard_of: ShardOf) -> None:
    shards = {shard_of(name) for name in NAMES}
    held = [[customer.name for customer in shard.customers.list()] for shard in shards]

    assert len(shards) == 2
    assert sorted(name for names in held for name in names) == sorted(NAMES)


def test_a_purchase_is_found_by_its_own_name(shard_of: ShardOf) -> None:
    for name in NAMES:
        bought = shard_of(name).purchases.record(name, PURCHASE)
        assert shard_of(bought.name).purchases.get(bought.name) == bought


def test_a_retry_records_once_in_the_same_shard_and_again_in_another(shard_of: ShardOf) -> None:
    name = NAMES[0]
    own = shard_of(name)
    [other] = {shard_of(each) for each in NAMES} - {own}
    before = len(list(own.purchases.list(name)))
    for _ in range(2):
        own.purchases.record(name, PURCHASE, request_id=REQUEST_ID)
    other.customers.create(Customer(display_name=name), customer_id=name.partition("/")[2])
    other.purchases.record(name, PURCHASE, request_id=REQUEST_ID)

    assert len(list(own.purchases.list(name))) == before + 1
    assert len(list(other.purchases.list(name))) == 1
