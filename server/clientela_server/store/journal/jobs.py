"""The committer's jobs: each runs in the transaction of its batch, and is answered after the commit.

What jobs say that they will ask for is asked with one query for all of a batch: on PostgreSQL each query is a
journey to the database, during which no other server writes.
Read next: `committer`, which commits them; `transaction`, in which they run.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from clientela_server.store.database.connection import StoreError
from clientela_server.store.journal.transaction import Transaction

# What a job will ask for: a function that loads many into the identity map, and the key of the one it needs.
Read = tuple[Callable[[Transaction, list[Any]], object], Any]
# From so many on, one query for all takes less time than one for each.
_TOGETHER = 4


@dataclass(slots=True)
class Job:
    """What to run, the future of who waits for it, and what came of it."""

    run: Callable[[Transaction], Any]
    answer: asyncio.Future[Any]
    _: KW_ONLY
    dry_run: bool = False
    reads: Sequence[Read] = ()
    result: Any = None
    error: BaseException | None = None


def run_all(batch: Sequence[Job], transaction: Transaction) -> None:
    """Run all jobs but those whose caller has gone; one that is refused undoes its own changes alone."""
    _prefetch(batch, transaction)
    for job in batch:
        job.result = job.error = None
        if not job.answer.cancelled():
            _run(job, transaction)


def answer_all(batch: Sequence[Job]) -> None:
    """Resolve the futures of all jobs; on the event loop."""
    for job in batch:
        if job.answer.done():
            continue
        if job.error is not None:
            job.answer.set_exception(job.error)
        else:
            job.answer.set_result(job.result)


def _prefetch(batch: Sequence[Job], transaction: Transaction) -> None:
    wanted: dict[Callable[[Transaction, list[Any]], object], list[Any]] = {}
    for job in batch:
        for load, key in job.reads:
            wanted.setdefault(load, []).append(key)
    for load, keys in wanted.items():
        if len(keys) >= _TOGETHER:
            load(transaction, keys)


def _run(job: Job, transaction: Transaction) -> None:
    transaction.begin_item()
    try:
        job.result = job.run(transaction)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one job must not take the others with it
        # A refusal is an answer; anything else is a bug of this one job, which the gate hides and logs.
        job.error = error
    if job.error or job.dry_run:
        transaction.undo_item()
    else:
        transaction.keep_item()
