"""A client that watches the whole feed, over every cut, from where it was.

Now and then it hangs up by itself, so that going on is tried also where nothing breaks.
"""

import random
import threading
from contextlib import suppress
from typing import Any

import grpc

from clientela.v1 import feed_pb2 as pb
from clientela_lab.checking.checker import Seen
from clientela_lab.patience import HANG_S
from tests.faults.intents import nanos_of
from tests.rpc.callers import Caller

DEADLINE_S = HANG_S
HANGS_UP = 0.02


class Watcher:
    """What one watcher saw; `reached` is its bookmark."""

    def __init__(self, caller: Caller, seed: str) -> None:
        self.saw: list[Seen] = []
        self.reached = 0
        self._caller = caller
        self._chance = random.Random(seed)
        self._stream: Any = None
        self._ended = threading.Event()
        self._further = threading.Condition()

    def run(self) -> None:
        """Watch until told to end."""
        while not self._ended.is_set():
            asked = pb.WatchRequest(after_revision=self.reached)
            self._stream = self._caller.feed.Watch(asked, timeout=DEADLINE_S, wait_for_ready=True)
            with suppress(grpc.RpcError):
                self._read()
            self._ended.wait(self._chance.uniform(0, 0.02))

    def _read(self) -> None:
        for message in self._stream:
            with self._further:
                self.saw += [seen(change) for change in message.changes]
                self.reached = message.bookmark_revision
                self._further.notify_all()
            if self._ended.is_set() or self._chance.random() < HANGS_UP:
                self._stream.cancel()

    def wait_for(self, revision: int, within_s: float) -> bool:
        """Wait until the bookmark has come to a revision; False where it does not in time."""
        with self._further:
            return self._further.wait_for(lambda: self.reached >= revision, within_s)

    def end(self) -> None:
        """Let `run` return."""
        self._ended.set()
        if self._stream is not None:
            self._stream.cancel()


def seen(change: pb.Change) -> Seen:
    """A change as watchers keep it."""
    amount = nanos_of(change.purchase.amount) if change.HasField("purchase") else 0
    return change.revision, change.request_id, -amount if change.purchase.refund_of else amount
