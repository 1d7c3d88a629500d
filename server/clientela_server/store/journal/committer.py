"""The committer: group commit on a single writer thread.

Why: a durable commit waits for fsync, whether it holds one write or fifty. Calls that arrive during a commit
share the next one. There is no batching delay: what the event loop has at hand is committed at once.

Rules
1. A refused job rolls back its own changes and no others.
2. No call is answered before the commit that contains its write has returned.
3. A job whose call was cancelled is not started.
4. A batch that was certainly not committed is retried where that may help. After a lost connection the
   database is queried for the batch's last entry.
5. When a commit fails and its outcome is unknown, all writing ends: the server stops, and recovery reads
   the true state from disk at the next start.

Read next: `transaction`, in which the jobs run, and `journal`, whose writes they are.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

from clientela_server.clock import Clock, monotonic, sleep
from clientela_server.domain.errors import OutcomeUnknown, ResourceExhausted, Unavailable
from clientela_server.store.database.chain import verified_head
from clientela_server.store.database.connection import (
    StoreBusy,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLost,
    StoreMoved,
    StoreShort,
    Writer,
)
from clientela_server.store.database.head import Head
from clientela_server.store.journal.entries import is_journaled
from clientela_server.store.journal.jobs import Job, Read, answer_all, run_all
from clientela_server.store.journal.transaction import Commit, Transaction

_BATCH_MAX = 512
_TRUNCATE_AGAIN_S = 0.2
# For how long a batch is tried again before its callers are told; less than what they wait.
_AGAIN_S = 5.0
_RECONNECT_S = 0.05
_DISK_FAILED = "the disk failed; stopping, for what is on it can only be told by reading it again"


class Committer:
    """Runs jobs in transactions on its own thread. Created and used on the event loop.

    Args:
        on_commit: called with what was committed and the number of its writes, before any is answered.
        on_failure: called once with the reason when writing ends.
        truncate_due: whether the write-ahead log may still hold erased data of an earlier process.
    """

    def __init__(
        self,
        connection: Writer,
        clock: Clock,
        *,
        on_commit: Callable[[Commit, int], None],
        on_failure: Callable[[str], None],
        truncate_due: bool = False,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._on_commit = on_commit
        self._on_failure = on_failure
        self._arrived: list[Job] = []
        self._jobs: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._failed = False
        self._truncate_due = truncate_due
        self._truncate_from_s = 0.0
        self._disk_full = False
        self._head: Head | None = None
        self._thread = threading.Thread(target=self._work, name="committer", daemon=True)
        self._thread.start()

    @property
    def truncate_due(self) -> bool:
        """Whether the write-ahead log may still hold erased data."""
        return self._truncate_due

    def submit(
        self, run: Callable[[Transaction], Any], *, dry_run: bool = False, reads: Sequence[Read] = ()
    ) -> asyncio.Future[Any]:
        """Enqueue a job; the future resolves after the commit to its result, or to its refusal."""
        answer = self._loop.create_future()
        if not self._arrived:
            # Once for all calls of this turn of the loop, or the thread would begin with the first one.
            self._loop.call_soon(self._hand_over)
        self._arrived.append(Job(run, answer, dry_run=dry_run, reads=reads))
        return answer

    async def close(self) -> None:
        """Commit all queued jobs, then end the thread."""
        self._hand_over()
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        arrived, self._arrived = self._arrived, []
        if arrived:
            self._jobs.put(arrived)

    def _work(self) -> None:
        open_ = True
        while open_:
            batch, open_ = self._next_batch()
            if batch:
                self._answer(batch, self._commit(batch))

    def _answer(self, batch: list[Job], commit: Commit | None) -> None:
        """Have the callers answered and the WAL checkpointed, which is on disk: they need not wait for it.

        But who asked to be forgotten is answered when the WAL was emptied.
        """
        is_truncated_first = self._truncate_due or self._disk_full
        if commit is not None and is_truncated_first:
            self._checkpoint()
        self._loop.call_soon_threadsafe(self._deliver, batch, commit)
        if commit is not None and not is_truncated_first:
            self._checkpoint()

    def _next_batch(self) -> tuple[list[Job], bool]:
        """Wait for jobs and drain the queue into one batch; False when the committer is closing."""
        batch: list[Job] = []
        jobs = self._next_jobs()
        while jobs is not None:
            batch += jobs
            if len(batch) >= _BATCH_MAX:
                return batch, True
            try:
                jobs = self._jobs.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _next_jobs(self) -> list[Job] | None:
        """Wait for jobs; while a WAL truncation is due, retry it periodically."""
        while self._truncate_due and not self._failed:
            try:
                return self._jobs.get(timeout=_TRUNCATE_AGAIN_S)
            except queue.Empty:
                self._checkpoint()
        return self._jobs.get()

    def _commit(self, batch: list[Job]) -> Commit | None:
        """Run and commit a batch; return what was committed, or None where nothing was."""
        try:
            if self._failed:
                raise OutcomeUnknown
            return self._transact(batch)
        except BaseException as error:  # noqa: BLE001 - every future must be resolved
            answer = self._after_failure(error)
            for job in batch:
                job.error = answer
            return None

    def _transact(self, batch: list[Job]) -> Commit:
        """Run and commit a batch, retrying where nothing was written; return what was committed."""
        until = monotonic() + _AGAIN_S
        while True:
            connection = self._connection
            try:
                connection.begin()
                transaction = Transaction(connection, self._clock(), self._head_to_follow())
                run_all(batch, transaction)
                transaction.flush()
                if transaction.last is not None:
                    connection.record_head(transaction.head)
            except (StoreConflict, StoreLost) as error:
                self._recover(error, until)
                continue
            if self._is_committed(transaction, until):
                self._head = transaction.head
                if transaction.truncate_wal:
                    self._truncate_due, self._truncate_from_s = True, 0.0
                return transaction.commit

    def _head_to_follow(self) -> Head:
        """Return the head to append to: cached from the last commit, unless other servers write too."""
        head, self._head = self._head, None
        return verified_head(self._connection) if head is None or self._connection.shared else head

    def _is_committed(self, transaction: Transaction, until: float) -> bool:
        """Commit; after a lost connection, query whether the transaction was committed."""
        try:
            self._connection.commit()
        except StoreConflict as error:
            self._recover(error, until)
            return False
        except StoreShort as error:
            # In the middle of a commit it is as with a disk that failed.
            raise StoreError(str(error)) from error
        except StoreLost as error:
            try:
                self._recover(error, until)
                return is_journaled(self._connection, transaction.last)
            except StoreError:
                raise OutcomeUnknown(str(error)) from error
        return True

    def _recover(self, error: StoreError, until: float) -> None:
        """Roll back or reconnect for a retry; raise the error after the deadline."""
        if isinstance(error, StoreConflict):
            self._connection.rollback()
            if monotonic() < until:
                return None
            raise StoreBusy(str(error)) from error
        while True:
            try:
                return self._connection.reopen()
            except StoreLost:
                if monotonic() >= until:
                    raise
                sleep(_RECONNECT_S)

    def _checkpoint(self) -> None:
        """Checkpoint or truncate the WAL; a failure here cannot undo what was committed.

        The WAL itself may be what fills the disk, so after StoreFull it is truncated as soon as possible.
        """
        try:
            if self._disk_full or (self._truncate_due and monotonic() >= self._truncate_from_s):
                self._truncate_due = self._disk_full = not self._connection.truncate_wal()
                # Truncating waits for readers and blocks writers, so not at each commit.
                self._truncate_from_s = monotonic() + _TRUNCATE_AGAIN_S
            else:
                self._connection.checkpoint()
        except StoreFull:
            return
        except BaseException:  # noqa: BLE001 - the thread must go on to answer those who wait
            self._fail(_DISK_FAILED)

    def _after_failure(self, error: BaseException) -> Exception:
        """Roll back and return the error to answer; an unknown outcome ends all writing."""
        if isinstance(error, OutcomeUnknown):
            return error
        if isinstance(error, StoreLost):
            return Unavailable("STORE_UNAVAILABLE", retry_after_s=1)
        error = self._undo() or error
        if isinstance(error, StoreFull):
            self._disk_full = True
            self._checkpoint()
            return ResourceExhausted("DISK_FULL", retry_after_s=5)
        if isinstance(error, StoreBusy):
            return Unavailable("STORE_BUSY", retry_after_s=1)
        if isinstance(error, StoreDamaged | StoreShort):
            return error  # nothing was written; writes that touch no damaged page still work
        if isinstance(error, StoreMoved):
            self._fail(
                f"the ledger was moved: {error}; stopping, and all that was acknowledged is in the file moved"
            )
            return Unavailable("STORE_UNAVAILABLE", retry_after_s=1)
        self._fail(_DISK_FAILED)
        failure = OutcomeUnknown(str(error))
        failure.__cause__ = error
        return failure

    def _undo(self) -> BaseException | None:
        """Roll back; return the error of the rollback, which takes precedence over its cause."""
        try:
            self._connection.rollback()
        except BaseException as error:  # noqa: BLE001 - every future must be resolved
            return error
        return None

    def _fail(self, why: str) -> None:
        """Stop accepting writes and report the reason once."""
        if not self._failed:
            self._failed = True
            self._loop.call_soon_threadsafe(self._on_failure, why)

    def _deliver(self, batch: list[Job], commit: Commit | None) -> None:
        if commit is not None:
            self._on_commit(commit, len(batch))
        answer_all(batch)
