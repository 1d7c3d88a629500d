"""StandingService: what a client is, with the reasons; the policy; and what of it the feed tells."""

import time

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import standing_pb2 as pb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import at, money, new_currency, new_customer, new_purchase, to_import
from tests.rpc.refusals import refusal
from tests.rpc.waiting import wait_for
from tests.rpc.watching import head

Code = grpc.StatusCode
DAY_S = 86_400
LABELS = """POTENTIAL NEW REGULAR LOYAL LOST INDIVIDUAL BUSINESS B2C B2B SEASONAL STRATEGIC MASS RETAIL BUYER
    CLIENT""".split()


def standing(caller: Caller, name: str, **options: object) -> pb.Standing:
    found: pb.Standing = caller.standing.GetStanding(pb.GetStandingRequest(name=name), **options)
    return found


def stage(caller: Caller, name: str) -> str:
    return pb.Stage.Name(standing(caller, name).stage).removeprefix("STAGE_")


def holding(found: pb.Standing) -> set[str]:
    return {each.label for each in found.findings if each.holds}


def finding(caller: Caller, name: str, label: str) -> pb.Finding:
    return next(each for each in standing(caller, name).findings if each.label == label)


def ago(days: float) -> object:
    return at(int(time.time() - days * DAY_S))


def bought(caller: Caller, name: str, *days: float, **fields: object) -> None:
    for each in days:
        new_purchase(caller, name, purchase_time=ago(each), **fields)


def test_there_is_a_finding_for_every_label_held_or_not(clerk: Caller) -> None:
    ann = new_customer(clerk).name
    found = standing(clerk, ann)

    assert [each.label for each in found.findings] == LABELS
    assert all(each.rule_id and each.explanation and each.flips_if for each in found.findings)
    assert (found.customer, pb.Stage.Name(found.stage), list(found.kinds)) == (ann, "STAGE_POTENTIAL", [])
    assert holding(found) == {"POTENTIAL"}


def test_a_client_goes_through_the_stages_and_back(clerk: Caller) -> None:
    ann = new_customer(clerk).name
    stages = [stage(clerk, ann)]
    for days in (800, 790, 780, 0):
        bought(clerk, ann, days)
        stages.append(stage(clerk, ann))
    new_customer(clerk, acquisition=cpb.Acquisition(referrer=ann))
    stages.append(stage(clerk, ann))
    assert stages == ["POTENTIAL", "LOST", "LOST", "LOST", "REGULAR", "LOYAL"]


def test_a_finding_tells_measures_thresholds_and_what_keeps_the_label(clerk: Caller) -> None:
    ann = new_customer(clerk).name
    bought(clerk, ann, 50, 30, 10)
    found = finding(clerk, ann, "REGULAR")

    measured = {each.name: (each.value.value, each.threshold.value, each.unit) for each in found.measures}
    assert measured == {"purchase_days": ("3", "3", "days"), "silence": ("10", "40", "days")}
    ends = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 31 * DAY_S))
    assert (found.holds, found.flips_if) == (True, f"one purchase before {ends} keeps REGULAR")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pl, en", "Zarejestrowany, nic jeszcze nie kupił."),
        ("ru", "Зарегистрирован, покупок ещё не было."),
        ("lt-LT", "Užregistruotas, dar nieko nepirko."),
        ("de", "Registered, and nothing was bought yet."),
    ],
)
def test_sentences_are_in_the_callers_language(clerk: Caller, language: str, said: str) -> None:
    ann = new_customer(clerk).name
    found = standing(clerk, ann, metadata=(("accept-language", language),))
    assert found.findings[0].explanation == said


def test_imports_and_refunds_keep_the_facts_right(clerk: Caller) -> None:
    ann = f"customers/{fresh()}"
    items = [to_import(ann, 10 + each, purchase_time=ago(each)) for each in (5, 400, 30, 410, 420)]
    clerk.purchases.ImportPurchases(
        iter([ppb.ImportPurchasesRequest(items=items, create_missing_customers=True)])
    )
    assert stage(clerk, ann) == "REGULAR"
    before = finding(clerk, ann, "STRATEGIC").measures[0]
    assert (before.value.value, before.unit) == ("55", "EUR")
    paid = next(
        each
        for each in clerk.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=ann)).purchases
        if each.amount.units == 15
    )
    clerk.purchases.RefundPurchase(
        ppb.RefundPurchaseRequest(name=paid.name, amount=money(4), reason="broken")
    )
    assert finding(clerk, ann, "STRATEGIC").measures[0].value.value == "51"


