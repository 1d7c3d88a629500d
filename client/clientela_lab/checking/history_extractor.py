"""Extracts the checker's history, invocations and outcomes, from a recording's calls.

An intent is identified by the purchase's note (of a refund, the reason), and by the request id only where
there is none: a client that makes a new request id for each attempt has one intent and sends two requests.
Read next: checker.py.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from google.rpc import code_pb2

from clientela_lab.checking.history import Event, Row
from clientela_lab.checking.money import nanos_of
from clientela_lab.checking.recorded_calls import RecordedCall

_CODES = {number: name for name, number in code_pb2.Code.items()}
_CURRENCY = "EUR"
# By the RPC's name without its service, which was another one in recordings of older versions.
_OF_RECORDS = {
    "CreateCustomer": "create",
    "UpdateCustomer": "update",
    "DeleteCustomer": "update",
    "UndeleteCustomer": "update",
    "UpdatePolicy": "update",
    "CreateSegment": "create",
    "UpdateSegment": "update",
    "DeleteSegment": "update",
    "RecordSpend": "create",
    "DeleteSpend": "update",
}


def extract_history(
    calls: Iterable[RecordedCall], rows: Iterable[Row], unrecorded: Container[str] = ()
) -> list[Event]:
    """Return the history of a run, in the order of the recording.

    rows: the ledger's. unrecorded: the keys of requests that went past the proxy. Entries of these, and
    entries without a key, get an invocation of unknown outcome.
    """
    placed = [(0, event) for event in _declared(rows, unrecorded)]
    for call in calls:
        for number, request in call.requests:
            placed += _of_request(call, number, request)
    return [event for _, event in sorted(placed, key=lambda each: each[0])]


def _declared(rows: Iterable[Row], unrecorded: Container[str]) -> Iterator[Event]:
    for row in rows:
        if row.key in unrecorded or row.key == key_of_entry(row.revision):
            yield _invoke(f"unseen {row.revision}", "update", row.key, row.cust, row.amount)


def key_of_entry(revision: int) -> str:
    """Return the key that stands for an entry without one."""
    return f"entry {revision}"


def subject_of(name: str) -> str:
    """Return the customer's id in a resource's name, or else the name itself."""
    kind, _, rest = name.partition("/")
    return rest.partition("/")[0] if kind == "customers" else name


def intent_key(request: Any) -> str:
    """Return the key of a request's intent, the same for each attempt: the note, or the request id."""
    said = request.purchase.note if hasattr(request, "purchase") else getattr(request, "reason", "")
    return str(said or getattr(request, "request_id", "").lower())


def _of_request(call: RecordedCall, number: int, request: Any) -> Iterator[tuple[int, Event]]:
    if getattr(request, "validate_only", False):
        return
    for place, (invoke, outcome) in enumerate(_writes_and_reads(call, request)):
        invoke["n"] = f"{call.number} {number} {place}"
        yield number, invoke
        ended = call.ended if call.status else 0
        if ended and outcome is not None:
            yield ended, {**invoke, **outcome}


def _writes_and_reads(call: RecordedCall, request: Any) -> Iterator[tuple[Event, Event | None]]:
    """Yield the invocation and the outcome, if it is known, of each write or read in a request."""
    method = call.method
    if method == "PurchaseService.RecordPurchase":
        yield _buy(call, request)
    elif method == "PurchaseService.RefundPurchase" and request.HasField("amount"):
        yield _refund(call, request)
    elif method == "PurchaseService.ImportPurchases":
        yield from _items(call, request, _bought)
    elif method == "CustomerService.ImportCustomers":
        yield from _items(call, request, _registered)
    elif method == "CustomerService.GetCustomer":
        yield _read(call, request)
    elif _rpc_of(method) in _OF_RECORDS and request.request_id:
        yield _record(call, request)


def _rpc_of(method: str) -> str:
    return method.rpartition(".")[2]


def _buy(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    key = intent_key(request)
    cust = request.parent.split("/")[1]
    return _invoke("", "buy", key, cust, nanos_of(request.purchase.amount)), _outcome(call)


def _refund(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    key, cust = intent_key(request), request.name.split("/")[1]
    return _invoke("", "refund", key, cust, -nanos_of(request.amount)), _outcome(call)


def _record(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    name, etag = _record_of(request)
    invoke = _invoke("", _OF_RECORDS[_rpc_of(call.method)], request.request_id.lower(), subject_of(name), 0)
    # Without an etag it applies to any version: a unique one keeps it out of the check of versions.
    return {**invoke, "etag": etag or request.request_id.lower()}, _outcome(call, name)


def _record_of(request: Any) -> tuple[str, str]:
    """Return the name of the record that a request writes, and the etag that it sends."""
    if hasattr(request, "policy"):
        return "policy", request.policy.etag
    for kind in ("customer", "segment", "spend"):
        if hasattr(request, kind):
            record = getattr(request, kind)
            name = record.name or f"{kind}s/{getattr(request, f'{kind}_id')}"
            return name, getattr(record, "etag", "")
    return request.name, getattr(request, "etag", "")


def _read(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    invoke = _invoke("", "read", "", request.name.split("/")[-1], 0)
    if call.status != "OK" or not call.answers:
        return invoke, _outcome(call)
    answer: Any = call.answers[-1][1]
    total = sum(nanos_of(each.amount) for each in answer.totals if each.currency_code == _CURRENCY)
    return invoke, {"ev": "ok", "total": total, "rev": call.revision}


def _items(
    call: RecordedCall, request: Any, told_by: Callable[[Any], tuple[Event, str]]
) -> Iterator[tuple[Event, Event | None]]:
    """Yield the invocation and the outcome of each item of an import; none if its name is the server's."""
    rejected = _rejected(call)
    for item in request.items:
        invoke, name = told_by(item)
        if call.status == "OK" and item.request_id not in rejected:
            yield invoke, {"ev": "ok", "id": name, "rev": None} if name else None
        else:
            yield invoke, {"ev": "err", "code": rejected.get(item.request_id, call.status)}


def _bought(item: Any) -> tuple[Event, str]:
    """Return the invocation of a purchase that is imported, and the name that it gets."""
    cust = (item.customer or item.purchase.name).split("/")[1]
    name = item.purchase.name or f"customers/{cust}/purchases/{item.request_id.replace('-', '').lower()}"
    return _invoke("", "import", intent_key(item), cust, nanos_of(item.purchase.amount)), name


def _registered(item: Any) -> tuple[Event, str]:
    """Return the invocation of a customer that is imported, and the name that it gets, if it says one."""
    key = item.request_id.lower()
    name = f"customers/{item.customer_id}" if item.customer_id else ""
    return {**_invoke("", "create", key, item.customer_id, 0), "etag": key}, name


def _rejected(call: RecordedCall) -> dict[str, str]:
    answer: Any = call.answers[-1][1] if call.answers else None
    return {} if answer is None else {each.request_id: _CODES[each.status.code] for each in answer.rejected}


def _outcome(call: RecordedCall, name: str = "") -> Event:
    """Return a call's outcome. Only a purchase's answer names its own entry's revision.

    name: the record's, where the answer has none.
    """
    if call.status != "OK" or not call.answers:
        return {"ev": "err", "code": call.status}
    answer: Any = call.answers[-1][1]
    return {"ev": "ok", "id": getattr(answer, "name", name), "rev": getattr(answer, "revision", None)}


def _invoke(number: str, op: str, key: str, cust: str, amount: int) -> Event:
    return {"ev": "invoke", "n": number, "op": op, "key": key, "cust": cust, "amount": amount}
