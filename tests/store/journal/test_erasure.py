"""Erasure: not a byte of a customer's personal data is left, in any file or answer, and no figure changes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_server.store.database.reading import begin_snapshot
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.usecases import customers as usecase
from tests.rpc.callers import Caller
from tests.rpc.making import money, to_create, to_import, to_record
from tests.rpc.running import SMALL_WINDOW, Running, running

CANARY = "canary"


def canaries(number: int) -> cpb.Customer:
    """A customer all of whose personal data are canaries; another one for each number."""
    word = f"{CANARY}{number}"
    return cpb.Customer(
        display_name=f"Ann {word}",
        emails=[f"{word}@example.com", f"second{word}@example.com"],
        phones=[f"+4822{number}{PHONE}"],
        addresses=[
            {
                "region_code": "PL",
                "postal_code": word,
                "locality": word,
                "address_lines": [f"ul. {word} 1"],
                "recipients": [word],
                "organization": word,
            }
        ],
        preferences=cpb.Preferences(language_code="pl", categories=[word], marketing_consent=True),
        acquisition=cpb.Acquisition(channel=cpb.ACQUISITION_CHANNEL_ORGANIC, campaign="spring"),
        patron=f"Jan {word}",
        labels={"note": word, f"k{word}": "x"},
    )


PHONE = "7654321"
SIGHTS = (CANARY.encode(), PHONE.encode())


def personal(message: Message) -> Iterator[str]:
    """Every text in a customer that could be about somebody."""
    for field, value in message.ListFields():
        if field.message_type and field.message_type.GetOptions().map_entry:
            yield from (text for pair in value.items() for text in pair)
        elif field.message_type:
            for each in value if field.is_repeated else [value]:
                yield from personal(each)
        elif field.cpp_type == field.CPPTYPE_STRING:
            yield from value if field.is_repeated else [value]


def test_the_canaries_are_in_every_field_that_tells_who_somebody_is() -> None:
    """A new field of the contract fails here until it is among the canaries, or known to be harmless."""
    filled = {field.name for field, _ in canaries(1).ListFields()}
    known = filled | {"person", "organization"}

    assert known | {
        "name",
        "uid",
        "totals",
        "create_time",
        "update_time",
        "delete_time",
        "erase_time",
        "erasure_pending",
        "etag",
    } == {field.name for field in cpb.Customer.DESCRIPTOR.fields}


async def history_of(live: Running) -> str:
    """A life that left traces: changed in every field, deleted and back, with purchases and refunds."""
    customer = canaries(1)
    customer.person.given_name = f"Ann{CANARY}"
    customer.person.family_name = f"Nowak{CANARY}"
    await live.admin.customers.CreateCustomer(to_create())
    ann = await live.admin.customers.CreateCustomer(cpb.CreateCustomerRequest(customer=customer))
    for number in (2, 3):
        changed = canaries(number)
        changed.name = ann.name
        changed.organization.legal_name = f"{CANARY} Ltd"
        changed.organization.tax_id = f"PL{CANARY}"
        await live.admin.customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=changed))
        await purchases_of(live.admin, ann.name)
    await live.admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=ann.name))
    await live.admin.customers.UndeleteCustomer(cpb.UndeleteCustomerRequest(name=ann.name))
    return str(ann.name)


async def purchases_of(caller: Caller, name: str) -> None:
    bought = await caller.purchases.RecordPurchase(to_record(name, 10, note=f"gift for {CANARY}"))
    back = ppb.RefundPurchaseRequest(name=bought.name, amount=money(3), reason=f"{CANARY} brought it back")
    await caller.purchases.RefundPurchase(back)
    message = ppb.ImportPurchasesRequest(items=[to_import(name, 5, note=f"from {CANARY}")])
    await caller.purchases.ImportPurchases(iter([message]))


async def answers(live: Running, name: str) -> list[Message]:
    """Everything that can be asked about a customer."""
    admin = live.admin
    watch = admin.feed.Watch(fpb.WatchRequest(after_revision=0))
    seen: list[Message] = []
    while not seen or seen[-1].bookmark_revision < live.server.journal.head:  # type: ignore[attr-defined]
        seen.append(await watch.read())
    watch.cancel()
    purchases = await admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=name))
    export = admin.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent="customers/-"))
    return [
        *seen,
        await admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name)),
        await admin.customers.BatchGetCustomers(cpb.BatchGetCustomersRequest(names=[name])),
        await admin.customers.ListCustomers(cpb.ListCustomersRequest(show_deleted=True)),
        purchases,
        *[
            await admin.purchases.GetPurchase(ppb.GetPurchaseRequest(name=each.name))
            for each in purchases.purchases
        ],
        *[each async for each in export],
        await admin.feed.ListHistory(fpb.ListHistoryRequest(name=name)),
        *[
            await admin.feed.ListHistory(fpb.ListHistoryRequest(name=each.name))
            for each in purchases.purchases
        ],
    ]


def in_answers(messages: list[Message]) -> list[bytes]:
    return [sight for sight in SIGHTS for message in messages if sight in message.SerializeToString()]


def in_files(folder: Path) -> list[str]:
    """The files of a database in which a canary is seen."""
    return [
        path.name for path in sorted(folder.iterdir()) if any(each in path.read_bytes() for each in SIGHTS)
    ]


def figures(messages: list[Message]) -> list[Any]:
    """What of the feed's answers must not change: revisions, times, names, amounts, totals."""
    kept = []
    for message in messages:
        for change in getattr(message, "changes", []):
            totals = list(change.customer.totals)
            kept.append(
                (change.revision, change.commit_time, change.actor, change.method, change.name, totals)
            )
            kept.append((change.purchase.amount, change.purchase.purchase_time, change.purchase.refund_of))
    return kept


