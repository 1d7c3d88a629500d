"""The server with one bug planted: python -m tests.faults.planted --planted=NAME, and else as the server.

Each is a bug that somebody could write, and that a good day would not show. Where it shows only between two
moments, these are drawn apart, so that a few kills hit it. Read next: test_mutants.py, which has each caught.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import sqlalchemy as sa

from clientela_server import app
from clientela_server.__main__ import main
from clientela_server.domain import customers as rules
from clientela_server.rpc.services import journal_writer
from clientela_server.rpc.services.feed import FeedService
from clientela_server.store.database import sqlite, sqlite_database
from clientela_server.store.database.schema import journal as entries
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal import feed, journal
from clientela_server.store.journal.committer import Committer
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.transaction import Transaction

APART_S = 0.05
STALLED_GRACE_S = 1.0


def draw_apart() -> None:
    """Let time pass between two moments."""
    threading.Event().wait(APART_S)


def no_key_table() -> None:
    """A request id is kept, and not looked up."""
    journal.find_request = lambda *_: None


def key_saved_later() -> None:
    """The request id goes into a transaction of its own, after that of the write: in between it has none."""
    append, transact = Transaction.append, Committer._transact
    keys: list[dict[str, Any]] = []
    save = Statement(
        entries.update()
        .where(entries.c.revision == sa.bindparam("of_revision"))
        .values(request_id=sa.bindparam("request_id"), digest=sa.bindparam("digest"))
    )

    def without_key(self: Transaction, context: WriteContext, noun: str, name: str, record: bytes) -> Entry:
        entry = append(self, WriteContext(context.actor, context.method), noun, name, record)
        key = {"request_id": context.request_id, "digest": context.digest}
        keys.append({"of_revision": entry.revision, **key})
        return entry._replace(request_id=context.request_id)

    def in_two(self: Committer, batch: Any) -> Any:
        keys.clear()
        head = transact(self, batch)
        draw_apart()
        self._connection.begin()
        self._connection.run_many(save, list(keys))
        self._connection.commit()
        return head

    Transaction.append = without_key  # type: ignore[method-assign]
    Committer._transact = in_two  # type: ignore[method-assign]


def answer_before_commit() -> None:
    """Who waits is answered, then comes the commit."""
    transact = Committer._transact

    def eager(self: Committer, batch: Any) -> Any:
        commit = self._connection.commit

        def late() -> None:
            self._loop.call_soon_threadsafe(self._deliver, batch, None)
            draw_apart()
            commit()

        self._connection.commit = late  # type: ignore[method-assign]
        try:
            return transact(self, batch)
        finally:
            self._connection.commit = commit  # type: ignore[method-assign]

    Committer._transact = eager  # type: ignore[method-assign]


def event_dropped() -> None:
    """The feed leaves out one entry in seven."""
    after = feed.read_after

    def most(*arguments: Any) -> list[Entry]:
        return [entry for entry in after(*arguments) if entry.revision % 7]

    feed.read_after = most  # type: ignore[assignment]


def digest_ignored() -> None:
    """A request id stands for whatever was sent first under it."""
    journal_writer.request_digest = lambda *_: bytes(16)  # type: ignore[attr-defined]


def etag_ignored() -> None:
    """An update overwrites whatever is there."""
    rules.match_etag = lambda *_: None


def feed_skips_one() -> None:
    """A watch that goes on does so one entry too late."""
    watch = FeedService.Watch

    def skipping(self: FeedService, request: Any, call: Any) -> Any:
        if request.after_revision:
            request.after_revision = min(request.after_revision + 1, self._journal.head)
        return watch(self, request, call)

    FeedService.Watch = skipping  # type: ignore[method-assign]


def disk_stalls() -> None:
    """Not a bug but a disk: once there is a file `stall` in the folder, a commit does not return.

    It leaves the file `stalled`. The grace of a stop is `STALLED_GRACE_S`, or a test would take as long.
    """
    folder = Path(os.environ["VICTIM_FOLDER"])
    transact = Committer._transact

    def stalling(self: Committer, batch: Any) -> Any:
        if (folder / "stall").exists():
            (folder / "stalled").touch()
            threading.Event().wait()
        return transact(self, batch)

    Committer._transact = stalling  # type: ignore[method-assign]
    serve = app.serve
    app.serve = lambda config: serve(replace(config, grace_s=STALLED_GRACE_S))


def no_syncs() -> None:
    """A commit does not wait for the disk: a power cut takes what was answered."""
    after_connecting(lambda db: db.execute("PRAGMA synchronous=NORMAL"))


def after_connecting(change: Callable[[apsw.Connection], Any]) -> None:
    """Change every connection to the file once it is open."""
    connect = SqliteConnection.__init__

    def changed(self: SqliteConnection, *arguments: Any, **options: Any) -> None:
        connect(self, *arguments, **options)
        change(self._db)

    SqliteConnection.__init__ = changed  # type: ignore[method-assign]


def log_not_settled() -> None:
    """The log of a killed server is shown as it is, though it may be in the system's memory only.

    Closing a connection settles it too, by the way.
    """
    after_connecting(lambda db: db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1))
    sqlite_database._checkpoint_previous_wal = lambda _: True  # type: ignore[assignment]


def log_copied_at_once() -> None:
    """Not a bug: the log is copied into the file after every commit, so that each makes all the calls."""
    sqlite._CHECKPOINT_PAGES = 1


def stands_still_at_first() -> None:
    """Not a bug: the process stops itself before it begins, until it is told to go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


MUTANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        no_key_table,
        key_saved_later,
        answer_before_commit,
        event_dropped,
        digest_ignored,
        etag_ignored,
        feed_skips_one,
    )
}
# What tests of the disk run the server with.
DISK = {
    plant.__name__: plant
    for plant in (disk_stalls, no_syncs, log_not_settled, log_copied_at_once, stands_still_at_first)
}
PLANTED = {**MUTANTS, **DISK}


if __name__ == "__main__":
    [planted] = [argument for argument in sys.argv if argument.startswith("--planted=")]
    sys.argv.remove(planted)
    PLANTED[planted.partition("=")[2]]()
    sys.exit(main())
