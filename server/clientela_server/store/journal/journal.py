"""The journal: the one list of all accepted writes, and the one way to write.

Rules
1. Every accepted write is one entry; revisions are 1, 2, 3, ... without a gap, in the order of commit.
2. An entry and the tables that reads use change in the same transaction.
3. The same request id of the same actor gives the first answer again, without end, and with another body is
   refused. No clock has a say in it: an entry is there or it is not.
4. A request id is an id and not a text: it comes here in lower case (`rpc/gate/validation`). Older servers
kept it as it was sent, so it is looked up in lower case, and its digest compared as it was spelled then.

From the list follow the feed (read it forward), the history (one name's entries) and the audit.
Read next: `committer` (the thread), `customers` and `purchases` (what the writes do).
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
    """Find what a request id already wrote; REQUEST_ID_REUSED if it was another request.

    Older servers may have written twice under one id: then the latest of the same request counts.
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
    """Look up many request ids at once, so that `find_request` need not ask for each."""
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


def is_request_cached(transaction: Transaction, actor: str, request_id: str) -> bool:
    """Tell whether an entry of this request id was noted."""
    return bool(transaction.cached(("request", request_id, actor)))


def _read_request(transaction: Transaction, context: WriteContext) -> list[PriorWrite]:
    rows = transaction.read_committed(_BY_REQUEST, {"request_id": context.request_id, "actor": context.actor})
    return [(Entry(*columns), digest) for *columns, digest in rows]


def request_digest(secret: bytes, method: str, request: bytes) -> bytes:
    """Make the mark by which a repeated request is known; keyed, so that it tells nothing of the request."""
    return hashlib.blake2b(method.encode() + b"\0" + request, key=secret, digest_size=16).digest()


class Journal:
    """Writes through the committer, and tells who waits that the journal has grown."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.closed = False
        self._committer: Committer | None = None
        self._grown = asyncio.Event()

    def attach(self, committer: Committer) -> None:
        """Say who commits; once, at start."""
        self._committer = committer

    @property
    def erasure_pending(self) -> bool:
        """Whether what was erased may still be in the database's log, because somebody reads from it."""
        return self._committer is not None and self._committer.truncate_due

    async def write(self, context: WriteContext, apply: Apply, *, dry_run: bool = False) -> Entry:
        """Do a write once and give its entry, after it is on disk; a dry run checks all and keeps nothing."""

        def once(transaction: Transaction) -> Entry:
            if context.request_id is not None:
                done = find_request(transaction, context)
                if done is not None:
                    return done
            return apply(transaction, context)

        assert self._committer is not None
        entry: Entry = await self._committer.submit(once, dry_run=dry_run)
        return entry

    async def write_many(self, apply_all: Callable[[Transaction], T]) -> T:
        """Do many writes in one transaction; the caller sees to it that each is done once."""
        assert self._committer is not None
        outcome: T = await self._committer.submit(apply_all)
        return outcome

    def publish(self, head: int) -> None:
        """Learn how far the journal has come, be it by us or by others, and wake those who wait for it."""
        if head > self.head:
            self.head = head
            self._wake()

    def close(self) -> None:
        """Say that nothing follows, and wake those who wait."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    async def wait_beyond(self, revision: int, timeout_s: float) -> bool:
        """Wait until there is an entry after `revision`; False if there is none in time or will be none."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.head <= revision and not self.closed:
                    await self._grown.wait()
        except TimeoutError:
            return False
        return self.head > revision
