"""What a customer's ledger comes to, gone through from the first entry; and what the server keeps of it."""

from collections import defaultdict
from dataclasses import dataclass

from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.making import read_customer


@dataclass
class Sum:
    """What the ledger says of one currency."""

    count: int = 0
    nanos: int = 0
    first: int = 2**63
    last: int = -(2**63)


def recomputed(caller: Caller, name: str) -> dict[str, Sum]:
    """Go through a customer's whole ledger."""
    sums: dict[str, Sum] = defaultdict(Sum)
    export = caller.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent=name))
    for entry in (purchase for page in export for purchase in page.purchases):
        total = sums[entry.amount.currency_code]
        value = entry.amount.units * 10**9 + entry.amount.nanos
        if entry.HasField("refund_of"):
            total.nanos -= value
        else:
            time = entry.purchase_time.ToMicroseconds()
            total.count, total.nanos = total.count + 1, total.nanos + value
            total.first, total.last = min(total.first, time), max(total.last, time)
    return dict(sums)


def kept(caller: Caller, name: str) -> dict[str, Sum]:
    """Read what the server keeps."""
    return {
        each.currency_code: Sum(
            each.purchase_count,
            each.amount.units * 10**9 + each.amount.nanos,
            each.first_purchase_time.ToMicroseconds(),
            each.last_purchase_time.ToMicroseconds(),
        )
        for each in read_customer(caller, name).totals
    }
