"""What a writer may want: each a request with its key, and how it stands in the history.

An intent is sent until its end is known or nobody cares any more; always the same bytes, so that the key may
do its work.
"""

import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from google.type.money_pb2 import Money

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.checking.money import NANOS
from tests.rpc.callers import Caller, Method

# What an answer says, as the history keeps it.
Answer = dict[str, Any]


@dataclass
class Intent:
    """A request, the method that takes it, and what the history is told of it."""

    method: Method
    request: Any
    op: str
    cust: str
    key: str = ""
    amount: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    def outcome(self, answer: Any, revision: int) -> Answer:
        """What an answer says, as the history keeps it."""
        if self.op == "read":
            total = sum(nanos_of(each.amount) for each in answer.totals)
            return {"rev": revision, "total": total, "etag": answer.etag}
        if isinstance(answer, ppb.Purchase):
            return {"id": answer.name, "rev": answer.revision}
        return {"id": answer.name, "rev": revision, "etag_after": answer.etag}


def new_key(chance: random.Random) -> str:
    """A request id that the seed decides."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def nanos_of(money: Any) -> int:
    """The nanos of an amount."""
    nanos: int = money.units * NANOS + money.nanos
    return nanos


def money_of(nanos: int) -> Money:
    """An amount in euros, also below zero."""
    sign = -1 if nanos < 0 else 1
    units, rest = divmod(abs(nanos), NANOS)
    return Money(currency_code="EUR", units=sign * units, nanos=sign * rest)


def create(caller: Caller, cust: str, key: str) -> Intent:
    """Register a customer."""
    request = cpb.CreateCustomerRequest(
        customer=cpb.Customer(display_name=cust), customer_id=cust, request_id=key
    )
    return Intent(caller.customers.CreateCustomer, request, "create", cust, key)


def buy(caller: Caller, cust: str, key: str, amount: int) -> Intent:
    """Record a purchase; an amount below zero is refused."""
    purchase = ppb.Purchase(amount=money_of(amount))
    request = ppb.RecordPurchaseRequest(parent=f"customers/{cust}", purchase=purchase, request_id=key)
    return Intent(caller.purchases.RecordPurchase, request, "buy", cust, key, amount)


def reuse(caller: Caller, used: Intent) -> Intent:
    """Try another purchase under a key that was acknowledged: to be refused."""
    other = buy(caller, used.cust, used.key, used.amount + NANOS)
    other.op = "reuse"
    return other


def refund(caller: Caller, cust: str, key: str, purchase: str, amount: int) -> Intent:
    """Give back a whole purchase."""
    request = ppb.RefundPurchaseRequest(
        name=purchase, amount=money_of(amount), reason="broken", request_id=key
    )
    return Intent(caller.purchases.RefundPurchase, request, "refund", cust, key, -amount)


def read(caller: Caller, cust: str) -> Intent:
    """Read a customer with its totals."""
    request = cpb.GetCustomerRequest(name=f"customers/{cust}")
    return Intent(caller.customers.GetCustomer, request, "read", cust)


def update(caller: Caller, cust: str, key: str, etag: str) -> Intent:
    """Change a customer, if it still is the version that was seen."""
    customer = cpb.Customer(name=f"customers/{cust}", patron=key, etag=etag)
    request = cpb.UpdateCustomerRequest(customer=customer, request_id=key)
    return Intent(caller.customers.UpdateCustomer, request, "update", cust, key, facts={"etag": etag})
