"""Scripts of the ledger's import and export, in bounded memory.

An import is split into streams, each sent, answered and retried as one call: memory holds one stream and the
next. Read next: purchases.py, whose methods return these requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from clientela.v1.purchases_pb2 import (
    ExportPurchasesRequest,
    ExportPurchasesResponse,
    ImportItem,
    ImportPurchasesRequest,
    ImportPurchasesResponse,
    Purchase,
)
from clientela_client.calls.attempt import ServerStream, attempt_client_stream
from clientela_client.calls.effects import Call, Emit, Emitting, Pause, Script
from clientela_client.calls.requests import call_of, method_of
from clientela_client.calls.retry import Effort, call_with_retries
from clientela_client.calls.session import Session
from clientela_client.errors import Facts, Refused
from clientela_client.failure import Failure

MESSAGE_ITEMS_MAX = 1000
MESSAGE_BYTES_MAX = 512 * 1024
STREAM_MESSAGES_MAX = 10
REJECTED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Export:
    """The request of an export: all purchases at one revision."""

    request: ExportPurchasesRequest
    timeout_s: float

    def script(self, session: Session) -> Emitting[Purchase]:
        """Read one stream to its end; retry only before its first message."""
        effort = Effort(call_of(self.request, self.timeout_s), session)
        server_stream = ServerStream(effort.attempt(), session)
        message = yield from server_stream.first()
        while isinstance(message, Failure):
            yield effort.wait_after(message)
            server_stream = ServerStream(effort.attempt(), session)
            message = yield from server_stream.first()
        effort.answered()
        while message is not None:
            if isinstance(message, Failure):
                raise effort.end(message)
            page = cast(ExportPurchasesResponse, message)
            yield Emit(page.purchases, page.revision)
            message = yield from server_stream.next()


@dataclass(frozen=True, slots=True)
class Import:
    """The request of an import of any number of purchases."""

    items: Iterable[ImportItem]
    create_missing_customers: bool
    on_progress: Callable[[ImportPurchasesResponse], None] | None
    timeout_s: float

    def script(self, session: Session) -> Script[ImportPurchasesResponse]:
        """Send stream after stream and add up the responses; the next is packed while one is sent."""
        total = ImportPurchasesResponse()
        packing = _Packing(self._messages(session))
        yield from packing.pack()
        while batch := packing.take():
            call = self._call(batch)
            sent = partial(attempt_client_stream, session=session, meanwhile=packing.pack)
            _add(total, cast(ImportPurchasesResponse, (yield from call_with_retries(call, session, sent))))
            if self.on_progress is not None:
                self.on_progress(total)
            _check_rejected(total, call)
        return total

    def _call(self, messages: Sequence[bytes]) -> Call:
        return Call(
            method=method_of(ImportPurchasesRequest),
            messages=messages,
            writes=True,
            resendable=True,  # every item carries a request_id
            request_id=None,
            timeout_s=self.timeout_s,
        )

    def _messages(self, session: Session) -> Iterator[bytes]:
        """Yield serialized messages of items, each within the server's limits."""
        request, size = self._empty(), 0
        for item in self.items:
            item_size = item.ByteSize() + 40  # its tag and length, and a request_id that it may lack
            if len(request.items) == MESSAGE_ITEMS_MAX or size + item_size > MESSAGE_BYTES_MAX:
                yield request.SerializeToString()
                request, size = self._empty(), 0
            request.items.append(item)
            if not item.request_id:
                request.items[-1].request_id = session.new_request_id()
            size += item_size
        if request.items:
            yield request.SerializeToString()

    def _empty(self) -> ImportPurchasesRequest:
        return ImportPurchasesRequest(create_missing_customers=self.create_missing_customers)


class _Packing:
    """Packs the messages of the next stream ahead."""

    def __init__(self, messages: Iterator[bytes]) -> None:
        self._messages = messages
        self._packed: list[bytes] = []

    def pack(self) -> Script[None]:
        """Pack one stream's messages, unless they are packed; pause between, so that others run."""
        while len(self._packed) < STREAM_MESSAGES_MAX and (message := next(self._messages, None)):
            self._packed.append(message)
            yield Pause(0)

    def take(self) -> list[bytes]:
        """Return the packed messages; none when all items are sent."""
        packed, self._packed = self._packed, []
        return packed


def _add(total: ImportPurchasesResponse, answer: ImportPurchasesResponse) -> None:
    """Add one stream's response; indexes become those over all items."""
    before = total.imported_count + total.duplicate_count + len(total.rejected)
    for rejected in answer.rejected:
        rejected.index += before
    total.imported_count += answer.imported_count
    total.duplicate_count += answer.duplicate_count
    total.created_customer_count += answer.created_customer_count
    total.rejected.extend(answer.rejected)
    total.revision = answer.revision


def _check_rejected(total: ImportPurchasesResponse, call: Call) -> None:
    """Raise Refused beyond the server's bound on rejected items, which here holds for the whole import."""
    if len(total.rejected) > REJECTED_MAX:
        facts = Facts(
            code="FAILED_PRECONDITION",
            message=f"more than {REJECTED_MAX} items were rejected; what was recorded before stays",
            reason="IMPORT_TOO_MANY_REJECTED",
            metadata={"limit": str(REJECTED_MAX)},
        )
        raise Refused(facts, method=call.method.name, request_id=None, attempts=1)
