"""RFM scores of each customer: in ListStandings, in filters, and in segments; by all customers' cutpoints."""

from collections.abc import Iterator
from datetime import UTC, datetime

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2, segments_pb2, standing_pb2
from clientela.v1 import feed_pb2 as fpb
from clientela_lab.servers.local_server import LocalServer
from clientela_server.domain.rfm import RfmInput, Scores, cutpoints_of, score_by_quintile
from tests.rpc.callers import Caller
from tests.rpc.making import at, money, new_customer, new_purchase, new_segment
from tests.rpc.refusals import refusal
from tests.rpc.running import UNHURRIED
from tests.rpc.waiting import wait_for
from tests.rpc.watching import head
from tests.stores import database_in

DAY_S = 86_400
NOW_S = int(datetime.now(UTC).timestamp())
# How many days ago each customer bought, and for how much each time.
BOUGHT = {
    "ann": ([0, 3, 9, 40], 25),
    "ben": ([200], 5),
    "eve": ([10, 30], 100),
    "kim": ([2], 7),
    "lea": ([90, 95, 99], 12),
    "max": ([400, 500], 60),
    "tom": ([1, 2, 3, 4, 5, 6], 1),
}
NAMES = ("recency", "frequency", "monetary")


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """The administrator of a server whose customers are these and no others."""
    folder = tmp_path_factory.mktemp("scores")
    with (
        LocalServer(folder=folder, database=database_in(folder), module=UNHURRIED) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        admin = Caller(channel, server.token)
        for customer_id, (days, units) in BOUGHT.items():
            name = new_customer(admin, customer_id).name
            for day in days:
                new_purchase(admin, name, units, purchase_time=at(NOW_S - day * DAY_S))
        new_customer(admin, "zoe")
        gone = new_customer(admin, "gus").name
        new_purchase(admin, gone, 10_000)
        admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=gone))
        yield admin


def scored() -> dict[str, Scores]:
    """The scores by the rules for one."""
    clients = [
        RfmInput(who, min(days) + 1, len(days), len(days) * units * 10**9)
        for who, (days, units) in BOUGHT.items()
    ]
    cuts = cutpoints_of(clients)
    return {client.customer_id: score_by_quintile(client, cuts) for client in clients}


def listed(caller: Caller, text: str = "") -> dict[str, list[standing_pb2.RfmScores]]:
    found = caller.standing.ListStandings(standing_pb2.ListStandingsRequest(filter=text))
    return {each.customer.split("/")[1]: list(each.rfm_scores) for each in found.standings}


def ids(caller: Caller, text: str) -> set[str]:
    return set(listed(caller, text))


@pytest.fixture(scope="module")
def settled(caller: Caller) -> Caller:
    """The same, once the cutpoints are those of all."""
    wanted = {who: [tuple(scores)] for who, scores in scored().items()} | {"zoe": []}

    def seen() -> bool:
        return wanted == {
            who: [(each.recency, each.frequency, each.monetary) for each in scores]
            for who, scores in listed(caller).items()
        }

    assert wait_for(seen)
    return caller


def test_each_customer_has_the_scores_that_the_rules_give(settled: Caller) -> None:
    assert listed(settled)["ann"][0].currency_code == "EUR"
    cells = settled.economics.GetRfm(economics_pb2.GetRfmRequest(currency_code="EUR")).cells
    assert sum(each.customer_count for each in cells) == len(BOUGHT)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("operator", ["=", ":", "!=", "<", "<=", ">", ">="])
def test_a_filter_finds_whom_the_scores_say(settled: Caller, name: str, operator: str) -> None:
    compare = {
        "=": int.__eq__,
        ":": int.__eq__,
        "!=": int.__ne__,
        "<": int.__lt__,
        "<=": int.__le__,
        ">": int.__gt__,
        ">=": int.__ge__,
    }[operator]
    for value in range(7):
        wanted = {who for who, scores in scored().items() if compare(getattr(scores, name), value)}
        # Who never bought has no score, and so none that is equal.
        wanted |= {"zoe"} if operator == "!=" else set()
        text = f"rfm_{name}.EUR {operator} {value}"
        assert ids(settled, text) == wanted, text
        assert ids(settled, f"NOT {text}") == {*BOUGHT, "zoe"} - wanted, text


def test_filters_by_scores_go_together_with_all_others(settled: Caller) -> None:
    best = {who for who, each in scored().items() if each.recency >= 4 and each.frequency >= 4}
    assert ids(settled, "rfm_recency.EUR >= 4 AND rfm_frequency.EUR >= 4") == best
    assert ids(settled, "rfm_recency.EUR >= 4 AND rfm_frequency.EUR >= 4 AND purchases > 4") == {"tom"}
    assert ids(settled, "rfm_monetary.EUR:*") == set(BOUGHT)
    assert ids(settled, "rfm_monetary.PLN:*") == set()
    assert ids(settled, "rfm_monetary.PLN > 0") == set()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rfm_monetary = 5", "FILTER_FIELD_UNKNOWN"),
        ("rfm_monetary.euro = 5", "FILTER_FIELD_UNKNOWN"),
        ("rfm_monetary.EUR.x = 5", "FILTER_FIELD_UNKNOWN"),
        ("rfm_monetary.EUR = best", "FILTER_VALUE"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(settled: Caller, text: str, reason: str) -> None:
    refused = refusal(settled.standing.ListStandings, standing_pb2.ListStandingsRequest(filter=text))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)


@pytest.mark.long
def test_a_segment_by_scores_follows_when_others_move_the_cutpoints(settled: Caller) -> None:
    before = head(settled)
    segment = new_segment(settled, filter="rfm_monetary.EUR = 5").name
    watch = settled.feed.Watch(fpb.WatchRequest(after_revision=before, names=[segment]))
    told = (change.membership_change for message in watch for change in message.changes)
    best = {f"customers/{who}" for who, scores in scored().items() if scores.monetary == 5}
    assert not next(told).joined_customers  # the segment itself
    assert set(next(told).joined_customers) == best
    assert {each.name for each in members(settled, segment)} == best
    rich = new_customer(settled).name
    new_purchase(settled, rich, amount=money(1_000_000))
    assert rich in next(told).joined_customers
    settled.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=rich))
    assert rich in next(told).left_customers
    assert wait_for(lambda: {each.name for each in members(settled, segment)} == best)
    watch.cancel()


def members(caller: Caller, segment: str) -> list[cpb.Customer]:
    return list(
        caller.segments.ListSegmentMembers(segments_pb2.ListSegmentMembersRequest(parent=segment)).customers
    )
