"""The journal: the append-only log of accepted writes, and the only write path.

Rules
1. Every accepted write is one entry; revisions are 1, 2, 3, ... without a gap, in the order of commit.
2. An entry and the tables that reads use change in the same transaction.
3. Writes are idempotent by request id (AIP-155): the same id of the same actor returns the first result, with
   no expiry; with another body it is refused. This depends on stored entries alone, never on a clock.
4. Request ids are lower-cased on input (`rpc/gate/validation`). Older servers stored them as sent, so the
   lookup lower-cases, and the digest is compared in the stored spelling.

The feed (entries after a revision), the history (entries of one name) and the audit are derived from it.
Read next: `committer` (the thread), `usecases/customers` and `usecases/purchases` (what writes do).
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from clientela_server.domain.errors import AlreadyExists
from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import Statement, text_list
from clientela_server.store.journal.committer import Committer
from clientela_server.store.journal.entries import ENTRY_COLUMNS, Entry, WriteContext
from clientela_server.store.journal.jobs import Read
from clientela_server.store.journal.transaction import Apply, Transaction

T = TypeVar("T")
PriorWrite = tuple[Entry, bytes | None]
_UNKNOWN: Any = object()

# With both conditions the index on the two is used, which holds only entries that have an id.
_WITH_ID = (journal.c.request_id.is_not(None), journal.c.actor == sa.bindparam("actor"))
_ID = sa.func.lower(journal.c.request_id)
_BY_REQUEST = Statement(
    sa.select(*ENTRY_COLUMNS, journal.c.digest)
    .where(sa.bindparam("request_id") == _ID, *_WITH_ID)
    .order_by(journal.c.revision.desc())
)
_BY_REQUESTS = Statement(
    sa.select(*ENTRY_COLUMNS, journal.c.digest)
    .where(_ID.in_(text_list("request_ids")), *_WITH_ID)
    .order_by(journal.c.revision.desc())
)


def find_request(transaction: Transaction, context: WriteContext) -> Entry | None:
    """Return the entry that a request id already wrote, or None; REQUEST_ID_REUSED for another body.

    Older servers may have written twice under one id: the latest entry with the same digest counts.
    """
    found: Sequence[PriorWrite] = transaction.cached(("request", context.request_id, context.actor), _UNKNOWN)
    if found is _UNKNOWN:
        found = _read_request(transaction, context)
    for entry, digest in found:
        if digest == context.digest_under(entry.request_id):
            return entry
    if found:
        raise AlreadyExists("REQUEST_ID_REUSED", request_id=str(context.request_id))
    return None


def prefetch_requests(transaction: Transaction, actor: str, request_ids: list[str]) -> None:
    """Load the entries of many request ids into the identity map with one query."""
    found: dict[str, list[PriorWrite]] = {}
    for *columns, digest in transaction.read_committed(
        _BY_REQUESTS, {"request_ids": json.dumps(request_ids), "actor": actor}
    ):
        entry = Entry(*columns)
        found.setdefault(str(entry.request_id).lower(), []).append((entry, digest))
    for request_id in request_ids:
        key = ("request", request_id, actor)
        if transaction.cached(key, _UNKNOWN) is _UNKNOWN:
            transaction.cache(key, found.get(request_id, ()))


def _prefetch_requests(transaction: Transaction, wanted: list[tuple[str, str]]) -> None:
    """Load the entries of request ids, each with the actor that sent it."""
    by_actor: dict[str, list[str]] = {}
    for actor, request_id in wanted:
        by_actor.setdefault(actor, []).append(request_id)
    for actor, request_ids in by_actor.items():
        prefetch_requests(transaction, actor, request_ids)


def is_request_cached(transaction: Transaction, actor: str, request_id: str) -> bool:
    """Return whether the identity map holds an entry of this request id."""
    return bool(transaction.cached(("request", request_id, actor)))


def _read_request(transaction: Transaction, context: WriteContext) -> list[PriorWrite]:
    rows = transaction.read_committed(_BY_REQUEST, {"request_id": context.request_id, "actor": context.actor})
    return [(Entry(*columns), digest) for *columns, digest in rows]


def request_digest(secret: bytes, method: str, request: bytes) -> bytes:
    """Return the keyed BLAKE2b digest that identifies a retried request without revealing its content."""
    return hashlib.blake2b(method.encode() + b"\0" + request, key=secret, digest_size=16).digest()


class Journal:
    """The write path of the server, and the notification of readers that wait for new entries."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.closed = False
        self._committer: Committer | None = None
        self._grown = asyncio.Event()

    def attach(self, committer: Committer) -> None:
        """Set the committer; once, at start."""
        self._committer = committer

    @property
    def erasure_pending(self) -> bool:
        """Whether erased data may still be in the write-ahead log, because a reader holds it open."""
        return self._committer is not None and self._committer.truncate_due

    async def write(
        self, context: WriteContext, apply: Apply, *, dry_run: bool = False, reads: Sequence[Read] = ()
    ) -> Entry:
        """Apply a write idempotently; return its entry once it is durable. A dry run is rolled back.

        reads: what it will ask for, so that it is loaded together with what other writes ask for.
        """

        def once(transaction: Transaction) -> Entry:
            if context.request_id is not None:
                done = find_request(transaction, context)
                if done is not None:
                    return done
            return apply(transaction, context)

        if context.request_id is not None:
            reads = (*reads, (_prefetch_requests, (context.actor, context.request_id)))
        assert self._committer is not None
        entry: Entry = await self._committer.submit(once, dry_run=dry_run, reads=reads)
        return entry

    async def write_many(self, apply_all: Callable[[Transaction], T]) -> T:
        """Apply many writes in one transaction; the caller ensures that each is idempotent."""
        assert self._committer is not None
        outcome: T = await self._committer.submit(apply_all)
        return outcome

    def publish(self, head: int) -> None:
        """Set the head, whichever server wrote it, and wake all waiters."""
        if head > self.head:
            self.head = head
            self._wake()

    def close(self) -> None:
        """Mark the journal as closed and wake all waiters."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    async def wait_beyond(self, revision: int, timeout_s: float) -> bool:
        """Wait for an entry after `revision`; False on timeout or once the journal is closed."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.head <= revision and not self.closed:
                    await self._grown.wait()
        except TimeoutError:
            return False
        return self.head > revision
