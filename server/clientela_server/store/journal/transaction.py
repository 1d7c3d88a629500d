"""The committer's open write transaction: buffered rows, the identity map, and the next revision.

Only the committer creates one, so its holder is the only writer. Read next: `journal`.
"""

from collections.abc import Callable, Hashable
from typing import NamedTuple

from clientela_server.ids import new_salt
from clientela_server.store.database.chain import encode_stage_row, hash_entry, seal_record, stage_values
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.head import Head
from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import Params, Statement, insert
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.write_buffer import BufferedRow as PendingRow
from clientela_server.store.journal.write_buffer import WriteBuffer

_APPEND = insert(journal)


class Commit(NamedTuple):
    """What a transaction has put on disk: the revisions behind `after` up to `head`, and rows of `names`."""

    after: int
    head: int
    names: set[str]


class Transaction:
    """A write transaction. `now_us`: its commit time; `revision`: the last one assigned, to the entry `last`.

    cache, cached: put a value into the identity map, for rows that `read_committed` does not see yet, and
        return it by its key, or a default; the map is cleared at each flush. They are the buffer's own.

    The committer runs its jobs as items of it. An item that only enqueues rows costs no savepoint: refusing
    it discards its rows from the write buffer. One that runs other statements gets a savepoint of its own.
    """

    __slots__ = (
        "_after",
        "_before",
        "_buffer",
        "_connection",
        "_hash",
        "_left",
        "_mark",
        "_names",
        "_saved",
        "_stage",
        "cache",
        "cached",
        "last",
        "now_us",
        "revision",
        "truncate_wal",
    )

    def __init__(self, connection: Connection, now_us: int, head: Head) -> None:
        self._connection = connection
        self._buffer = WriteBuffer()
        self.cache, self.cached = self._buffer.cache, self._buffer.cached
        self._mark = 0
        self._after = head.revision
        self._names: set[str] = set()
        self._before: tuple[int, bytes, Entry | None] = (head.revision, head.hash, None)
        self._saved = False
        self._hash = head.hash
        self._stage = self._left = b""
        self.now_us = now_us
        self.revision = head.revision
        self.last: Entry | None = None
        self.truncate_wal = False

    @property
    def head(self) -> Head:
        """The journal's head, including the entries appended so far."""
        return Head(self.revision, self._hash)

    @property
    def commit(self) -> Commit:
        """What its commit will have put on disk; of what was undone it may hold the names too."""
        return Commit(self._after, self.revision, self._names)

    @property
    def next_revision(self) -> int:
        """The revision that the next entry will get."""
        return self.revision + 1

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Flush the buffer, run a statement and return its rows."""
        self._flush_before_statement()
        return self._connection.run(statement, params)

    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters."""
        self._flush_before_statement()
        self._connection.run_many(statement, params)

    def read_committed(self, statement: Statement, params: Params) -> list[Row]:
        """Query without flushing: buffered rows are not seen, so look in the identity map first."""
        return self._connection.run(statement, params)

    def enqueue(self, statement: Statement, params: PendingRow, key: Hashable = None) -> None:
        """Buffer a row for a batched write; it replaces one buffered under the same key."""
        self._buffer.add(statement, params, key)

    def note(self, name: str) -> None:
        """Note that rows of a resource are written, though no entry need bear its name."""
        self._names.add(name)

    def enqueue_stage_change(self, statement: Statement, row: Params) -> None:
        """Buffer a stage change and include it in the hash of the next appended entry."""
        self.enqueue(statement, row, ("stage", row["revision"]))
        self._stage = encode_stage_row(stage_values(row))

    def bind_erasure(self, left: bytes) -> None:
        """Include an erasure's digest in the seal of the next appended entry."""
        self._left = left

    def append(self, context: WriteContext, noun: str, name: str, record: bytes) -> Entry:
        """Append the entry of a write, at `next_revision`."""
        self.revision += 1
        salt = new_salt()
        seal = seal_record(salt, record, self._left)
        columns = (
            self.revision,
            self.now_us,
            context.actor,
            context.method,
            context.request_id,
            context.digest,
            noun,
            name,
        )
        self._hash = hash_entry(self._hash, columns, seal, self._stage)
        self._stage = self._left = b""
        entry = Entry(
            self.revision, self.now_us, context.actor, context.method, context.request_id, noun, name, record
        )
        self.enqueue(
            _APPEND,
            {
                "revision": self.revision,
                "commit_us": self.now_us,
                "actor": context.actor,
                "method": context.method,
                "request_id": context.request_id,
                "digest": context.digest,
                "noun": noun,
                "name": name,
                "record": record,
                "salt": salt,
                "seal": seal,
                "hash": self._hash,
            },
        )
        self.last = entry
        self._names.add(name)
        if context.request_id is not None:
            self.cache(("request", context.request_id, context.actor), ((entry, context.digest),))
        return entry

    def begin_item(self) -> None:
        """Begin an item, which can be undone without the others."""
        self._mark = self._buffer.mark()
        self._before = (self.revision, self._hash, self.last)
        self._saved = False

    def keep_item(self) -> None:
        """Keep the item's changes."""
        if self._saved:
            self._connection.release_savepoint()

    def undo_item(self) -> None:
        """Roll back the item's changes only."""
        if self._saved:
            self._connection.rollback_to_savepoint()
        self._buffer.undo(self._mark)
        self.revision, self._hash, self.last = self._before
        self._stage = self._left = b""

    def flush(self) -> None:
        """Write all buffered rows."""
        for statement, rows in self._buffer.drain().items():
            self._connection.run_many(statement, rows)

    def _flush_before_statement(self) -> None:
        """Flush before a statement; rows of earlier items go before this item's savepoint."""
        if self._saved:
            self.flush()
            return
        assert not self._buffer.has_rows_since(self._mark), (
            "an item runs its statements before it leaves rows for later"
        )
        self.flush()
        self._connection.savepoint()
        self._saved, self._mark = True, 0


Apply = Callable[[Transaction, WriteContext], Entry]
