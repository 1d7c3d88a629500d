"""An answer ends by bytes, whatever is kept: so no client that takes what clients take can be stopped."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_client import connect
from clientela_lab.servers.local_server import LocalServer
from clientela_server.store.database.answer_size import ANSWER_BYTES, RECORDS_BYTES
from tests.cli.running import Cli
from tests.rpc import giants
from tests.rpc.callers import Caller
from tests.rpc.making import money, new_customer
from tests.rpc.refusals import refusal
from tests.stores import database_in

RUSSIAN = (("accept-language", "ru"),)
# How many there are of what is listed; all these are more than one answer holds.
THERE_ARE = {
    "CustomerService.ListCustomers": giants.CUSTOMERS,
    "FeedService.ListHistory": giants.BIG_CUSTOMERS + 1,
    "SegmentService.ListSegmentMembers": giants.CUSTOMERS,
    "SegmentService.ListSegments": giants.SEGMENTS,
    "StandingService.ListStandings": giants.CUSTOMERS,
    "PurchaseService.ExportPurchases": giants.PURCHASES,
    "PurchaseService.ListPurchases": giants.PURCHASES,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server with both ports and a ledger of large records."""
    folder = tmp_path_factory.mktemp("giants")
    with (
        LocalServer(folder=folder, database=database_in(folder), web="127.0.0.1:0") as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        giants.fill(Caller(channel, running.token))
        yield running


@pytest.fixture(scope="module")
def asker(shop: LocalServer) -> Iterator[Caller]:
    """Somebody on a channel that nobody told to take more than 4 MiB, who reads Russian."""
    with grpc.insecure_channel(shop.address) as channel:
        yield Caller(channel, shop.token, RUSSIAN)


def key_of(item: Any) -> Any:
    """What tells an item of a list from the others."""
    return next(getattr(item, name) for name in ("revision", "name", "customer") if hasattr(item, name))


# They count or fit over the whole ledger, every time.
SLOW = {"EconomicsService.GetUnitEconomics", "EconomicsService.PredictLifetimeValue"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name in SLOW else ())
        for name in giants.that_answer_with_many()
    ],
)
def test_an_answer_ends_at_a_mebibyte_or_one_record_and_all_together_are_the_whole(
    asker: Caller, name: str
) -> None:
    assert name in giants.QUESTIONS, "a new RPC that answers with many: ask for its longest answer there"

    answers = list(giants.answers(asker, name, giants.QUESTIONS[name]))

    for answer in answers:
        assert answer.ByteSize() <= ANSWER_BYTES or len(giants.items_of(answer)) == 1
    if name in THERE_ARE:
        keys = [key_of(item) for answer in answers for item in giants.items_of(answer)]
        assert len(answers) > 1
        assert len(keys) == len(set(keys)) == THERE_ARE[name]


def test_a_watch_sends_every_change_in_messages_that_end_by_bytes(asker: Caller) -> None:
    name = "FeedService.Watch"
    answers = list(giants.answers(asker, name, giants.QUESTIONS[name]))

    revisions = [change.revision for answer in answers for change in answer.changes]
    assert revisions == list(range(1, answers[-1].bookmark_revision + 1))
    for answer in answers:
        if answer.changes:
            assert answer.bookmark_revision == answer.changes[-1].revision


def test_a_record_larger_than_an_answer_goes_alone(asker: Caller) -> None:
    pages = giants.answers(asker, "PurchaseService.ListPurchases", {"parent": giants.SHOP})

    [alone] = [page for page in pages if page.purchases[0].ByteSize() > RECORDS_BYTES]
    assert len(alone.purchases) == 1
    assert alone.next_page_token


def test_no_record_is_too_large_for_a_client_that_takes_four_mebibytes(admin: Caller) -> None:
    """A request has at most 1 MiB; what the server adds of its own is little, unless it is totals."""
    purchase = ppb.Purchase(amount=money(1), lines=giants.giant_lines())
    request = ppb.RecordPurchaseRequest(parent=new_customer(admin).name, purchase=purchase)
    assert 1_020_000 < request.ByteSize() < 1024 * 1024

    recorded = admin.purchases.RecordPurchase(request)

    assert recorded.ByteSize() < request.ByteSize() + 512


