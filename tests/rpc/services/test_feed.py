"""FeedService: the journal read forward, whole, gapless, and the same however often it is cut."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as pb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.servers.local_server import LocalServer
from clientela_server.rpc.services.feed import change
from clientela_server.store.database.opening import open_current
from clientela_server.store.journal import feed as store
from clientela_server.store.journal.entries import Entry
from tests.rpc.callers import Caller, request_id
from tests.rpc.making import money, new_customer, new_purchase, read_customer, to_import, to_record
from tests.rpc.watching import by_callers, changes_after, changes_until, head, history, watch, written_since


class Workload:
    """What was written, and between which revisions: 1,200 imported purchases and some of everything."""

    def __init__(self, admin: Caller) -> None:
        self.before = head(admin)
        self.ann = new_customer(admin).name
        messages = [ppb.ImportPurchasesRequest(items=[to_import(self.ann) for _ in range(600)]) for _ in "ab"]
        admin.purchases.ImportPurchases(iter(messages))
        self.bought = new_purchase(admin, self.ann, 10).name
        back = ppb.RefundPurchaseRequest(name=self.bought, amount=money(4), reason="x")
        self.refund = admin.purchases.RefundPurchase(back).name
        self.bob = new_customer(admin).name
        admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=self.bob))
        admin.customers.UndeleteCustomer(cpb.UndeleteCustomerRequest(name=self.bob))
        admin.customers.UpdateCustomer(
            cpb.UpdateCustomerRequest(customer=cpb.Customer(name=self.ann, patron="Jan"))
        )
        self.after = head(admin)
        self.changes = changes_after(admin, self.before, self.after)


@pytest.fixture(scope="module")
def work(admin: Caller) -> Workload:
    return Workload(admin)


# ---- Watch


def test_from_the_first_revision_it_is_the_whole_journal_without_a_gap(
    admin: Caller, server: LocalServer, work: Workload
) -> None:
    changes = changes_after(admin, 0, work.after)

    assert [each.revision for each in changes] == list(range(1, work.after + 1))
    connection = open_current(server.database)
    kept: list[Entry] = []
    try:
        while len(kept) < work.after:  # as much at a time as an answer holds
            kept += store.read_after(connection, len(kept), (), work.after - len(kept))
    finally:
        connection.close()
    for each in changes:
        if each.WhichOneof("resource"):
            each.ClearField("stage_change")  # it is kept beside the entry
    assert changes == [pb.Change.FromString(change(entry)) for entry in kept]


def test_each_message_tells_how_much_is_yet_to_come(admin: Caller, work: Workload) -> None:
    with watch(admin, after_revision=work.before) as stream:
        told = [next(stream)]
        while told[-1].bookmark_revision < work.after:
            told.append(next(stream))

    behind = [message.head_revision - message.bookmark_revision for message in told]
    assert behind[0] >= work.after - work.before
    assert behind == sorted(behind, reverse=True)
    assert behind[-2] > 0
    assert told[-1].head_revision >= work.after
    assert behind[-1] == 0


def test_a_change_says_who_did_what_when_to_what(clerk: Caller) -> None:
    before = head(clerk)
    ann = new_customer(clerk)
    request = to_record(ann.name)
    request.request_id = request_id()
    bought = clerk.purchases.RecordPurchase(request)

    [created, recorded] = written_since(clerk, before)

    assert (created.method, created.name, created.customer) == (
        "CustomerService.CreateCustomer",
        ann.name,
        ann,
    )
    assert (recorded.actor, recorded.method) == ("clerk", "PurchaseService.RecordPurchase")
    assert (recorded.request_id, recorded.purchase) == (request.request_id, bought)
    assert recorded.commit_time == bought.create_time


@given(data=st.data())
def test_cut_anywhere_and_resumed_it_is_the_same_list(admin: Caller, work: Workload, data: Any) -> None:
    points = st.lists(st.integers(work.before, work.after), max_size=4).map(sorted)
    cuts = [work.before, *data.draw(points), work.after]

    pieces = [changes_after(admin, start, end) for start, end in itertools.pairwise(cuts)]

    assert [each for piece in pieces for each in piece] == work.changes


@given(messages=st.integers(1, 3))
def test_cut_after_any_message_its_bookmark_is_where_to_go_on(
    admin: Caller, work: Workload, messages: int
) -> None:
    seen: list[pb.Change] = []
    with watch(admin, after_revision=work.before) as stream:
        for _ in range(messages):
            message = next(stream)
            seen += message.changes

    assert [each.revision for each in seen] == list(range(work.before + 1, message.bookmark_revision + 1))
    assert seen + changes_after(admin, message.bookmark_revision, work.after) == work.changes


def test_changes_come_as_they_are_made_to_all_who_watch(admin: Caller, clerk: Caller) -> None:
    with watch(admin) as first, watch(clerk) as second:
        start = [next(stream).bookmark_revision for stream in (first, second)]
        made = [new_customer(admin).name for _ in range(5)]
        end = head(admin)

        for stream in (first, second):
            assert [each.name for each in by_callers(changes_until(stream, end))] == made
    assert max(start) < end


def test_a_watch_that_begins_now_begins_with_a_bookmark_and_tells_nothing_older(admin: Caller) -> None:
    new_customer(admin)
    now = head(admin)

    with watch(admin) as stream:
        first = next(stream)

    assert first.bookmark_revision >= now
    assert list(first.changes) == []


def test_the_first_message_tells_the_epoch_in_which_a_watch_can_be_resumed(admin: Caller) -> None:
    with watch(admin) as stream:
        now = next(stream)
    made = new_customer(admin)
    again = {"after_revision": now.bookmark_revision, "epoch": now.epoch}
    with watch(admin, **again) as stream:
        messages = [next(stream), next(stream)]

    assert [each.epoch for each in messages] == [now.epoch, ""]
    assert by_callers(list(messages[1].changes))[0].name == made.name


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        (("{ann}",), {"{ann}"}),
        (("{ann}/purchases/*",), {"{ann}/purchases/"}),
        (("{ann}*",), {"{ann}", "{ann}/purchases/"}),
        (("{bought}",), {"{bought}"}),
        (("{ann}", "{bob}"), {"{ann}", "{bob}"}),
        (("{bob}", "{bob}", "{bob}*"), {"{bob}"}),
        (("customers/nobody",), set()),
        (("*", "{bob}"), {"{ann}", "{bob}", "{ann}/purchases/"}),
        (("customers/*",), {"{ann}", "{bob}", "{ann}/purchases/"}),
    ],
)
def test_only_the_names_and_prefixes_asked_for_are_reported(
    admin: Caller, work: Workload, names: tuple[str, ...], seen: set[str]
) -> None:
    asked = tuple(name.format_map(vars(work)) for name in names)
    wanted = {name.format_map(vars(work)) for name in seen}

    changes = told(admin, work, asked)

    assert changes == [
        each
        for each in work.changes
        if any(each.name == name or (name[-1] == "/" and each.name.startswith(name)) for name in wanted)
    ]


def told(admin: Caller, work: Workload, names: tuple[str, ...]) -> list[pb.Change]:
    """What a watch of these names tells of the workload; one more customer marks where to stop reading."""
    mark = new_customer(admin).name
    with watch(admin, after_revision=work.before, names=[*names, mark]) as stream:
        changes = changes_until(stream, head(admin))
    assert changes.pop().name == mark
    return [each for each in changes if each.revision <= work.after]


# ---- ListHistory


def test_history_is_what_the_feed_told_of_one_resource(admin: Caller, work: Workload) -> None:
    for name in (work.ann, work.bob, work.bought, work.refund):
        assert history(admin, name) == [each for each in work.changes if each.name == name]


@pytest.mark.parametrize("page_size", [1, 2, 3, 50])
def test_history_comes_in_pages(admin: Caller, work: Workload, page_size: int) -> None:
    assert history(admin, work.bob, page_size) == history(admin, work.bob)
    assert [each.method.split(".")[1] for each in history(admin, work.bob, page_size)] == [
        "CreateCustomer",
        "DeleteCustomer",
        "UndeleteCustomer",
    ]


def test_history_shows_a_customer_as_it_was_with_its_totals_then(admin: Caller) -> None:
    ann = new_customer(admin)
    new_purchase(admin, ann.name, 5)
    renamed = admin.customers.UpdateCustomer(
        cpb.UpdateCustomerRequest(customer=cpb.Customer(name=ann.name, display_name="Anna"))
    )
    new_purchase(admin, ann.name, 7)

    [created, updated] = history(admin, ann.name)

    assert (created.customer, updated.customer) == (ann, renamed)
    assert [each.amount.units for each in updated.customer.totals] == [5]
    assert [each.amount.units for each in read_customer(admin, ann.name).totals] == [12]


def test_history_of_a_customer_is_not_that_of_one_whose_id_begins_alike(admin: Caller) -> None:
    short = new_customer(admin)
    new_customer(admin, short.name.split("/")[1] + "-more")
    new_purchase(admin, short.name)

    assert [each.name for each in history(admin, short.name)] == [short.name]
