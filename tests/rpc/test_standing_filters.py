"""Filters over standings find exactly those for whom they hold, in any combination, as plain Python has it.

What a filter asks for is told by the test's own record of who was made and what each bought.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, standing_pb2
from clientela_server.domain.standing.policy import Policy
from tests.domain import naive
from tests.domain.naive import EPOCH, Bought, Client, Others
from tests.domain.random_clients import PATHS, PURPOSES
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import at, money, to_import
from tests.rpc.refusals import refusal
from tests.store.people import Wish, compared, everybody, filters, joined, negated

OPERATORS = ["=", "!=", "<", "<=", ">", ">="]
CATEGORIES = ["tea", "cups", "Tea", "a 'b' \"c\""]
FORMS = ['"{}"', '"{}T18:30:00Z"']
OWN_KINDS = ["INDIVIDUAL", "BUSINESS", "B2C", "B2B", "SEASONAL", "RETAIL", "BUYER", "CLIENT"]
STAGES = ["POTENTIAL", "NEW", "REGULAR", "LOYAL", "LOST", "UNSPECIFIED"]


@dataclass
class Tribe:
    """People of one label, and what of their standing filters ask for."""

    label: str
    people: list[cpb.Customer]
    clients: dict[str, Client]
    caller: Caller
    today: date

    def found(self, text: str) -> set[str]:
        """The names of those whom a filter finds."""
        request = standing_pb2.ListStandingsRequest(
            filter=f"labels.tribe = {self.label} AND ({text})", page_size=1000
        )
        return {each.customer for each in self.caller.standing.ListStandings(request).standings}

    def holding(self, wish: Wish) -> set[str]:
        """The names of those for whom it holds."""
        return {each.name for each in self.people if wish.holds(each)}


def made_up(chance: Random, today: date) -> list[Bought]:
    """Nothing, something now and then, something lately, twice in the same days of years, or regularly."""
    agos = chance.choice(
        [
            [chance.randrange(900) for _ in range(chance.randrange(6))],
            [chance.randrange(60) for _ in range(2)],
            [chance.randrange(5) + 365 * year for year in range(4) for _ in range(2)],
            [chance.randrange(20) + 20 * place for place in range(chance.randrange(3, 24))],
            [chance.randrange(20) + 20 * place for place in range(chance.randrange(3, 24))],
        ]
    )
    return [
        Bought(
            today - timedelta(ago),
            purpose=chance.choice(PURPOSES),
            path=chance.choice(PATHS),
            quantities=tuple((each, "1") for each in chance.sample(CATEGORIES, chance.randrange(3))),
        )
        for ago in agos
    ]


def to_items(name: str, ledger: list[Bought]) -> list[ppb.ImportItem]:
    return [
        to_import(
            name,
            purchase_time=at((each.on - EPOCH).days * 86_400),
            purpose=PURPOSES.index(each.purpose),
            sales_path=PATHS.index(each.path),
            lines=[
                ppb.PurchaseLine(category=category, unit_price=money(0)) for category, _ in each.quantities
            ],
            amount=money(0),
        )
        for each in ledger
    ]


@pytest.fixture(scope="module")
def tribe(admin: Caller) -> Tribe:
    chance, label, today = Random(11), fresh("t"), datetime.now(UTC).date()
    people: list[cpb.Customer] = []
    for place, stated in enumerate(everybody(label)):
        if people and place % 3:
            stated.acquisition.referrer = people[len(people) // 4].name
        if place % 5 == 0:
            stated.ClearField("preferences")
        elif place % 2:
            stated.phones.append("+48221234567")
        people.append(admin.customers.CreateCustomer(cpb.CreateCustomerRequest(customer=stated)))
    clients = {}
    for each in people:
        ledger = made_up(chance, today)
        items = to_items(each.name, ledger)
        admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)] if items else []))
        clients[each.name] = client_of(each, people, ledger)
    return Tribe(label, people, clients, admin, today)


def client_of(customer: cpb.Customer, people: list[cpb.Customer], ledger: list[Bought]) -> Client:
    prefers = replace(NOBODY, prefers=customer.preferences != cpb.Preferences())
    return replace(
        prefers,
        ledger=tuple(ledger),
        party=customer.WhichOneof("party") or "",
        reachable=bool(customer.phones),
        referrals=sum(each.acquisition.referrer == customer.name for each in people),
    )


NOBODY = Client()


# ---- what the fields of a standing mean

Read = Callable[[Client], Any]
NUMBERS: dict[str, Read] = {
    "purchases": lambda client: len(client.ledger),
    "purchase_days": lambda client: len(naive.purchase_days(client)),
    "referrals": lambda client: client.referrals,
}
TIMES: dict[str, Read] = {
    "first_purchase_time": lambda client: min(naive.purchase_days(client), default=None),
    "last_purchase_time": lambda client: max(naive.purchase_days(client), default=None),
}


def gap(client: Client) -> float | None:
    found = [(after - before).days for before, after in pairwise(naive.purchase_days(client))]
    return median(found) if found else None


def asked(tribe: Tribe, text: str, holds: Callable[[Client], bool]) -> Wish:
    return Wish(text, lambda each: holds(tribe.clients[each.name]))


def compare(tribe: Tribe, field: str, operator: str, written: object, read: Read, value: object) -> Wish:
    return asked(
        tribe, f"{field} {operator} {written}", lambda client: compared(read(client), operator, value)
    )


def labelled(tribe: Tribe, client: Client) -> set[str]:
    return naive.labels(client, Policy(), Others(), tribe.today)


def stage_wish(tribe: Tribe, operator: str, stage: str, prefix: str) -> Wish:
    def holds(client: Client) -> bool:
        found = naive.stage(client, Policy(), tribe.today).replace("BETWEEN", "UNSPECIFIED")
        return compared(found, operator, stage)

    return asked(tribe, f"stage {operator} {prefix}{stage}", holds)


def standing_leaves(tribe: Tribe) -> st.SearchStrategy[Wish]:
    """Single restrictions about standings."""
    operator, days = st.sampled_from(OPERATORS), st.integers(0, 900)

    def times(field: str, operator: str, ago: int, form: str) -> Wish:
        on = tribe.today - timedelta(ago)
        return compare(tribe, field, operator, form.format(on), TIMES[field], on)

    def kind(name: str, prefix: str) -> Wish:
        return asked(tribe, f'kinds : "{prefix}{name}"', lambda client: name in labelled(tribe, client))

    def category(name: str) -> Wish:
        text = name.replace('"', '\\"')
        return asked(
            tribe,
            f'categories : "{text}"',
            lambda client: any(name in dict(each.quantities) for each in client.ledger),
        )

    return st.one_of(
        st.builds(
            lambda field, operator, value: compare(tribe, field, operator, value, NUMBERS[field], value),
            st.sampled_from(sorted(NUMBERS)),
            operator,
            st.integers(-1, 25),
        ),
        st.builds(
            times, st.sampled_from(sorted(TIMES)), operator, days, st.sampled_from(['"{}"', '"{}T18:30:00Z"'])
        ),
        st.builds(
            lambda operator, twice: compare(tribe, "median_gap_days", operator, twice / 2, gap, twice / 2),
            operator,
            st.integers(0, 100),
        ),
        st.builds(
            lambda *of: stage_wish(tribe, *of),
            st.sampled_from(["=", "!="]),
            st.sampled_from(STAGES),
            st.sampled_from(["", "STAGE_"]),
        ),
        st.builds(kind, st.sampled_from(OWN_KINDS), st.sampled_from(["", "KIND_"])),
        st.builds(category, st.sampled_from(CATEGORIES)),
        st.sampled_from(
            [
                asked(tribe, "categories:*", lambda client: any(each.quantities for each in client.ledger)),
                asked(tribe, "median_gap_days:*", lambda client: gap(client) is not None),
                asked(tribe, "first_purchase_time:*", lambda client: bool(client.ledger)),
            ]
        ),
    )


def wishes(tribe: Tribe) -> st.SearchStrategy[Wish]:
    """Filters of any shape, over standings and over customers."""
    return st.recursive(
        st.one_of(standing_leaves(tribe), standing_leaves(tribe), filters(tribe.people)),
        lambda parts: st.one_of(
            st.builds(joined(" AND ", all), st.lists(parts, min_size=2, max_size=3)),
            st.builds(joined(" ", all), st.lists(parts, min_size=2, max_size=3)),
            st.builds(joined(" OR ", any), st.lists(parts, min_size=2, max_size=3)),
            st.builds(negated, st.sampled_from(["NOT ", "-"]), parts),
        ),
        max_leaves=5,
    )


@settings(
    max_examples={"brief": 15}.get(settings.get_current_profile_name(), 4 * settings.default.max_examples)
)
@given(data=st.data())
def test_a_filter_over_standings_finds_those_for_whom_it_holds(tribe: Tribe, data: Any) -> None:
    wish = data.draw(wishes(tribe), label="filter")

    assert tribe.found(wish.text) == tribe.holding(wish), wish.text


def test_every_stage_and_kind_of_these_people_is_found(tribe: Tribe) -> None:
    """The people must be such that every restriction finds somebody, and leaves somebody out."""
    for stage in STAGES:
        assert set() < tribe.found(f"stage = {stage}") < {each.name for each in tribe.people}, stage
    for kind in OWN_KINDS:
        assert set() < tribe.found(f"kinds : {kind}") < {each.name for each in tribe.people}, kind


def test_a_segment_finds_whom_its_filter_does(tribe: Tribe) -> None:
    texts = [
        "purchases >= 3 AND NOT (stage = LOST OR stage = LOYAL)",
        'preferences.categories : "tea" AND (referrals > 0 OR acquisition.referrer:*)',
        "acquisition.channel = REFERRAL OR (median_gap_days <= 20.5 AND kinds : BUYER)",
    ]
    for text in texts:
        segment = segments_pb2.Segment(
            display_name=text, filter=f"labels.tribe = {tribe.label} AND ({text})", strategy="a call"
        )
        made = tribe.caller.segments.CreateSegment(segments_pb2.CreateSegmentRequest(segment=segment))
        request = segments_pb2.ListSegmentMembersRequest(parent=made.name, page_size=1000)
        found = tribe.caller.segments.ListSegmentMembers(request).customers
        assert {each.name for each in found} == tribe.found(text) != set()
        tribe.caller.segments.DeleteSegment(segments_pb2.DeleteSegmentRequest(name=made.name))


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ("purchase_days > 1 AND mood = good", "mood", "23"),
        ('NOT (stage = "LOST" OR purchases.count > 1)', "purchases.count", "24"),
        ("preferences.colour = red", "preferences.colour", "1"),
    ],
)
def test_an_unknown_field_is_refused_by_its_name_and_column(
    admin: Caller, text: str, name: str, column: str
) -> None:
    for method, request in (
        (admin.standing.ListStandings, standing_pb2.ListStandingsRequest(filter=text)),
        (
            admin.segments.CreateSegment,
            segments_pb2.CreateSegmentRequest(segment=segments_pb2.Segment(display_name="x", filter=text)),
        ),
    ):
        refused = refusal(method, request)
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FILTER_FIELD_UNKNOWN")
        assert (refused.facts["name"], refused.facts["column"]) == (name, column)


@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "9e999999", "sNaN", "soon", '""', "1e400"])
def test_what_is_no_number_of_days_is_refused(admin: Caller, value: str) -> None:
    refused = refusal(
        admin.standing.ListStandings, standing_pb2.ListStandingsRequest(filter=f"median_gap_days > {value}")
    )
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FILTER_VALUE")