@pytest.mark.sqlite
async def test_after_erasure_no_byte_is_left_and_every_figure_is_as_it_was(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        name = await history_of(live)
        before = await answers(live, name)
        # The check sees what there is to see.
        assert in_answers(before)
        assert in_files(tmp_path)
        [totals] = (await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name))).totals

        await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=name))

        await until_gone(live, name)
        after = await answers(live, name)
        assert in_answers(after) == []
        assert in_files(tmp_path) == []
        assert figures(after)[: len(figures(before)) // 2] == figures(before)[: len(figures(before)) // 2]
        erased = await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name))
        assert list(erased.totals) == [totals]
        assert erased.acquisition == cpb.Acquisition(
            channel=cpb.ACQUISITION_CHANNEL_ORGANIC, campaign="spring"
        )
        assert set(personal(erased)) <= {erased.name, erased.uid, erased.etag, "EUR", "spring"}
    assert in_files(tmp_path) == []


@pytest.mark.sqlite
async def test_the_check_finds_an_erasure_that_forgets_the_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecase, "erase_history", lambda *_: None)
    async with running(tmp_path) as live:
        name = await history_of(live)
        await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=name))

        assert in_answers(await answers(live, name))
        assert in_files(tmp_path)


@pytest.mark.sqlite
async def test_the_check_finds_an_erasure_that_leaves_the_log_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        monkeypatch.setattr(live.server.database.writer, "truncate_wal", lambda: True)
        name = await history_of(live)
        await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=name))

        assert in_answers(await answers(live, name)) == []
        assert in_files(tmp_path)


async def test_a_repeated_request_of_before_the_erasure_tells_nothing_either(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        request = cpb.CreateCustomerRequest(customer=canaries(1), request_id=REQUEST_ID)
        ann = await live.admin.customers.CreateCustomer(request)
        await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=ann.name))

        again = await live.admin.customers.CreateCustomer(request)

        assert again.name == ann.name
        assert in_answers([again]) == []


REQUEST_ID = "0b0c3ad8-5b5e-4b0e-8a3e-3c9a55b7a1de"


@pytest.mark.sqlite
async def test_what_an_export_still_shows_is_gone_when_it_ends(tmp_path: Path) -> None:
    """An export shows one moment to its end, also one before the erasure; then that too is gone."""
    async with running(tmp_path, options=SMALL_WINDOW) as live:
        name = await history_of(live)
        for _ in range(3):
            items = [to_import(name, note=f"{CANARY} {400 * 'x'}") for _ in range(500)]
            await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
        export = live.admin.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent=name))
        await export.read()
        erased = await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=name))
        assert erased.erasure_pending
        assert (await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name))).erasure_pending
        assert in_files(tmp_path)
        # Others wait for it no longer than ever, and see nothing of it.
        bob = await live.admin.customers.CreateCustomer(to_create())
        assert not bob.erasure_pending

        export.cancel()
        await until_gone(live, name)
        assert in_files(tmp_path) == []


async def until_gone(live: Running, name: str) -> None:
    async with asyncio.timeout(HANG_S):
        while await is_pending(live, name):
            continue


async def is_pending(live: Running, name: str) -> bool:
    found = await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name))
    return bool(found.erasure_pending)


@pytest.mark.sqlite
async def test_what_a_backup_still_reads_is_gone_when_it_ends_whatever_the_server_did_meanwhile(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as live:
        name = await history_of(live)
        backup = SqliteConnection(live.server.database.path, read_only=True)  # type: ignore[attr-defined]
        begin_snapshot(backup)
        erased = await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=name))
        assert erased.erasure_pending
    async with running(tmp_path) as live:
        again = await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name))
        assert again.erasure_pending
        assert in_files(tmp_path)
        backup.close()
        await until_gone(live, name)
        assert in_files(tmp_path) == []


async def test_erasing_one_leaves_the_others_whole(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        ann, bob = [
            await live.admin.customers.CreateCustomer(cpb.CreateCustomerRequest(customer=canaries(number)))
            for number in (1, 2)
        ]
        await purchases_of(live.admin, bob.name)
        before = await answers_about(live, bob.name)

        await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=ann.name))

        assert await answers_about(live, bob.name) == before
        assert in_answers(before)


async def answers_about(live: Running, name: str) -> list[Message]:
    return [
        await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=name)),
        await live.admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=name)),
        await live.admin.feed.ListHistory(fpb.ListHistoryRequest(name=name)),
    ]