def test_another_moment_can_be_asked_for(clerk: Caller) -> None:
    ann = new_customer(clerk).name
    bought(clerk, ann, 100, 50, 10)

    def as_of(days: int) -> str:
        request = pb.GetStandingRequest(name=ann, read_time=ago(days))
        return pb.Stage.Name(clerk.standing.GetStanding(request).stage)

    assert [as_of(days) for days in (101, 60, 49, 0, -170)] == [
        "STAGE_POTENTIAL",
        "STAGE_NEW",
        "STAGE_NEW",
        "STAGE_REGULAR",
        "STAGE_LOST",
    ]


def test_as_of_when_the_other_clients_are_is_told_beside_the_moment_that_was_asked_for(
    clerk: Caller,
) -> None:
    ann = new_customer(clerk).name
    bought(clerk, ann, 100)
    begun = ago(0).seconds
    past = clerk.standing.GetStanding(pb.GetStandingRequest(name=ann, read_time=ago(50)))
    now = clerk.standing.GetStanding(pb.GetStandingRequest(name=ann))
    listed = clerk.standing.ListStandings(pb.ListStandingsRequest(filter=f'name = "{ann}"')).standings[0]
    for each in (past, now, listed):
        assert each.HasField("market_time")
        assert abs(each.market_time.seconds - begun) < 86_400
    assert past.read_time.seconds < past.market_time.seconds - 49 * 86_400


def test_who_has_stated_preferences_is_a_client_with_the_first_purchase(clerk: Caller) -> None:
    ann = new_customer(clerk, preferences=cpb.Preferences(language_code="pl")).name
    assert not finding(clerk, ann, "CLIENT").holds
    assert finding(clerk, ann, "CLIENT").flips_if == "CLIENT begins with one purchase"
    bought(clerk, ann, 3)
    assert finding(clerk, ann, "CLIENT").holds


def test_who_was_never_there_has_no_standing(clerk: Caller) -> None:
    refused = refusal(clerk.standing.GetStanding, pb.GetStandingRequest(name=f"customers/{fresh()}"))
    assert (refused.code, refused.reason) == (Code.NOT_FOUND, "CUSTOMER_NOT_FOUND")


def test_a_stage_that_changes_with_a_write_is_reported_with_it(clerk: Caller) -> None:
    ann = new_customer(clerk).name
    before = head(clerk)
    bought(clerk, ann, 1, 0)
    watch = clerk.feed.Watch(fpb.WatchRequest(after_revision=before, names=[f"{ann}*"]))
    changes = [change for _ in range(2) for change in next(watch).changes][:2]
    watch.cancel()

    first = changes[0].stage_change
    assert [each.HasField("stage_change") for each in changes] == [True, False]
    assert (pb.Stage.Name(first.from_stage), pb.Stage.Name(first.to_stage)) == (
        "STAGE_POTENTIAL",
        "STAGE_NEW",
    )
    assert {each.label: each.holds for each in first.findings} == {"POTENTIAL": False, "NEW": True}
    assert changes[0].HasField("purchase")


def test_a_recommendation_that_makes_loyal_is_reported_in_an_entry_of_its_own(clerk: Caller) -> None:
    ann = new_customer(clerk).name
    bought(clerk, ann, 2, 1, 0)
    before = head(clerk)
    new_customer(clerk, acquisition=cpb.Acquisition(referrer=ann))
    watch = clerk.feed.Watch(fpb.WatchRequest(after_revision=before, names=[ann]))
    change = next(change for message in watch for change in message.changes)
    watch.cancel()

    assert (change.name, change.actor, change.WhichOneof("resource")) == (ann, "server", None)
    assert pb.Stage.Name(change.stage_change.to_stage) == "STAGE_LOYAL"


