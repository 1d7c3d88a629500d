"""Recognises the items that most imports consist of: a customer, a request id, an amount, a time, enums.

Why: the contract's rules (protovalidate) take as long for one item as all else that is done with it before it
is written. What is recognised here breaks none of them; of all else they alone decide, and they word each
refusal. Read next: `rpc/gate/validation`.
"""

import re

from clientela.v1 import purchases_pb2 as pb

_CUSTOMER = re.compile(r"customers/[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?").fullmatch
# In lower case, as request ids are kept.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_CURRENCY = re.compile(r"[A-Z]{3}").fullmatch
_ENUMS = frozenset(
    (purpose, path, source)
    for purpose in pb.PurchasePurpose.values()
    for path in pb.SalesPath.values()
    for source in pb.PurchaseSource.values()
)
_NANOS = range(1_000_000_000)


def is_plain(item: pb.ImportItem, size: int) -> bool:
    """Return whether an item of so many bytes is one of those, and keeps every rule of the contract."""
    purchase = item.purchase
    amount = purchase.amount
    return bool(
        size < 1024
        and not (purchase.lines or purchase.name or purchase.note)
        and _UUID(item.request_id)
        and _CUSTOMER(item.customer)
        and _CURRENCY(amount.currency_code)
        and amount.units >= 0
        and amount.nanos in _NANOS
        and (purchase.purpose, purchase.sales_path, purchase.source) in _ENUMS
    )
