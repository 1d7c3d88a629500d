"""Spends: what was spent on acquisition and on retention, over which days."""

from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import spends_pb2 as pb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import day, money, new_spend, to_spend
from tests.rpc.refusals import refusal
from tests.rpc.watching import head

Code = grpc.StatusCode
REQUIRED = "value is required"


def listed(caller: Caller, **fields: Any) -> list[str]:
    return [each.name for each in caller.spends.ListSpends(pb.ListSpendsRequest(**fields)).spends]


def test_a_spend_is_recorded_read_listed_and_told_by_the_feed(clerk: Caller) -> None:
    before, spend_id = head(clerk), fresh("s")
    made = new_spend(
        clerk, spend_id, campaign="spring", end_date=day("2026-03-31"), purpose="SPEND_PURPOSE_RETENTION"
    )
    assert (made.name, made.recorded_by) == (f"spends/{spend_id}", "clerk")
    assert (made.amount, made.end_date, made.campaign) == (money(50), day("2026-03-31"), "spring")
    assert made.purpose == pb.SPEND_PURPOSE_RETENTION
    assert made.create_time.seconds > 0
    assert clerk.spends.GetSpend(pb.GetSpendRequest(name=made.name)) == made
    assert listed(clerk, filter=f'name = "{made.name}"') == [made.name]

    watch = clerk.feed.Watch(fpb.WatchRequest(after_revision=before, names=["spends/*"]))
    change = next(change for message in watch for change in message.changes)
    watch.cancel()
    assert (change.method, change.name, change.spend) == ("SpendService.RecordSpend", made.name, made)


def test_one_day_and_acquisition_are_meant_where_nothing_is_said(clerk: Caller) -> None:
    made = new_spend(clerk)
    assert made.end_date == made.start_date == day("2026-03-01")
    assert made.purpose == pb.SPEND_PURPOSE_ACQUISITION
    assert not made.HasField("campaign")


def test_a_deleted_spend_is_gone_and_its_history_stays(clerk: Caller) -> None:
    made = new_spend(clerk, fresh("s"))
    clerk.spends.DeleteSpend(pb.DeleteSpendRequest(name=made.name))
    for again in (
        refusal(clerk.spends.GetSpend, pb.GetSpendRequest(name=made.name)),
        refusal(clerk.spends.DeleteSpend, pb.DeleteSpendRequest(name=made.name)),
    ):
        assert (again.code, again.reason, again.facts["name"]) == (
            Code.NOT_FOUND,
            "SPEND_NOT_FOUND",
            made.name,
        )
    assert listed(clerk, filter=f'name = "{made.name}"') == []
    history = clerk.feed.ListHistory(fpb.ListHistoryRequest(name=made.name)).changes
    assert [each.spend for each in history] == [made, pb.Spend(name=made.name)]
    never = refusal(clerk.feed.ListHistory, fpb.ListHistoryRequest(name=f"spends/{fresh('s')}"))
    assert (never.code, never.reason) == (Code.NOT_FOUND, "SPEND_NOT_FOUND")


def test_what_is_asked_for_twice_is_done_once(clerk: Caller) -> None:
    request = to_spend()
    request.request_id = request_id()
    made = clerk.spends.RecordSpend(request)
    assert clerk.spends.RecordSpend(request) == made
    gone = pb.DeleteSpendRequest(name=made.name, request_id=request_id())
    clerk.spends.DeleteSpend(gone)
    clerk.spends.DeleteSpend(gone)


def test_a_name_is_given_once(clerk: Caller) -> None:
    made = new_spend(clerk, fresh("s"))
    taken = refusal(clerk.spends.RecordSpend, to_spend(made.name.partition("/")[2]))
    assert (taken.code, taken.reason) == (Code.ALREADY_EXISTS, "SPEND_EXISTS")


def test_spends_are_found_by_what_they_are(clerk: Caller) -> None:
    tag = fresh("t")
    marketing = new_spend(clerk, campaign=f"{tag} spring", channel=cpb.ACQUISITION_CHANNEL_MARKETING)
    late = new_spend(
        clerk, campaign=f"{tag} autumn", start_date=day("2026-10-01"), end_date=day("2026-10-31")
    )
    kept = new_spend(clerk, campaign=f"{tag} letters", purpose=pb.SPEND_PURPOSE_RETENTION)
    names = sorted(each.name for each in (marketing, late, kept))

    def of_tag(condition: str, **fields: Any) -> list[str]:
        return listed(clerk, filter=f'campaign : "{tag}" AND {condition}', **fields)

    assert of_tag('create_time > "2020-01-01T00:00:00Z"') == names
    assert of_tag("channel = MARKETING") == [marketing.name]
    assert of_tag("channel != ACQUISITION_CHANNEL_ADVERTISING") == [marketing.name]
    assert of_tag("start_date >= 2026-10-01") == [late.name]
    assert of_tag('end_date < "2026-10-31"') == sorted([marketing.name, kept.name])
    assert of_tag("purpose = RETENTION") == [kept.name]
    assert of_tag(f'name = "{late.name}"') == [late.name]
    assert of_tag("purpose = ACQUISITION", order_by="start_date desc") == [late.name, marketing.name]
    assert of_tag("purpose = ACQUISITION", order_by="end_date, create_time") == [marketing.name, late.name]


