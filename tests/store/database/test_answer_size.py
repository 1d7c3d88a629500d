"""Pages that end by bytes, for records of any size: together they are the whole, and none could hold more."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.nouns import NOUNS
from clientela_server.store.database.answer_size import (
    RECORD_OVERHEAD,
    RECORDS_BYTES,
    count_fitting,
    take_fitting,
)
from clientela_server.store.database.chain import verified_head
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.schema import spends
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import insert
from clientela_server.store.journal import feed
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.nouns.spends import SpendLists
from tests.stores import new_url

Page = tuple[Sequence[Any], Any]
_INSERT = insert(spends)
LISTS = SpendLists({}, {})
FULL = RECORDS_BYTES - RECORD_OVERHEAD
# Records that fill an answer to the byte, that are a byte more, and whatever else.
records = st.lists(
    st.one_of(
        st.sampled_from([1, FULL, FULL + 1, FULL // 2, FULL // 2 - RECORD_OVERHEAD]), st.integers(1, 600_000)
    ).map(bytes),
    max_size=8,
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A database without a server, whose every test undoes what it wrote."""
    url = new_url()
    if url is None:
        opened: Connection = SqliteConnection(tmp_path_factory.mktemp("answers") / "ledger.db")
    else:
        from clientela_server.store.database.postgres import PostgresConnection

        opened = PostgresConnection(url)
    migrate(opened)
    yield opened
    opened.close()


def all_pages(read: Callable[[Any], Page]) -> list[list[Any]]:
    """All pages; `read` gives one, and what the next one begins behind."""
    pages: list[list[Any]] = []
    after = None
    while True:
        page, after = read(after)
        pages.append(list(page))
        if after is None:
            return pages


def check(pages: list[list[bytes]], kept: list[bytes], limit: int, added: int) -> None:
    """Together they are the whole; each has room for its records, or only one; none had room for the next."""
    assert [record for page in pages for record in page] == kept
    for page, following in zip(pages, [*pages[1:], []], strict=True):
        room = RECORDS_BYTES - sum(len(record) + added for record in page)
        assert len(page) <= limit
        assert room >= 0 or len(page) == 1
        assert not following or len(page) == limit or room < len(following[0]) + added


@given(kept=records, limit=st.integers(1, 10), descending=st.booleans())
def test_pages_of_a_list_are_the_whole(
    connection: Connection, kept: list[bytes], limit: int, descending: bool
) -> None:
    connection.begin()
    try:
        for number, record in enumerate(kept):
            connection.run(_INSERT, _spend(number, record))
        order = "name desc" if descending else ""
        pages = all_pages(lambda after: LISTS.page(connection, "", order, after, limit))
    finally:
        connection.rollback()

    check(pages, kept[::-1] if descending else kept, limit, RECORD_OVERHEAD)


def _spend(number: int, record: bytes) -> dict[str, Any]:
    zeros = dict.fromkeys(("channel", "purpose", "start_day", "end_day", "create_us"), 0)
    return {**zeros, "spend_id": f"{number}", "campaign": None, "currency": "EUR", "record": record}


@given(kept=records, limit=st.integers(1, 10))
def test_what_the_journal_gives_fills_an_answer_and_is_hardly_more(
    connection: Connection, kept: list[bytes], limit: int
) -> None:
    connection.begin()
    try:
        transaction = Transaction(connection, 0, verified_head(connection))
        for record in kept:
            transaction.append(WriteContext("ann", "test"), "spend", "spends/x", record)
        transaction.flush()
        found = [entry.record for entry in feed.read_after(connection, 0, (), limit)]
    finally:
        connection.rollback()

    fit = min(limit, count_fitting(list(map(len, kept))))
    assert found == kept[: min(limit, fit + 1)]


@given(kept=records)
def test_a_history_goes_on_where_its_page_ended(connection: Connection, kept: list[bytes]) -> None:
    connection.begin()
    try:
        transaction = Transaction(connection, 0, verified_head(connection))
        for record in [b"first", *kept]:
            transaction.append(WriteContext("ann", "test"), "spend", "spends/x", record)
        transaction.flush()
        found: list[bytes] = []
        reached = 0
        while entries := feed.read_history(connection, NOUNS, "spends/x", reached, 3):
            reached = entries[-1].revision
            found += [entry.record for entry in entries]
    finally:
        connection.rollback()

    assert found == [b"first", *kept]


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([], 0),
        ([1], 1),
        ([RECORDS_BYTES + 1], 1),
        ([RECORDS_BYTES + 1, 1], 1),
        ([RECORDS_BYTES], 1),
        ([RECORDS_BYTES - 1, 1], 2),
        ([RECORDS_BYTES, 1], 1),
        ([1, RECORDS_BYTES, 1], 1),
    ],
)
def test_as_many_fit_as_there_is_room_for_and_one_always(sizes: list[int], count: int) -> None:
    assert count_fitting(sizes) == count


@given(sizes=st.lists(st.integers(1, RECORDS_BYTES), max_size=8))
def test_of_what_takes_time_no_more_is_made_than_an_answer_holds_and_one(sizes: list[int]) -> None:
    made: list[int] = []

    def make() -> Iterator[int]:
        for size in sizes:
            made.append(size)
            yield size

    taken = take_fitting(make(), int)

    assert taken == sizes[: count_fitting(sizes)]
    assert made == sizes[: len(taken) + 1]
