"""An iterator over responses ends when it is closed, by any thread and in any state."""

import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter

import pytest

from clientela.v1.feed_pb2 import WatchResponse
from clientela.v1.purchases_pb2 import ExportPurchasesResponse, ListPurchasesResponse
from clientela_client import connect
from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.failure import Failure
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.client.rehearsal import StageClock, session
from tests.client.stage import KINDS, on_stage


def test_another_thread_ends_a_reader_that_waits(server: LocalServer) -> None:
    with (
        connect(server.address, token=server.token) as client,
        client.feed.watch(names=["customers/nobody"]) as changes,
        ThreadPoolExecutor(1) as others,
    ):
        reader = others.submit(list, changes)
        changes.cancel()
        assert reader.result(HANG_S) == []


@pytest.mark.parametrize("kind", KINDS)
def test_cancelled_in_a_pause_it_ends_without_another_attempt(kind: str) -> None:
    attempts: list[int] = []

    class Cancelling(StageClock):
        def sleep(self, seconds: float) -> None:
            changes.cancel()

    def play(attempt: Attempt) -> Iterator[Outcome]:
        attempts.append(attempt.number)
        yield Failure("UNAVAILABLE", "cut")

    asking = on_stage(kind, session(clock=Cancelling()), play)
    changes = asking.client.feed.watch(after_revision=0)
    assert list(asking.many(lambda _: changes)) == []
    assert attempts == [1]
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
def test_cancelled_while_it_waits_for_a_message_it_hands_out_no_more(kind: str) -> None:
    def play(attempt: Attempt) -> Iterator[Outcome]:
        yield Reply(WatchResponse(bookmark_revision=1).SerializeToString())
        changes.cancel()
        yield Reply(WatchResponse(changes=[{"revision": 2}], bookmark_revision=2).SerializeToString())

    asking = on_stage(kind, session(), play)
    changes = asking.client.feed.watch(after_revision=0)
    assert list(asking.many(lambda _: changes)) == []
    assert changes.bookmark_revision == 1
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", ["feed.watch", "purchases.export", "purchases.list"])
def test_a_stream_that_is_no_longer_read_is_released_at_once(kind: str, call: str) -> None:
    page = {
        "feed.watch": WatchResponse(changes=[{"revision": 1}, {"revision": 2}], bookmark_revision=2),
        "purchases.export": ExportPurchasesResponse(purchases=[{}, {}]),
        "purchases.list": ListPurchasesResponse(purchases=[{}, {}]),
    }[call]
    asking = on_stage(kind, session(), lambda _: [Reply(page.SerializeToString())])
    gc.disable()
    try:
        items = attrgetter(call)(asking.client)()
        next(asking.many(lambda _, items=items: items))
        left = weakref.ref(items)
        del items
        assert left() is None
    finally:
        gc.enable()
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
def test_after_an_error_there_is_nothing_more(kind: str) -> None:
    asking = on_stage(kind, session(), lambda _: [Failure("NOT_FOUND", "nobody")])
    items = asking.client.purchases.list("customers/nobody")
    with pytest.raises(Exception, match="nobody"):
        list(asking.many(lambda _: items))
    assert list(asking.many(lambda _: items)) == []
    asking.close()
