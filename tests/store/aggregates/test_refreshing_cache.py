"""A refreshing cache is recomputed soon after writes end, and seldom while they go on."""

from types import SimpleNamespace
from typing import cast

import pytest

from clientela_server.store.aggregates.refreshing_cache import RefreshingCache
from clientela_server.store.journal.journal import Journal


class Found(RefreshingCache):
    """Something that took long to find."""

    def __init__(self, journal: Journal, took_s: float, ago_s: float) -> None:
        self.now_s = 100.0
        super().__init__(journal, lambda: 0, 0.02, lambda: self.now_s)
        self._revision, self._day = journal.head, 0
        self._took_s, self._refreshed_s = took_s, self.now_s - ago_s

    async def _compute(self, now_us: int) -> int:
        return self._journal.head


def written(times: int, seconds_ago: float) -> Found:
    """Find something that took 3 s, 20 s ago; then write some times, the last of them so long ago."""
    journal = SimpleNamespace(head=7)
    found = Found(cast(Journal, journal), took_s=3.0, ago_s=20.0)
    now_s = found.now_s
    for place in range(times):
        journal.head += 1
        found.now_s = now_s - seconds_ago - (times - 1 - place)
        found.is_due()
    found.now_s = now_s
    return found


@pytest.mark.parametrize(
    ("times", "seconds_ago", "is_due"), [(0, 10, False), (1, 10, True), (5, 4, True), (5, 0, False)]
)
def test_after_the_last_write_it_is_found_within_seconds_and_while_there_are_writes_seldom(
    times: int, seconds_ago: float, is_due: bool
) -> None:
    assert written(times, seconds_ago).is_due() == is_due
