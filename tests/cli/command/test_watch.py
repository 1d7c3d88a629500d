"""`clientela watch` on a feed that breaks repeatedly: it prints the reason, and goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from clientela.v1 import feed_pb2 as pb
from clientela.v1.feed_pb2_grpc import FeedServiceServicer, add_FeedServiceServicer_to_server
from tests.cli.running import Cli

TOO_LARGE = "Received message larger than max"


class Breaking(FeedServiceServicer):
    """A feed whose streams begin, and break; the fifth goes on."""

    def __init__(self) -> None:
        self.streams = 0

    def Watch(  # noqa: N802  the RPC's name
        self, request: pb.WatchRequest, context: Any
    ) -> Iterator[pb.WatchResponse]:
        self.streams += 1
        yield pb.WatchResponse(bookmark_revision=request.after_revision, epoch="one")
        if self.streams < 5:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, TOO_LARGE)
        change = pb.Change(revision=request.after_revision + 1, name="customers/ann")
        yield pb.WatchResponse(changes=[change], bookmark_revision=change.revision)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch, bare: Cli) -> Iterator[Breaking]:
    """Such a feed, which the command line asks."""
    breaking = Breaking()
    server = grpc.server(ThreadPoolExecutor(2))
    add_FeedServiceServicer_to_server(breaking, server)
    monkeypatch.setenv("CLIENTELA_SERVER", f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    monkeypatch.setenv("CLIENTELA_TOKEN", "clt_any")
    server.start()
    yield breaking
    server.stop(None).wait()


def test_a_watch_that_gets_nothing_says_why_once_and_goes_on(feed: Breaking, bare: Cli) -> None:
    ended = bare.done("watch", "--after", "7", "--limit", "1", "-o", "name")

    assert ended.stdout == "customers/ann\n"
    assert feed.streams == 5
    assert ended.stderr.splitlines()[:-1] == [
        f"Nothing comes, and it is tried again and again: {TOO_LARGE} (RESOURCE_EXHAUSTED)"
    ]