def test_an_import_names_every_item_that_was_refused_and_has_words_for_the_first(admin: Caller) -> None:
    name = "PurchaseService.ImportPurchases"
    [answer] = giants.answers(admin, name, giants.QUESTIONS[name])

    assert [each.index for each in answer.rejected] == list(range(10_000))
    assert len({each.request_id for each in answer.rejected}) == 1000
    assert {each.status.reason for each in answer.rejected} == {"PARENT_MISMATCH"}
    assert {each.status.code for each in answer.rejected} == {3}
    first = answer.rejected[0].status
    assert (bool(first.message), first.field, sorted(first.metadata)) == (
        True,
        "customer",
        ["customer", "field", "name"],
    )
    assert answer.ByteSize() <= ANSWER_BYTES


# ---- batches


def big_names(count: int) -> list[str]:
    return [f"customers/big-{number:02}" for number in range(count)]


def test_a_batch_too_large_for_one_answer_is_refused_with_how_many_fit(asker: Caller) -> None:
    names = big_names(giants.BIG_CUSTOMERS)

    refused = refusal(asker.customers.BatchGetCustomers, cpb.BatchGetCustomersRequest(names=names))

    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "BATCH_TOO_LARGE")
    assert list(refused.faults) == ["names"]
    assert refused.facts == {"field": "names", "fit": "9", "count": "45"}
    answer = asker.customers.BatchGetCustomers(cpb.BatchGetCustomersRequest(names=names[:9]))
    assert [each.name for each in answer.customers] == names[:9]
    for more in (names[:10], ["customers/big-00"] * 1000):
        again = refusal(asker.customers.BatchGetCustomers, cpb.BatchGetCustomersRequest(names=more))
        assert again.facts["fit"] == "9"


def test_missing_customers_of_a_batch_are_reported_before_its_size(asker: Caller) -> None:
    names = [*big_names(giants.BIG_CUSTOMERS), "customers/nobody"]

    refused = refusal(asker.customers.BatchGetCustomers, cpb.BatchGetCustomersRequest(names=names))

    assert (refused.reason, list(refused.faults)) == ("CUSTOMERS_NOT_FOUND", ["names[45]"])


def test_the_sdk_asks_for_a_large_batch_in_parts(shop: LocalServer) -> None:
    names = [*big_names(giants.BIG_CUSTOMERS), *big_names(3)]
    with connect(shop.address, token=shop.token) as client:
        assert [each.name for each in client.customers.batch_get(names).customers] == names


# ---- what a person does with such a ledger


@pytest.fixture
def cli(shop: LocalServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, connected to the server of large records."""
    monkeypatch.setenv("CLIENTELA_SERVER", shop.address)
    monkeypatch.setenv("CLIENTELA_TOKEN", shop.token)
    return Cli(capsys)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("purchases list shop -o name", giants.PURCHASES_OF_SHOP),
        ("purchases export shop -o name", giants.PURCHASES_OF_SHOP),
        ("purchases list shop --limit 40 -o name", 40),
        ("customers history fickle -o name", giants.BIG_CUSTOMERS + 1),
        ("watch --after 0 --limit 150 -o name", 150),
        ("watch fickle --after 0 --limit 46 -o name", 46),
    ],
)
def test_every_command_that_lists_goes_through_such_a_ledger(cli: Cli, words: str, count: int) -> None:
    assert len(cli.done(*words.split()).stdout.splitlines()) == count


def test_a_report_that_looks_at_the_latest_purchases_is_made_of_such_a_ledger(cli: Cli) -> None:
    words = "economics show --from 2020-01-01 --to 2026-01-01 --horizon 0 --timeout 300 -o json"
    assert "EUR" in cli.done(*words.split()).stdout
