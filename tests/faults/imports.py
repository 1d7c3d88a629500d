"""A writer's import: a message of items, each with a key of its own, and each in the history by itself.

The answer counts items and names those that were rejected; the others are in the ledger, under names that are
made of their keys.
"""

from typing import NamedTuple

import grpc
from google.rpc import code_pb2

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
    def name(self) -> str:
        """What it will be called."""
        return f"customers/{self.cust}/purchases/{self.key.replace('-', '')}"

    def message(self) -> ppb.ImportItem:
        """It, for the wire."""
        purchase = ppb.Purchase(amount=money_of(self.amount))
        return ppb.ImportItem(customer=f"customers/{self.cust}", purchase=purchase, request_id=self.key)


def send(caller: Caller, history: History, items: list[Item], timeout_s: float) -> int | str:
    """Send items once; return how many are in the ledger, or the code's name."""
    attempts = [history.invoke("import", key=item.key, cust=item.cust, amount=item.amount) for item in items]
    message = ppb.ImportPurchasesRequest(items=[item.message() for item in items])
    try:
        answer = caller.purchases.ImportPurchases(iter([message]), timeout=timeout_s, wait_for_ready=True)
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
