"""The journal: the one list of all accepted writes, and the one way to write.

Rules
1. Every accepted write is one entry; revisions are 1, 2, 3, ... without a gap, in the order of commit.
2. An entry and the tables that reads use change in the same transaction.
3. The same request id of the same actor gives the first answer again for 7 days, and with another body
   is refused. (Items of an import are remembered by the ledger itself, without end: see `purchases`.)

From the list follow the feed (read it forward), the history (one name's entries) and the audit.
Read next: `committer` (the thread), `customers` and `purchases` (what the writes do).
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from clientela_server.domain.errors import AlreadyExists
from clientela_server.store.committer import Committer
from clientela_server.store.schema import journal
from clientela_server.store.statements import Statement, values_of
from clientela_server.store.transaction import ENTRY, Apply, Entry, Origin, Transaction

Outcome = TypeVar("Outcome")
Wrote = tuple[Entry, bytes | None]
_UNKNOWN: Any = object()

RETENTION_US = 7 * 24 * 3600 * 1_000_000

_BY_REQUEST = Statement(
    sa.select(*ENTRY, journal.c.digest)
    .where(journal.c.request_id == sa.bindparam("request_id"), journal.c.actor == sa.bindparam("actor"))
    .order_by(journal.c.revision.desc())
)
# The latest entry of an id comes last, and so is the one that counts.
_BY_REQUESTS = Statement(
    sa.select(*ENTRY, journal.c.digest)
    .where(journal.c.request_id.in_(values_of("request_ids")), journal.c.actor == sa.bindparam("actor"))
    .order_by(journal.c.revision)
)


def find_request(transaction: Transaction, origin: Origin, since_us: int) -> Entry | None:
    """Find what a request id already wrote since a time; REQUEST_ID_REUSED if it was another request."""
    found: Wrote | None = transaction.noted(("request", origin.request_id, origin.actor), _UNKNOWN)
    if found is _UNKNOWN:
        found = _read_request(transaction, origin)
    if found is None or found[0].commit_us < since_us:
        return None
    entry, digest = found
    if digest != origin.digest:
        raise AlreadyExists("REQUEST_ID_REUSED", request_id=str(origin.request_id))
    return entry


def note_requests(transaction: Transaction, actor: str, request_ids: list[str]) -> None:
    """Look up many request ids at once, so that `find_request` need not ask for each."""
    found: dict[str, Wrote] = {}
    for *columns, digest in transaction.peek(
        _BY_REQUESTS, {"request_ids": json.dumps(request_ids), "actor": actor}
    ):
        entry = Entry(*columns)
        found[str(entry.request_id)] = (entry, digest)
    for request_id in request_ids:
        key = ("request", request_id, actor)
        if transaction.noted(key, _UNKNOWN) is _UNKNOWN:
            transaction.note(key, found.get(request_id))


def is_noted(transaction: Transaction, actor: str, request_id: str) -> bool:
    """Tell whether an entry of this request id was noted."""
    return transaction.noted(("request", request_id, actor)) is not None


def _read_request(transaction: Transaction, origin: Origin) -> Wrote | None:
    rows = transaction.peek(_BY_REQUEST, {"request_id": origin.request_id, "actor": origin.actor})
    return (Entry(*rows[0][:-1]), rows[0][-1]) if rows else None


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

    async def write(self, origin: Origin, apply: Apply, *, dry_run: bool = False) -> Entry:
        """Do a write once and give its entry, after it is on disk; a dry run checks all and keeps nothing."""

        def once(transaction: Transaction) -> Entry:
            if origin.request_id is not None:
                done = find_request(transaction, origin, transaction.now_us - RETENTION_US)
                if done is not None:
                    return done
            return apply(transaction, origin)

        assert self._committer is not None
        entry: Entry = await self._committer.submit(once, dry_run=dry_run)
        return entry

    async def write_many(self, apply_all: Callable[[Transaction], Outcome]) -> Outcome:
        """Do many writes in one transaction; the caller sees to it that each is done once."""
        assert self._committer is not None
        outcome: Outcome = await self._committer.submit(apply_all)
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

    async def grown_beyond(self, revision: int, timeout_s: float) -> bool:
        """Wait until there is an entry after `revision`; False if there is none in time or will be none."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.head <= revision and not self.closed:
                    await self._grown.wait()
        except TimeoutError:
            return False
        return self.head > revision
