"""Many writes in one transaction: what an import's message becomes, whatever its items are.

Rules
1. Each item is written, a duplicate, or rejected; one that is rejected costs the others nothing.
2. A duplicate is known by its request id.
3. Check first, write last: what is refused has written nothing.
4. What can be asked about all items is asked once, not for each, and all rows go in together.

Read next: `purchase_imports`, `customer_imports`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeVar

from clientela_server.domain.errors import Refusal
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.journal import find_request, is_request_cached, prefetch_requests
from clientela_server.store.journal.transaction import Transaction


class Item(Protocol):
    """An item, with its place in the stream, and its request id as the caller wrote it."""

    @property
    def place(self) -> int:
        """From 0, over all messages."""
        ...

    @property
    def request_id(self) -> str:
        """The id that it is known by."""
        ...

    @property
    def digest(self) -> bytes:
        """The digest of its whole content."""
        ...

    @property
    def sent_as(self) -> str:
        """The request id before it was brought to lower case."""
        ...


T = TypeVar("T", bound=Item)
# Returns the digest of the item at a place, with its request id in another spelling.
Respelled = Callable[[int, str], bytes]


@dataclass(slots=True)
class Outcome:
    """What became of the items of one message; `rejected` is by place in the stream."""

    imported: int = 0
    duplicates: int = 0
    created_customers: int = 0
    rejected: list[tuple[int, str, Refusal]] = field(default_factory=list)
    revision: int = 0


class MessageWrite(Generic[T]):
    """One message of an import, within a transaction; `context` has the caller and the method."""

    def __init__(self, transaction: Transaction, context: WriteContext, respelled: Respelled) -> None:
        self.transaction = transaction
        self.actor, self._method, *_ = context
        self._respelled = respelled
        self.outcome = Outcome()

    def prefetch(self, items: Sequence[T]) -> list[T]:
        """Look up the request ids of all items with one query; return the items that are not known by it.

        Of an import that is sent again all is known by now; nothing more is looked up for those items.
        """
        prefetch_requests(self.transaction, self.actor, [item.request_id for item in items])
        return [
            item for item in items if not is_request_cached(self.transaction, self.actor, item.request_id)
        ]

    def take(self, items: Sequence[T], write: Callable[[T], bool]) -> Outcome:
        """Write each item, unless it is known; `write` returns False for one that it knows otherwise."""
        outcome = self.outcome
        for item in items:
            try:
                if self._is_known(item) or not write(item):
                    outcome.duplicates += 1
                else:
                    outcome.imported += 1
            except Refusal as refusal:
                outcome.rejected.append((item.place, item.sent_as, refusal))
        outcome.revision = self.transaction.revision
        return outcome

    def context_of(self, item: T) -> WriteContext:
        """Return the context that an item is written under."""
        return WriteContext(self.actor, self._method, item.request_id, item.digest)

    def compared(self, item: T) -> WriteContext:
        """Return the context by which an item is compared with what was written before."""
        return self.context_of(item)._replace(respelled=partial(self._respelled, item.place))

    def _is_known(self, item: T) -> bool:
        """Return whether its request wrote already; AlreadyExists if it was another one under its id."""
        if not is_request_cached(self.transaction, self.actor, item.request_id):
            return False
        return find_request(self.transaction, self.compared(item)) is not None
