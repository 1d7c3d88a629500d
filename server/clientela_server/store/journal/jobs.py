"""The committer's jobs: each runs in the transaction of its batch, and is answered after the commit.

Read next: `committer`, which commits them; `transaction`, in which they run.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from clientela_server.store.database.connection import StoreError
from clientela_server.store.journal.transaction import Transaction


@dataclass(slots=True)
class Job:
    """What to run, the future of who waits for it, and what came of it."""

    run: Callable[[Transaction], Any]
    dry_run: bool
    answer: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


def run_all(batch: Sequence[Job], transaction: Transaction) -> None:
    """Run all jobs but those whose caller has gone; one that is refused undoes its own changes alone."""
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