def test_pages_of_spends_follow_one_another(clerk: Caller) -> None:
    tag = fresh("t")
    names = sorted(new_spend(clerk, campaign=tag).name for _ in range(3))
    found, token = [], ""
    for _ in names:
        request = pb.ListSpendsRequest(filter=f'campaign = "{tag}"', page_size=1, page_token=token)
        page = clerk.spends.ListSpends(request)
        found += [each.name for each in page.spends]
        token = page.next_page_token
    assert (found, token) == (names, "")


@pytest.mark.parametrize(
    ("spend", "path", "reason", "facts"),
    [
        (
            {"start_date": Date(year=2026, month=2, day=31)},
            "spend.start_date",
            "DATE_INVALID",
            {"date": "2026-02-31"},
        ),
        ({"start_date": Date(month=3, day=1)}, "spend.start_date", "DATE_INVALID", {"date": "0000-03-01"}),
        ({"end_date": Date(year=2026, month=3)}, "spend.end_date", "DATE_INVALID", {"date": "2026-03-00"}),
        (
            {"end_date": day("2026-02-28")},
            "spend.end_date",
            "PERIOD_REVERSED",
            {"start": "2026-03-01", "end": "2026-02-28"},
        ),
        (
            {"end_date": day("2036-03-09")},
            "spend.end_date",
            "SPEND_TOO_LONG",
            {"days": "3662", "most": "3660"},
        ),
        ({"start_date": None}, "spend.start_date", "FIELD_INVALID", {"description": REQUIRED}),
        ({"amount": None}, "spend.amount", "FIELD_INVALID", {"description": REQUIRED}),
        (
            {"amount": money(5, currency="euro")},
            "spend.amount",
            "FIELD_INVALID",
            {"rule": "money.currency_code"},
        ),
        ({"amount": money(-5)}, "spend.amount", "FIELD_INVALID", {"rule": "money.not_negative"}),
        ({"channel": None}, "spend.channel", "FIELD_INVALID", {"description": REQUIRED}),
        ({"channel": 77}, "spend.channel", "FIELD_INVALID", {"rule": "enum.defined_only"}),
        ({"purpose": 77}, "spend.purpose", "FIELD_INVALID", {"rule": "enum.defined_only"}),
        ({"campaign": "x" * 201}, "spend.campaign", "FIELD_INVALID", {"rule": "string.max_len"}),
    ],
)
def test_a_spend_that_cannot_be_is_refused_with_its_field_and_the_fact(
    clerk: Caller, spend: dict[str, Any], path: str, reason: str, facts: dict[str, str]
) -> None:
    refused = refusal(clerk.spends.RecordSpend, to_spend(**spend))
    assert (refused.code, refused.reason, list(refused.faults)) == (Code.INVALID_ARGUMENT, reason, [path])
    assert refused.facts.items() >= {"field": path, **facts}.items()


def test_ten_years_of_days_are_the_most(clerk: Caller) -> None:
    assert new_spend(clerk, end_date=day("2036-03-07")).end_date == day("2036-03-07")


@pytest.mark.parametrize(
    ("filter_text", "reason"),
    [
        ("mood = good", "FILTER_FIELD_UNKNOWN"),
        ("channel = RADIO", "FILTER_VALUE"),
        ("start_date > yesterday", "FILTER_VALUE"),
        ("start_date > 2026-02-31", "FILTER_VALUE"),
        ("channel > MARKETING", "FILTER_OPERATOR"),
    ],
)
def test_a_filter_that_asks_for_what_is_not_there_is_refused(
    clerk: Caller, filter_text: str, reason: str
) -> None:
    refused = refusal(clerk.spends.ListSpends, pb.ListSpendsRequest(filter=filter_text))
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, reason)
    unknown = refusal(clerk.spends.ListSpends, pb.ListSpendsRequest(order_by="amount"))
    assert unknown.reason == "ORDER_FIELD_UNKNOWN"
