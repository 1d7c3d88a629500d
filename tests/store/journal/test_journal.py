"""The journal: gapless, each request once and for ever, however its id is spelled, also after a restart."""

from pathlib import Path
from typing import Any

import grpc
import pytest
import sqlalchemy as sa

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_server.store.database.schema import journal
from clientela_server.store.journal.entries import SERVER_CONTEXT
from clientela_server.store.journal.journal import request_digest
from tests.rpc.callers import Caller, request_id
from tests.rpc.making import at, to_create, to_import, to_record
from tests.rpc.refusals import refusal_of
from tests.rpc.running import Running, SetClock, running


async def created(caller: Caller) -> str:
    return str((await caller.customers.CreateCustomer(to_create())).name)


async def changes(live: Running) -> list[fpb.Change]:
    """The whole journal."""
    watch = live.admin.feed.Watch(fpb.WatchRequest(after_revision=0))
    seen: list[fpb.Change] = []
    while len(seen) < live.server.journal.head:
        seen += (await watch.read()).changes
    watch.cancel()
    return seen


def with_id(request: Any, used: str) -> Any:
    request.request_id = used
    return request


async def test_refused_and_dry_and_repeated_requests_leave_no_gap(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as live:
        ann = await created(live.admin)
        record = with_id(to_record(ann), request_id())
        dry = to_record(ann)
        dry.validate_only = True
        for request in (record, dry, record, to_record(ann), dry, to_record(ann)):
            clock.go_on(seconds=1)
            await live.admin.purchases.RecordPurchase(request)
            await refusal_of(live.admin.purchases.RecordPurchase(to_record(ann, units=-1)))
            await refusal_of(live.admin.purchases.RecordPurchase(to_record("customers/nobody")))

        journal = await changes(live)

        assert [change.revision for change in journal] == [1, 2, 3, 4]
        assert [change.purchase.revision for change in journal[1:]] == [2, 3, 4]


async def test_an_entry_is_stamped_with_the_servers_time_and_ordered_by_revision_only(
    tmp_path: Path, clock: SetClock
) -> None:
    async with running(tmp_path) as live:
        first = await created(live.admin)
        clock.go_on(days=-3)
        second = await created(live.admin)

        journal = await changes(live)

        assert [change.name for change in journal] == [first, second]
        earlier, later = (change.commit_time.ToMicroseconds() for change in journal)
        assert earlier - later == 3 * 86_400 * 1_000_000


async def test_a_request_sent_again_after_a_restart_gives_the_first_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        ann = await created(live.admin)
        request = with_id(to_record(ann), request_id())
        first = await live.admin.purchases.RecordPurchase(request)

    async with running(tmp_path) as live:
        assert await live.admin.purchases.RecordPurchase(request) == first
        other = with_id(to_record(ann, 99), request.request_id)
        assert (await refusal_of(live.admin.purchases.RecordPurchase(other))).reason == "REQUEST_ID_REUSED"
        assert live.server.journal.head == 2


@pytest.mark.parametrize("days", [7.000001, 8, 366, 36_500, -8])
async def test_a_request_id_never_runs_out_whatever_the_clock_does(
    tmp_path: Path, clock: SetClock, days: float
) -> None:
    async with running(tmp_path) as live:
        ann = await created(live.admin)
        record = with_id(to_record(ann), request_id())
        create = with_id(to_create(), request_id())
        refund = with_id(
            ppb.RefundPurchaseRequest(
                name=(await live.admin.purchases.RecordPurchase(record)).name, reason="x"
            ),
            request_id(),
        )

        async def all_answers() -> list[Any]:
            return [
                await live.admin.purchases.RecordPurchase(record),
                await live.admin.customers.CreateCustomer(create),
                await live.admin.purchases.RefundPurchase(refund),
            ]

        first = await all_answers()
        clock.go_on(days=days)

        assert await all_answers() == first
        other = with_id(to_record(ann, 99), record.request_id)
        assert (await refusal_of(live.admin.purchases.RecordPurchase(other))).reason == "REQUEST_ID_REUSED"
        # The server's own entries, of stages that the time which passed has changed, may be there by now.
        select = sa.select(sa.func.count()).where(journal.c.actor != SERVER_CONTEXT.actor)
        [(written,)], _ = await live.server.database.scan(lambda connection: connection.query(select))
        assert written == 4


async def test_an_erasure_leaves_request_ids_known(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as live:
        create = with_id(to_create("ann", emails=["ann@example.org"]), request_id())
        record = with_id(to_record("customers/ann", note="for Ann"), request_id())
        erase = with_id(cpb.EraseCustomerRequest(name="customers/ann"), request_id())
        await live.admin.customers.CreateCustomer(create)
        sale = await live.admin.purchases.RecordPurchase(record)
        erased = await live.admin.customers.EraseCustomer(erase)
        clock.go_on(days=30)

        assert await live.admin.customers.EraseCustomer(erase) == erased
        again = await live.admin.customers.CreateCustomer(create)
        assert (again.name, again.display_name, list(again.emails)) == ("customers/ann", "", [])
        sold = await live.admin.purchases.RecordPurchase(record)
        assert (sold.name, sold.amount, sold.note) == (sale.name, sale.amount, "")
        assert live.server.journal.head == 3


# ---- a request id is an id, not a text

SPELLINGS = [str.lower, str.upper, str.title, lambda text: text[:8].upper() + text[8:]]


@pytest.mark.parametrize("first", SPELLINGS)
@pytest.mark.parametrize("second", SPELLINGS)
async def test_a_request_id_in_other_letters_is_the_same_id(tmp_path: Path, first: Any, second: Any) -> None:
    async with running(tmp_path) as live:
        ann, used = await created(live.admin), "abcdefab-cdef-4abc-8def-abcdefabcdef"
        sale = await live.admin.purchases.RecordPurchase(with_id(to_record(ann), first(used)))

        assert await live.admin.purchases.RecordPurchase(with_id(to_record(ann), second(used))) == sale
        other = with_id(to_record(ann, 99), second(used))
        assert (await refusal_of(live.admin.purchases.RecordPurchase(other))).reason == "REQUEST_ID_REUSED"
        assert [change.request_id for change in await changes(live)] == ["", used]


async def test_a_customers_request_id_in_other_letters_is_the_same_id(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        made = await live.admin.customers.CreateCustomer(with_id(to_create("ann"), request_id().lower()))
        for spelled in SPELLINGS:
            request = with_id(to_create("ann"), "")
            request.request_id = spelled((await changes(live))[0].request_id)
            assert await live.admin.customers.CreateCustomer(request) == made
        assert live.server.journal.head == 1


@pytest.mark.parametrize("named", [False, True])
async def test_an_item_in_other_letters_is_the_same_item(tmp_path: Path, named: bool) -> None:
    """Also within one message, and where the caller has named the purchase."""
    async with running(tmp_path) as live:
        ann = await created(live.admin)
        items = [to_import(ann) for _ in SPELLINGS]
        for place, (item, spelled) in enumerate(zip(items, SPELLINGS, strict=True)):
            item.request_id = spelled(items[0].request_id)
            item.purchase.name = f"{ann}/purchases/p{place}" if named and not place else ""
        message = ppb.ImportPurchasesRequest(items=[items[0]])
        told = await live.admin.purchases.ImportPurchases(iter([message]))
        assert (told.imported_count, told.duplicate_count) == (1, 0)

        for item in items[1:]:
            item.purchase.name = items[0].purchase.name
        again = await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))

        assert (again.imported_count, again.duplicate_count, list(again.rejected)) == (0, 4, [])


async def test_items_of_one_message_in_other_letters_are_one_purchase(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        ann = await created(live.admin)
        items = [to_import(ann), to_import(ann)]
        items[1].request_id = items[0].request_id.upper()
        for place, item in enumerate(items):
            item.purchase.name = f"{ann}/purchases/p{place}"

        told = await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))

        # The names differ, so it is another request under the same id.
        assert (told.imported_count, [each.status.reason for each in told.rejected]) == (
            1,
            ["REQUEST_ID_REUSED"],
        )


