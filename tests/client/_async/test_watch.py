"""A watch is the journal read forward, whatever happens to the connection."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.feed_pb2 import Change, WatchRequest, WatchResponse
from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.errors import CallError, Refused, Unavailable
from clientela_client.failure import Failure
from tests.client.rehearsal import StageClock, session
from tests.client.stage import KINDS, on_stage

JOURNAL = 40
CUTS = ("UNAVAILABLE", "CANCELLED", "RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", None)


class Journal:
    """Plays a server whose streams are cut: `turns` says how much each sends, and how it ends."""

    def __init__(self, turns: list[tuple[int, int, str | None]]) -> None:
        self._turns = iter(turns)
        self.asked: list[int | None] = []

    def __call__(self, attempt: Attempt) -> Iterator[Outcome]:
        request = WatchRequest.FromString(attempt.call.messages[0])
        after = request.after_revision if request.HasField("after_revision") else None
        self.asked.append(after)
        reached = 20 if after is None else after
        messages, size, cut = next(self._turns, (JOURNAL, JOURNAL, "UNAVAILABLE"))
        for _ in range(messages):
            sent = range(reached + 1, min(reached + size, JOURNAL) + 1)
            reached = max([reached, *sent])
            yield reply(*sent, bookmark=reached)
        yield Reply(None) if cut is None else Failure(cut, "cut")


def reply(*revisions: int, bookmark: int) -> Reply:
    changes = [Change(revision=revision) for revision in revisions]
    return Reply(WatchResponse(changes=changes, bookmark_revision=bookmark).SerializeToString())


@pytest.mark.parametrize("kind", KINDS)
@given(
    turns=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 5), st.sampled_from(CUTS)), min_size=1, max_size=20
    ),
    after=st.integers(0, JOURNAL - 1),
)
def test_a_watch_cut_anywhere_repeats_nothing_and_skips_nothing(
    kind: str, turns: list[tuple[int, int, str | None]], after: int
) -> None:
    asking = on_stage(kind, session(jitter=lambda _: 0.0), Journal(turns))
    wanted = JOURNAL - after
    changes = itertools.islice(asking.many(lambda c: c.feed.watch(after_revision=after)), wanted)
    assert [change.revision for change in changes] == list(range(after + 1, JOURNAL + 1))
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_watch_from_now_is_pinned_by_its_first_bookmark(kind: str) -> None:
    journal = Journal([(1, 0, "UNAVAILABLE")])
    asking = on_stage(kind, session(), journal)
    first = next(asking.many(lambda c: c.feed.watch()))
    assert journal.asked == [None, 20]
    assert first.revision == 21
    asking.close()


def test_the_bookmark_follows_what_was_handed_out() -> None:
    def play(attempt: Attempt) -> Iterator[Outcome]:
        yield reply(bookmark=3)
        yield reply(5, 8, bookmark=10)
        yield reply(11, bookmark=11)

    with on_stage("sync", session(), play).client.feed.watch(after_revision=3) as changes:
        seen = [(changes.bookmark_revision, next(changes).revision) for _ in range(3)]
        assert seen == [(None, 5), (5, 8), (8, 11)]
        assert changes.bookmark_revision == 11


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_watch_resumes_in_the_epoch_that_it_was_told(kind: str) -> None:
    asked: list[WatchRequest] = []

    def play(attempt: Attempt) -> Iterator[Outcome]:
        request = WatchRequest.FromString(attempt.call.messages[0])
        asked.append(request)
        if request.epoch == "first" and request.after_revision == 2:
            yield Failure("OUT_OF_RANGE", "another epoch")
        yield Reply(WatchResponse(bookmark_revision=0, epoch="first").SerializeToString())
        yield reply(1, 2, bookmark=2)
        yield Failure("UNAVAILABLE", "cut")

    asking = on_stage(kind, session(), play)
    changes = asking.many(lambda c: c.feed.watch(after_revision=0))
    assert [next(changes).revision, next(changes).revision] == [1, 2]
    with pytest.raises(Refused, match="another epoch"):
        next(changes)
    assert [(request.after_revision, request.epoch) for request in asked] == [(0, ""), (2, "first")]
    assert not asked[0].HasField("epoch")
    asking.close()


def test_a_watch_tells_its_epoch_and_is_given_one() -> None:
    asked: list[str] = []

    def play(attempt: Attempt) -> Iterator[Outcome]:
        asked.append(WatchRequest.FromString(attempt.call.messages[0]).epoch)
        yield Reply(WatchResponse(bookmark_revision=4, epoch="second").SerializeToString())
        yield reply(5, bookmark=5)

    stage = on_stage("sync", session(), play)
    with stage.client.feed.watch(after_revision=4, epoch="second") as changes:
        assert changes.epoch is None
        assert next(changes).revision == 5
        assert (changes.bookmark_revision, changes.epoch) == (5, "second")
    assert asked == ["second"]


def test_a_cancelled_watch_ends() -> None:
    changes = on_stage("sync", session(), Journal([])).client.feed.watch(after_revision=0)
    assert next(changes).revision == 1
    changes.cancel()
    assert list(changes) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_watch_is_not_resumed(kind: str) -> None:
    asking = on_stage(kind, session(), Journal([(2, 1, "OUT_OF_RANGE")]))
    changes = asking.many(lambda c: c.feed.watch(after_revision=0))
    assert [next(changes).revision, next(changes).revision] == [1, 2]
    with pytest.raises(Refused, match="cut"):
        next(changes)
    asking.close()


@pytest.mark.parametrize(
    ("turns", "waited_s"),
    [([(0, 0, "UNAVAILABLE")] * 99, 10.0), ([(1, 1, "INTERNAL")] + [(0, 0, "INTERNAL")] * 99, 30.0)],
)
def test_a_server_that_stays_away_ends_the_watch(
    turns: list[tuple[int, int, str | None]], waited_s: float
) -> None:
    clock = StageClock()
    changes = on_stage("sync", session(clock=clock), Journal(turns)).client.feed.watch(
        after_revision=0, patience_s=30.0
    )
    with pytest.raises(Unavailable):
        list(changes)
    assert waited_s - 2.0 <= clock.at - 1000.0 <= waited_s


# ---- streams that break again and again, and nothing new comes


def stuck(attempt: Attempt) -> Iterator[Outcome]:
    """A server whose next change is too large for the client: it begins, and breaks."""
    yield reply(bookmark=5)
    yield Failure("RESOURCE_EXHAUSTED", "Received message larger than max (5000000 vs. 4194304)")


@pytest.mark.parametrize("kind", KINDS)
def test_a_watch_that_does_not_get_on_backs_off_says_why_and_ends(kind: str) -> None:
    clock = StageClock()
    told: list[tuple[str, float, float]] = []

    def tell(error: CallError, pause_s: float) -> None:
        told.append((str(error), pause_s, clock.at))

    asking = on_stage(kind, session(clock=clock), stuck)
    changes = asking.many(lambda c: c.feed.watch(after_revision=5, patience_s=30.0, on_trouble=tell))
    with pytest.raises(Unavailable, match="larger than max"):
        next(changes)

    pauses = [pause_s for _, pause_s, _ in told]
    assert pauses[:5] == [0.2, 0.4, 0.8, 1.6, 2.0]
    assert set(pauses[5:]) == {2.0}
    assert {text for text, _, _ in told} == {
        "not done: Received message larger than max (5000000 vs. 4194304) (RESOURCE_EXHAUSTED)"
    }
    assert 28.0 <= clock.at - 1000.0 <= 30.0
    asking.close()


def test_pauses_are_short_again_once_something_new_came() -> None:
    pauses: list[float] = []
    turns = [*[(1, 0, "INTERNAL")] * 4, (2, 3, "INTERNAL"), *[(1, 0, "INTERNAL")] * 2]
    client = on_stage("sync", session(), Journal(turns)).client
    changes = client.feed.watch(after_revision=0, on_trouble=lambda _, pause_s: pauses.append(pause_s))

    assert [next(changes).revision for _ in range(7)] == list(range(1, 8))
    assert pauses == [0.2, 0.4, 0.8, 0.2, 0.4]


def test_one_cut_and_one_more_after_something_new_are_no_trouble() -> None:
    troubles: list[CallError] = []
    client = on_stage("sync", session(), Journal([(2, 3, "UNAVAILABLE")] * 3)).client
    changes = client.feed.watch(after_revision=0, on_trouble=lambda error, _: troubles.append(error))

    assert [next(changes).revision for _ in range(20)] == list(range(1, 21))
    assert troubles == []


def test_a_quiet_stream_that_lives_for_a_while_is_no_trouble_however_often_it_is_cut() -> None:
    clock = StageClock()
    cuts: list[float] = []
    troubles: list[CallError] = []

    def play(attempt: Attempt) -> Iterator[Outcome]:
        yield reply(bookmark=5)
        clock.sleep(10.0)
        if len(cuts) == 100:
            yield reply(6, bookmark=6)
        cuts.append(clock.at)
        yield Failure("UNAVAILABLE", "a proxy cuts what is quiet")

    client = on_stage("sync", session(clock=clock), play).client
    changes = client.feed.watch(after_revision=5, on_trouble=lambda error, _: troubles.append(error))

    assert next(changes).revision == 6
    assert troubles == []
    assert max(later - earlier for earlier, later in itertools.pairwise(cuts)) <= 10.1 + 1e-6
