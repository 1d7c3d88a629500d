"""Keeps a copy of customers and purchases by the feed, over cuts, restarts and restores."""

import random
import sqlite3
import time
from collections.abc import Iterator

import grpc
from outcome import REFUSALS, info_of

from clientela.v1.feed_pb2 import WatchRequest, WatchResponse
from clientela.v1.feed_pb2_grpc import FeedServiceStub

TABLES = """
CREATE TABLE IF NOT EXISTS records (name TEXT PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS place (revision INTEGER NOT NULL, epoch TEXT);
"""


class Copy:
    """The records, and in the same file the place in the feed up to which they are copied."""

    def __init__(self, file: str) -> None:
        self._file = sqlite3.connect(file)
        self._file.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def place(self) -> tuple[int, str | None]:
        """Return the bookmark and its epoch: 0 and None, which is unset and not empty, at the very first."""
        return self._file.execute("SELECT revision, epoch FROM place").fetchone() or (0, None)

    def take(self, message: WatchResponse, epoch: str) -> None:
        """Apply a message's changes and note its bookmark, both or neither."""
        with self._file:
            for change in message.changes:
                if (resource := change.WhichOneof("resource")) in {"customer", "purchase"}:
                    record = getattr(change, resource).SerializeToString()
                    self._file.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (change.name, record))
            self._note(message.bookmark_revision, epoch)

    def forget(self, epoch: str | None) -> None:
        """Begin anew: what was read of another epoch may not be in the ledger any more."""
        with self._file:
            self._file.execute("DELETE FROM records")
            self._note(0, epoch)

    def _note(self, revision: int, epoch: str | None) -> None:
        self._file.execute("DELETE FROM place")
        self._file.execute("INSERT INTO place VALUES (?, ?)", (revision, epoch))


def follow(feed: FeedServiceStub, copy: Copy, metadata: tuple[tuple[str, str], ...]) -> Iterator[int]:
    """Copy for ever, and hand out each bookmark; only a refusal ends it."""
    longest_pause_s = 0.1
    while True:
        after, epoch = copy.place()
        request = WatchRequest(after_revision=after, epoch=epoch)
        try:
            for message in feed.Watch(request, metadata=metadata, wait_for_ready=True):
                longest_pause_s = 0.1
                epoch = message.epoch or epoch  # told by the first message of a stream
                copy.take(message, epoch)
                yield message.bookmark_revision
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.OUT_OF_RANGE:
                copy.forget(info_of(error).metadata.get("epoch"))
            elif error.code() in REFUSALS:
                raise
        time.sleep(random.uniform(0, longest_pause_s))
        longest_pause_s = min(2.0, longest_pause_s * 2)
