"""Reading a watch as far as a test needs it, and no further."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clientela.v1 import feed_pb2 as pb
from tests.rpc.callers import Caller


@contextmanager
def watch(caller: Caller, **asked: Any) -> Iterator[Any]:
    """A watch, cut at the end."""
    stream = caller.feed.Watch(pb.WatchRequest(**asked))
    try:
        yield stream
    finally:
        stream.cancel()


def changes_until(stream: Any, revision: int) -> list[pb.Change]:
    """Read a watch until its bookmark has come to a revision."""
    changes: list[pb.Change] = []
    for message in stream:
        changes += message.changes
        if message.bookmark_revision >= revision:
            return changes
    raise AssertionError("the watch ended by itself")


def changes_after(caller: Caller, after: int, until: int, names: tuple[str, ...] = ()) -> list[pb.Change]:
    """Watch from after one revision until another."""
    with watch(caller, after_revision=after, names=names) as stream:
        return [each for each in changes_until(stream, until) if each.revision <= until]


def history(caller: Caller, name: str, page_size: int = 1000) -> list[pb.Change]:
    """All pages of what happened to a resource."""
    request = pb.ListHistoryRequest(name=name, page_size=page_size)
    changes: list[pb.Change] = []
    while True:
        page = caller.feed.ListHistory(request)
        changes += page.changes
        if not page.next_page_token:
            return changes
        request.page_token = page.next_page_token


def head(caller: Caller) -> int:
    """The journal's last revision, from a watch that begins now."""
    with watch(caller) as stream:
        return int(next(stream).bookmark_revision)


def written_since(caller: Caller, revision: int) -> list[pb.Change]:
    """What callers have written after a revision; what the server writes by itself comes at any time."""
    now = head(caller)
    return by_callers(changes_after(caller, revision, now)) if now > revision else []


def by_callers(changes: list[pb.Change]) -> list[pb.Change]:
    """Leave out what the server wrote by itself."""
    return [each for each in changes if each.actor != "server"]
