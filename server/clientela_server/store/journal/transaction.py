"""One open transaction of the committer: the tables, and the journal's next revision.

Only the committer makes one, so whoever holds a `Transaction` is alone in writing. Read next: `journal`.
"""

from collections.abc import Callable, Hashable
from typing import Any

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


class Transaction:
    """An open transaction; `now_us` is its commit time, `revision` the last one given out, to `last`.

    The committer runs item after item in it. An item that only adds rows has them kept until the end, and
    one that is refused is simply forgotten; one that needs more of SQL gets a savepoint of its own.
    """

    __slots__ = (
        "_before",
        "_buffer",
        "_connection",
        "_hash",
        "_left",
        "_mark",
        "_saved",
        "_stage",
        "last",
        "now_us",
        "revision",
        "truncate_wal",
    )

    def __init__(self, connection: Connection, now_us: int, head: Head) -> None:
        self._connection = connection
        self._buffer = WriteBuffer()
        self._mark = 0
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
        """The journal's head with what was appended so far."""
        return Head(self.revision, self._hash)

    @property
    def next_revision(self) -> int:
        """The revision that the next entry will get."""
        return self.revision + 1

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement, which sees all that was written before it, and give its rows."""
        self._flush_before_statement()
        return self._connection.run(statement, params)

    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters."""
        self._flush_before_statement()
        self._connection.run_many(statement, params)

    def read_committed(self, statement: Statement, params: Params) -> list[Row]:
        """Read without what waits to be written: for who looks at the notes first."""
        return self._connection.run(statement, params)

    def enqueue(self, statement: Statement, params: PendingRow, key: Hashable = None) -> None:
        """Write a row with many others, in the place of one that waits under the same key."""
        self._buffer.add(statement, params, key)

    def cache(self, key: Hashable, value: Any) -> None:
        """Remember what `peek` will not see while it waits."""
        self._buffer.cache(key, value)

    def cached(self, key: Hashable, default: Any = None) -> Any:
        """Give what was noted since rows were last written."""
        return self._buffer.cached(key, default)

    def enqueue_stage_change(self, statement: Statement, row: Params) -> None:
        """Write a change of stage with the entry that is about to be appended, which is bound to it."""
        self.enqueue(statement, row, ("stage", row["revision"]))
        self._stage = encode_stage_row(*stage_values(row))

    def bind_erasure(self, left: bytes) -> None:
        """Bind the entry that is about to be appended to what an erasure left of others."""
        self._left = left

    def append(self, context: WriteContext, noun: str, name: str, record: bytes) -> Entry:
        """Append the one entry of a write; it has the revision that `next_revision` told."""
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
        if context.request_id is not None:
            self.cache(("request", context.request_id, context.actor), ((entry, context.digest),))
        return entry

    def begin_item(self) -> None:
        """Begin what is kept or undone alone."""
        self._mark = self._buffer.mark()
        self._before = (self.revision, self._hash, self.last)
        self._saved = False

    def keep_item(self) -> None:
        """Keep what the item did."""
        if self._saved:
            self._connection.release_savepoint()

    def undo_item(self) -> None:
        """Undo what the item did, and nothing else."""
        if self._saved:
            self._connection.rollback_to_savepoint()
        self._buffer.undo(self._mark)
        self.revision, self._hash, self.last = self._before
        self._stage = self._left = b""

    def flush(self) -> None:
        """Write what waits."""
        for statement, rows in self._buffer.drain().items():
            self._connection.run_many(statement, rows)

    def _flush_before_statement(self) -> None:
        """Write what waits; that of other items before the savepoint, so that undoing this one leaves it."""
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