def test_standings_are_listed_by_filter_and_order(clerk: Caller) -> None:
    tag = fresh("t")
    names = [new_customer(clerk, display_name=f"{tag} {place}").name for place in range(3)]
    for place, name in enumerate(names):
        lines = [ppb.PurchaseLine(category=tag, unit_price=money(5))]
        bought(clerk, name, *range(place + 1), lines=lines, amount=money(5))

    def listed(text: str, order: str = "", **fields: object) -> list[str]:
        request = pb.ListStandingsRequest(filter=text, order_by=order, **fields)
        return [each.customer for each in clerk.standing.ListStandings(request).standings]

    mine = f'categories : "{tag}"'
    assert listed(mine) == sorted(names)
    assert listed(mine, "purchases desc") == names[::-1]
    assert listed(f'{mine} AND stage = "REGULAR"') == [names[2]]
    assert listed(f'{mine} AND purchase_days < 2 AND display_name : "{tag}"') == [names[0]]
    assert listed(f'{mine} AND kinds : "BUYER" AND stage = NEW', "purchases", page_size=1) == [names[0]]
    whole = clerk.standing.ListStandings(pb.ListStandingsRequest(filter=mine, with_findings=True))
    assert [len(each.findings) for each in whole.standings] == [len(LABELS)] * 3
    assert whole.total_size == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mood = good", "FILTER_FIELD_UNKNOWN"),
        ("stage = GONE", "FILTER_VALUE"),
        ('kinds = "MASS"', "FILTER_OPERATOR"),
        ("kinds : NICE", "FILTER_VALUE"),
        ("median_gap_days > soon", "FILTER_VALUE"),
    ],
)
def test_a_filter_that_says_nothing_is_refused(clerk: Caller, text: str, reason: str) -> None:
    refused = refusal(clerk.standing.ListStandings, pb.ListStandingsRequest(filter=text))
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, reason)


def test_the_strategic_are_the_few_who_make_half_of_the_revenue(clerk: Caller) -> None:
    currency = new_currency()
    names = [new_customer(clerk).name for _ in range(4)]
    for name, units in zip(names, (50, 30, 15, 10), strict=True):
        clerk.purchases.RecordPurchase(
            ppb.RecordPurchaseRequest(
                parent=name, purchase=ppb.Purchase(amount=money(units, currency=currency))
            )
        )

    def settled() -> list[pb.Finding] | None:
        found = [finding(clerk, name, "STRATEGIC") for name in names]
        return found if found[0].holds and found[1].holds else None

    found = wait_for(settled)
    assert [each.holds for each in found] == [True, True, False, False]
    assert [each.measures[1].value.value for each in found] == ["1", "2", "3", "4"]
    assert found[2].flips_if == f"STRATEGIC begins with 15.01 {currency} more revenue"


def test_the_policy_is_read_changed_and_guarded(admin: Caller) -> None:
    asked = pb.UpdatePolicyRequest(policy=pb.Policy(mass_percent=11), request_id=request_id())
    changed = admin.standing.UpdatePolicy(asked)
    assert admin.standing.UpdatePolicy(asked) == changed
    assert admin.standing.GetPolicy(pb.GetPolicyRequest()) == changed
    assert (changed.mass_percent, changed.new_days) == (11, 90)

    stale = pb.UpdatePolicyRequest(policy=pb.Policy(mass_percent=12, etag='"0"'))
    assert refusal(admin.standing.UpdatePolicy, stale).code == Code.ABORTED
    wrong = pb.UpdatePolicyRequest(policy=pb.Policy(mass_percent=0))
    assert refusal(admin.standing.UpdatePolicy, wrong).code == Code.INVALID_ARGUMENT

    back = pb.UpdatePolicyRequest(policy=pb.Policy(etag=changed.etag))
    back.update_mask.paths.append("*")
    assert admin.standing.UpdatePolicy(back).mass_percent == 10
    changes = admin.feed.ListHistory(fpb.ListHistoryRequest(name="policy")).changes
    assert [each.policy.mass_percent for each in changes][-2:] == [11, 10]
