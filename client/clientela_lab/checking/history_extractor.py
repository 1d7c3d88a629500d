"""The history of a recording: what clients asked and were told, as the checker wants it.

What a client meant is known by the note that it gave a purchase (of a refund, the reason), and only where
there is none by the request id: a request id is what the server knows it by, and a client that makes a new
one for each attempt means one thing and asks for two.
Read next: checker.py.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from google.rpc import code_pb2

from clientela_lab.checking.history import Event, Row
from clientela_lab.checking.money import nanos_of
from clientela_lab.checking.recorded_calls import RecordedCall

_CODES = {number: name for name, number in code_pb2.Code.items()}
_CURRENCY = "EUR"
_OF_RECORDS = {
    "CustomerService.CreateCustomer": "create",
    "CustomerService.UpdateCustomer": "update",
    "CustomerService.DeleteCustomer": "update",
    "CustomerService.UndeleteCustomer": "update",
    "InsightService.UpdatePolicy": "update",
    "InsightService.CreateSegment": "create",
    "InsightService.UpdateSegment": "update",
    "InsightService.DeleteSegment": "update",
    "InsightService.RecordSpend": "create",
    "InsightService.DeleteSpend": "update",
}


def history(calls: Iterable[RecordedCall], rows: Iterable[Row], unseen: Container[str] = ()) -> list[Event]:
    """Write the history of a run, in the order in which things passed the proxy.

    rows: the ledger's. unseen: the keys of what was asked for past the proxy. Such entries, and those
    that carry no key at all, are declared as asked for by somebody of whom nothing more is known.
    """
    placed = [(0, event) for event in _declared(rows, unseen)]
    for call in calls:
        for number, request in call.requests:
            placed += _of_request(call, number, request)
    return [event for _, event in sorted(placed, key=lambda each: each[0])]


def _declared(rows: Iterable[Row], unseen: Container[str]) -> Iterator[Event]:
    for row in rows:
        if row.key in unseen or row.key == anonymous(row.revision):
            yield _invoke(f"unseen {row.revision}", "update", row.key, row.cust, row.amount)


def anonymous(revision: int) -> str:
    """Give the key of an entry that carries none."""
    return f"entry {revision}"


def concerned(name: str) -> str:
    """Tell whom a resource's name is about: a customer's id, or else the name as it is."""
    kind, _, rest = name.partition("/")
    return rest.partition("/")[0] if kind == "customers" else name


def meant(request: Any) -> str:
    """Tell what stands for the thing that a client wants, however often it asks for it."""
    said = request.purchase.note if hasattr(request, "purchase") else getattr(request, "reason", "")
    return str(said or getattr(request, "request_id", "").lower())


def _of_request(call: RecordedCall, number: int, request: Any) -> Iterator[tuple[int, Event]]:
    if getattr(request, "validate_only", False):
        return
    for place, (invoke, outcome) in enumerate(_writes_and_reads(call, request)):
        invoke["n"] = f"{call.call} {number} {place}"
        yield number, invoke
        ended = call.ended if call.status else 0
        if ended:
            yield ended, {**invoke, **outcome}


def _writes_and_reads(call: RecordedCall, request: Any) -> Iterator[tuple[Event, Event]]:
    """Give for each thing that was asked for how it was invoked, and how it ended."""
    method = call.method
    if method == "PurchaseService.RecordPurchase":
        yield _buy(call, request)
    elif method == "PurchaseService.RefundPurchase" and request.HasField("amount"):
        yield _refund(call, request)
    elif method == "PurchaseService.ImportPurchases":
        yield from _imports(call, request)
    elif method == "CustomerService.GetCustomer":
        yield _read(call, request)
    elif method in _OF_RECORDS and request.request_id:
        yield _record(call, request)


def _buy(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    key = meant(request)
    cust = request.parent.split("/")[1]
    return _invoke("", "buy", key, cust, nanos_of(request.purchase.amount)), _outcome(call)


def _refund(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    key, cust = meant(request), request.name.split("/")[1]
    return _invoke("", "refund", key, cust, -nanos_of(request.amount)), _outcome(call)


def _record(call: RecordedCall, request: Any) -> tuple[Event, Event]:
    name, etag = _record_of(request)
    invoke = _invoke("", _OF_RECORDS[call.method], request.request_id.lower(), concerned(name), 0)
    # Without a version it takes whichever is there: no two of those are about the same.
    return {**invoke, "etag": etag or request.request_id.lower()}, _outcome(call, name)


def _record_of(request: Any) -> tuple[str, str]:
    """Tell the name of the record that a request is to write, and the version that it was read in."""
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


def _imports(call: RecordedCall, request: Any) -> Iterator[tuple[Event, Event]]:
    rejected = _rejected(call)
    for item in request.items:
        cust = (item.customer or item.purchase.name).split("/")[1]
        name = item.purchase.name or f"customers/{cust}/purchases/{item.request_id.replace('-', '').lower()}"
        key = meant(item)
        invoke = _invoke("", "import", key, cust, nanos_of(item.purchase.amount))
        if call.status == "OK" and item.request_id not in rejected:
            yield invoke, {"ev": "ok", "id": name, "rev": None}
        else:
            yield invoke, {"ev": "err", "code": rejected.get(item.request_id, call.status)}


def _rejected(call: RecordedCall) -> dict[str, str]:
    answer: Any = call.answers[-1][1] if call.answers else None
    return {} if answer is None else {each.request_id: _CODES[each.status.code] for each in answer.rejected}


def _outcome(call: RecordedCall, name: str = "") -> Event:
    """A purchase tells its own revision; what another record's answer reflects may be later than its entry.

    name: the record's, where the answer does not tell it.
    """
    if call.status != "OK" or not call.answers:
        return {"ev": "err", "code": call.status}
    answer: Any = call.answers[-1][1]
    return {"ev": "ok", "id": getattr(answer, "name", name), "rev": getattr(answer, "revision", None)}


def _invoke(number: str, op: str, key: str, cust: str, amount: int) -> Event:
    return {"ev": "invoke", "n": number, "op": op, "key": key, "cust": cust, "amount": amount}