async def test_a_refused_item_is_told_by_its_id_as_it_was_sent(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        items = [to_import("customers/nobody"), to_import("customers/ann", units=-1)]
        for item in items:
            item.request_id = item.request_id.upper()

        told = await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))

        assert [each.request_id for each in told.rejected] == [item.request_id for item in items]


async def test_a_clock_that_is_set_back_does_not_make_a_request_new(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as live:
        request = with_id(to_record(await created(live.admin)), request_id())
        first = await live.admin.purchases.RecordPurchase(request)
        clock.go_on(days=-30)

        assert await live.admin.purchases.RecordPurchase(request) == first


async def test_an_imported_item_is_known_without_end(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as live:
        ann = await created(live.admin)
        message = ppb.ImportPurchasesRequest(items=[to_import(ann) for _ in range(3)])
        await live.admin.purchases.ImportPurchases(iter([message]))
        clock.go_on(days=3650)

        again = await live.admin.purchases.ImportPurchases(iter([message]))

        assert (again.imported_count, again.duplicate_count) == (0, 3)


async def test_an_imported_item_is_known_also_when_the_clock_is_set_back(
    tmp_path: Path, clock: SetClock
) -> None:
    async with running(tmp_path) as live:
        item = to_import(await created(live.admin), purchase_time=at(clock.now_us // 1_000_000))
        message = ppb.ImportPurchasesRequest(items=[item])
        await live.admin.purchases.ImportPurchases(iter([message]))
        clock.go_on(days=-1)

        again = await live.admin.purchases.ImportPurchases(iter([message]))

        assert (again.imported_count, again.duplicate_count) == (0, 1)


async def test_an_item_sent_by_another_is_the_same_item(tmp_path: Path) -> None:
    """Its purchase's name is made from the request id: it is there already, whoever sends it."""
    async with running(tmp_path) as live:
        message = ppb.ImportPurchasesRequest(items=[to_import(await created(live.admin))])
        await live.admin.purchases.ImportPurchases(iter([message]))
        clerk = live.caller("clerk", "clerk")

        again = await clerk.purchases.ImportPurchases(iter([message]))

        assert (again.imported_count, again.duplicate_count) == (0, 1)


async def test_a_journal_of_before_is_not_a_journal_of_ahead(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await created(live.admin)
        stream = live.admin.feed.Watch(fpb.WatchRequest(after_revision=2))
        with pytest.raises(grpc.RpcError) as caught:
            await stream.read()
        assert caught.value.code() is grpc.StatusCode.OUT_OF_RANGE


# ---- the digest of a request


def test_a_digest_is_the_same_for_the_same_request_only() -> None:
    same = request_digest(b"key", "Service.Method", b"body")

    assert same == request_digest(b"key", "Service.Method", b"body")
    others = {
        request_digest(b"other key", "Service.Method", b"body"),
        request_digest(b"key", "Service.Other", b"body"),
        request_digest(b"key", "Service.Method", b"other body"),
        request_digest(b"key", "Service.Metho", b"dbody"),
    }
    assert len(others) == 4
    assert same not in others
    assert b"body" not in same
