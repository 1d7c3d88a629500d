"""Imports and exports: bounded messages, whole streams sent again, counts that are true."""

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.purchases_pb2 import (
    ExportPurchasesResponse,
    ImportItem,
    ImportPurchasesRequest,
    ImportPurchasesResponse,
    ItemStatus,
    Purchase,
    RejectedItem,
)
from clientela_client import bulk
from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.errors import InDoubt, Refused, Unavailable
from clientela_client.failure import Failure
from tests.client.rehearsal import session
from tests.client.stage import KINDS, on_stage


class Ledger:
    """Plays a server that keeps what it is sent by request_id, and loses answers as it is told to."""

    def __init__(self, lost_answers: list[bool] | None = None) -> None:
        self._lost = iter(lost_answers or [])
        self.kept: list[str] = []
        self.messages: list[bytes] = []

    def __call__(self, attempt: Attempt) -> Iterator[Outcome]:
        answer = ImportPurchasesResponse()
        self.messages += attempt.call.messages
        index = 0
        for data in attempt.call.messages:
            for item in ImportPurchasesRequest.FromString(data).items:
                self._take(item, index, answer)
                index += 1
        answer.revision = len(self.kept)
        if next(self._lost, False):
            yield Failure("UNAVAILABLE", "the answer was lost")
        yield Reply(answer.SerializeToString())

    def _take(self, item: ImportItem, index: int, answer: ImportPurchasesResponse) -> None:
        if item.purchase.note == "bad":
            status = ItemStatus(code=3, reason="FIELD_INVALID")
            answer.rejected.append(RejectedItem(index=index, request_id=item.request_id, status=status))
        elif item.request_id in self.kept[-30_000:]:
            answer.duplicate_count += 1
        else:
            self.kept.append(item.request_id)
            answer.imported_count += 1


def items(count: int, *bad: int, note: str = "") -> Iterator[ImportItem]:
    for number in range(count):
        purchase = Purchase(note="bad" if number in bad else note)
        yield ImportItem(customer="customers/a", request_id=_id(number), purchase=purchase)


def _id(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_packed_a_thousand_to_a_message_and_rejections_are_counted_over_all(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STREAM_MESSAGES_FIRST", 2)
    monkeypatch.setattr(bulk, "STREAM_MESSAGES_MAX", 2)
    ledger, heard = Ledger(), []
    asking = on_stage(kind, session(), ledger)

    def progress(total: ImportPurchasesResponse) -> None:
        heard.append(total.imported_count + len(total.rejected))

    answer = asking.one(lambda c: c.purchases.import_(items(4500, 0, 2001, 4499), on_progress=progress))
    sizes = [len(ImportPurchasesRequest.FromString(data).items) for data in ledger.messages]
    assert sizes == [1000, 1000, 1000, 1000, 500]
    assert heard == [2000, 4000, 4500]
    assert answer.imported_count == 4497
    assert [rejected.index for rejected in answer.rejected] == [0, 2001, 4499]
    assert [rejected.request_id for rejected in answer.rejected] == [_id(0), _id(2001), _id(4499)]
    asking.close()


def test_each_stream_has_twice_as_many_messages_as_the_one_before() -> None:
    ledger, streams = Ledger(), []

    def counted(attempt: Attempt) -> Iterator[Outcome]:
        streams.append(len(attempt.call.messages))
        return ledger(attempt)

    answer = on_stage("sync", session(), counted).client.purchases.import_(items(30_000))
    assert streams == [1, 2, 4, 8, 10, 5]
    assert answer.imported_count == len(ledger.kept) == 30_000


def test_large_items_make_small_messages() -> None:
    ledger = Ledger()
    on_stage("sync", session(), ledger).client.purchases.import_(items(900, note="x" * 2000))
    assert max(map(len, ledger.messages)) <= bulk.MESSAGE_BYTES_MAX
    assert len(ledger.messages) == 4


@pytest.mark.parametrize("kind", KINDS)
@given(lost=st.lists(st.booleans(), max_size=4), count=st.integers(0, 60))
def test_however_often_answers_are_lost_each_item_is_kept_once(
    kind: str, lost: list[bool], count: int
) -> None:
    ledger = Ledger(lost)
    asking = on_stage(kind, session(), ledger)
    answer = asking.one(lambda c: c.purchases.import_(items(count)))
    assert ledger.kept == [_id(number) for number in range(count)]
    assert answer.imported_count + answer.duplicate_count == count
    asking.close()


def test_an_item_without_a_request_id_is_given_one_and_the_callers_stays_as_it_was() -> None:
    ledger, item = Ledger(), ImportItem(customer="customers/a")
    on_stage("sync", session(), ledger).client.purchases.import_([item])
    assert ledger.kept == ["00000000-0000-4000-8000-000000000001"]
    assert not item.request_id


def test_a_stream_that_is_never_answered_is_in_doubt() -> None:
    client = on_stage("sync", session(), Ledger([True] * 9)).client
    with pytest.raises(InDoubt) as caught:
        client.purchases.import_(items(3))
    assert caught.value.method == "PurchaseService.ImportPurchases"


def test_too_many_rejected_items_stop_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "REJECTED_MAX", 3)
    monkeypatch.setattr(bulk, "STREAM_MESSAGES_MAX", 1)
    ledger = Ledger()
    with pytest.raises(Refused) as caught:
        on_stage("sync", session(), ledger).client.purchases.import_(items(5000, 1, 2, 3, 4))
    assert caught.value.reason == "IMPORT_TOO_MANY_REJECTED"
    assert len(ledger.messages) == 1


def test_a_fault_of_the_callers_items_is_the_callers_to_see() -> None:
    def broken() -> Iterator[ImportItem]:
        yield from items(3)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        on_stage("sync", session(), Ledger()).client.purchases.import_(broken())


def pages(*names: str) -> Iterator[Outcome]:
    for name in names:
        page = ExportPurchasesResponse(purchases=[Purchase(name=name)], revision=7)
        yield Reply(page.SerializeToString())


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_that_is_cut_before_its_first_message_starts_again(kind: str) -> None:
    plays: Iterator[list[Outcome]] = iter([[Failure("UNAVAILABLE", "cut")], [*pages("a", "b"), Reply(None)]])
    asking = on_stage(kind, session(), lambda _: next(plays))
    assert [purchase.name for purchase in asking.many(lambda c: c.purchases.export())] == ["a", "b"]
    asking.close()


def test_an_export_that_is_cut_later_says_so_and_tells_its_revision() -> None:
    client = on_stage("sync", session(), lambda _: [*pages("a"), Failure("UNAVAILABLE", "cut")]).client
    exported = client.purchases.export()
    assert next(exported).name == "a"
    assert exported.bookmark_revision == 7
    with pytest.raises(Unavailable):
        next(exported)
    assert list(exported) == []
