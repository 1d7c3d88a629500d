"""A writer's import: a message of items, each with a key of its own, and each in the history by itself.

The answer counts items and names those that were rejected; the others are in the ledger, under names that are
made of their keys.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import grpc
from google.rpc import code_pb2

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.checking.history import History
from tests.faults.intents import money_of
from tests.rpc.callers import Caller

_CODES = {number: name for name, number in code_pb2.Code.items()}


class Item(NamedTuple):
    """A purchase to be imported."""

    cust: str
    key: str
    amount: int

    @property
    def facts(self) -> dict[str, Any]:
        """How it stands in the history."""
        return {"op": "import", "key": self.key, "cust": self.cust, "amount": self.amount}

    @property
    def name(self) -> str:
        """What it will be called."""
        return f"customers/{self.cust}/purchases/{self.key.replace('-', '')}"

    def message(self) -> ppb.ImportItem:
        """It, for the wire."""
        purchase = ppb.Purchase(amount=money_of(self.amount))
        return ppb.ImportItem(customer=f"customers/{self.cust}", purchase=purchase, request_id=self.key)

    @staticmethod
    def ask(caller: Caller, items: Sequence["Item"], timeout_s: float) -> Any:
        """Have items imported."""
        message = ppb.ImportPurchasesRequest(items=[item.message() for item in items])
        return caller.purchases.ImportPurchases(iter([message]), timeout=timeout_s, wait_for_ready=True)


class NewCustomer(NamedTuple):
    """A customer to be imported."""

    cust: str
    key: str

    @property
    def facts(self) -> dict[str, Any]:
        """How it stands in the history."""
        return {"op": "create", "key": self.key, "cust": self.cust, "amount": 0}

    @property
    def name(self) -> str:
        """What it will be called."""
        return f"customers/{self.cust}"

    def message(self) -> cpb.CustomerItem:
        """It, for the wire."""
        customer = cpb.Customer(display_name=self.cust)
        return cpb.CustomerItem(customer=customer, customer_id=self.cust, request_id=self.key)

    @staticmethod
    def ask(caller: Caller, items: Sequence["NewCustomer"], timeout_s: float) -> Any:
        """Have customers imported."""
        message = cpb.ImportCustomersRequest(items=[item.message() for item in items])
        return caller.customers.ImportCustomers(iter([message]), timeout=timeout_s, wait_for_ready=True)


def send(
    caller: Caller, history: History, items: Sequence[Item | NewCustomer], timeout_s: float
) -> int | str:
    """Send items once; return how many are in the ledger, or the code's name."""
    attempts = [history.invoke(**item.facts) for item in items]
    try:
        answer = items[0].ask(caller, items, timeout_s)  # type: ignore[arg-type]
    except grpc.RpcError as error:
        for attempt in attempts:
            attempt.err(error.code().name)
        return str(error.code().name)
    rejected = {each.index: _CODES[each.status.code] for each in answer.rejected}
    for index, (item, attempt) in enumerate(zip(items, attempts, strict=True)):
        if index in rejected:
            attempt.err(rejected[index])
        else:
            attempt.ok(id=item.name, rev=None)
    return len(items) - len(rejected)
