"""How an import is packed into streams, and how their answers add up. No I/O.

Messages are within the server's limits, streams are short enough to be sent again whole.
Read next: _async/imports.py, which sends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from clientela_client.calls.attempt import Call
from clientela_client.calls.requests import method_of
from clientela_client.calls.session import Session
from clientela_client.errors import Facts, Refused

if TYPE_CHECKING:
    from clientela.v1.customers_pb2 import CustomerItem, ImportCustomersRequest, ImportCustomersResponse
    from clientela.v1.purchases_pb2 import ImportItem, ImportPurchasesRequest, ImportPurchasesResponse

MESSAGE_ITEMS_MAX = 1000
MESSAGE_BYTES_MAX = 512 * 1024
STREAM_MESSAGES_FIRST = 1
STREAM_MESSAGES_MAX = 10
REJECTED_MAX = 10_000


def import_messages(
    items: Iterable[CustomerItem | ImportItem],
    like: ImportCustomersRequest | ImportPurchasesRequest,
    session: Session,
) -> Iterator[bytes]:
    """Yield serialized messages of items, each within the server's limits; `like`: without items."""
    request, size = _copy(like), 0
    for item in items:
        item_size = item.ByteSize() + 40  # its tag and length, and a request_id that it may lack
        if len(request.items) == MESSAGE_ITEMS_MAX or size + item_size > MESSAGE_BYTES_MAX:
            yield request.SerializeToString()
            request, size = _copy(like), 0
        request.items.append(item)
        if not item.request_id:
            request.items[-1].request_id = session.new_request_id()
        size += item_size
    if request.items:
        yield request.SerializeToString()


def _copy(like: Any) -> Any:
    request = type(like)()
    request.CopyFrom(like)
    return request


def import_call(
    request: type[ImportCustomersRequest | ImportPurchasesRequest],
    messages: Sequence[bytes],
    timeout_s: float,
) -> Call:
    """Return the call that sends one stream of such requests."""
    return Call(
        method=method_of(request),
        messages=messages,
        writes=True,
        resendable=True,  # every item carries a request_id
        request_id=None,
        timeout_s=timeout_s,
    )


class Packing:
    """Packs the messages of the next stream ahead.

    The first stream has one message, each other twice as many as the one before, up to the most: so the
    server is at work soon, and each is packed while it answers the one before.
    """

    def __init__(self, messages: Iterator[bytes]) -> None:
        self._messages = messages
        self._packed: list[bytes] = []
        self._full = STREAM_MESSAGES_FIRST

    def pack(self) -> bool:
        """Pack one more message; return False when the stream is full, or there is none."""
        if len(self._packed) == self._full or not (message := next(self._messages, None)):
            return False
        self._packed.append(message)
        return True

    def take(self) -> list[bytes]:
        """Return the packed messages; none when all items are sent."""
        packed, self._packed = self._packed, []
        self._full = min(2 * self._full, STREAM_MESSAGES_MAX)
        return packed


def add_answer(total: Any, answer: Any) -> None:
    """Add one stream's response to `total`, of the same type; indexes become those over all items."""
    before = answered_of(total)
    for rejected in answer.rejected:
        rejected.index += before
    counts = {
        name: getattr(total, name) + getattr(answer, name)
        for name in answer.DESCRIPTOR.fields_by_name
        if name.endswith("_count")
    }
    total.MergeFrom(answer)
    for name, count in counts.items():
        setattr(total, name, count)


def answered_of(answer: ImportCustomersResponse | ImportPurchasesResponse) -> int:
    """Return the number of items that a response acknowledges."""
    return answer.imported_count + answer.duplicate_count + len(answer.rejected)


def check_rejected(total: ImportCustomersResponse | ImportPurchasesResponse, call: Call) -> None:
    """Raise Refused beyond the server's bound on rejected items, which here holds for the whole import."""
    if len(total.rejected) > REJECTED_MAX:
        facts = Facts(
            code="FAILED_PRECONDITION",
            message=f"more than {REJECTED_MAX} items were rejected; what was recorded before stays",
            reason="IMPORT_TOO_MANY_REJECTED",
            metadata={"limit": str(REJECTED_MAX)},
        )
        raise Refused(facts, method=call.method.name, request_id=None, attempts=1)
