"""Why each stage holds or not, and what would turn it.

A stage is turned by purchases on the next free days, or by waiting: while nothing more is bought, each rule
holds from one day to another. Read next: `stages`, the rules.
"""

from array import array
from collections.abc import Callable

from clientela_server.domain.days import date_of
from clientela_server.domain.standing import stages
from clientela_server.domain.standing.facts import Facts, seen_on
from clientela_server.domain.standing.findings import NEVER, Finding, Flip, Measure, number
from clientela_server.domain.standing.policy import Policy


def stage_findings(facts: Facts, policy: Policy, day: int) -> list[Finding]:
    """Return the findings of the five stages."""
    return [make(facts, policy, day) for make in _MAKERS.values()]


def findings_of(stages_named: set[str], facts: Facts, policy: Policy, day: int) -> list[Finding]:
    """Return the findings of the named stages."""
    return [make(facts, policy, day) for name, make in _MAKERS.items() if name in stages_named]


def next_free_day(facts: Facts, day: int) -> int:
    """Return the first day on which a purchase adds a purchase day."""
    return max(day, facts.days[-1] + 1) if facts.days else day


def buying(facts: Facts, day: int, purchases: int = 1, referrals: int = 0) -> Flip:
    """Return the flip of purchases on so many new days and of so many referrals."""
    says = "buy_and_refer" if purchases and referrals else "refer" if referrals else "buy"
    return Flip(says, purchases=purchases, day=next_free_day(facts, day), referrals=referrals)


def _about_days(facts: Facts, policy: Policy) -> Measure:
    return number("purchase_days", len(facts.days), policy.regular_purchase_days, "days")


def _about_silence(facts: Facts, day: int, limit: int) -> list[Measure]:
    return [number("silence", stages.silence(facts, day), limit, "days")] if facts.days else []


def _dates(facts: Facts) -> dict[str, str]:
    return {"first": date_of(facts.days[0]), "last": date_of(facts.days[-1])} if facts.days else {}


def _potential(facts: Facts, _: Policy, day: int) -> Finding:
    holds = stages.is_potential(facts)
    return Finding(
        "POTENTIAL",
        holds,
        rule_id="stage.potential.no-purchase",
        measures=(number("purchases", facts.purchases, 0, "purchases"),),
        flip=buying(facts, day) if holds else NEVER,
        says="potential.yes" if holds else "potential.no",
        facts=_dates(facts),
    )


def _new(facts: Facts, policy: Policy, day: int) -> Finding:
    holds = stages.is_new(facts, policy, day)
    measures = [_about_days(facts, policy)]
    if facts.days:
        since = max(day - facts.days[0], 0)
        measures.insert(0, number("since_first_purchase", since, policy.new_days, "days"))
    return Finding(
        "NEW",
        holds,
        rule_id="stage.new.first-purchase",
        measures=tuple(measures),
        flip=_from_new(facts, policy, day) if holds else _to_new(facts, policy, day),
        says="new.yes" if holds else _why_not_new(facts, policy, day),
        facts=_dates(facts),
    )


def _from_new(facts: Facts, policy: Policy, day: int) -> Flip:
    """Return the flip from NEW: buy, where that leads to REGULAR; else wait."""
    if len(facts.days) + 1 >= policy.regular_purchase_days:
        return buying(facts, day)
    turn = min(facts.days[0] + policy.new_days + 1, facts.days[-1] + stages.lost_after(facts, policy))
    return Flip("wait", until=turn)


def _to_new(facts: Facts, policy: Policy, day: int) -> Flip:
    """Return the flip to NEW: a purchase, unless the first was long ago or it makes the client regular."""
    again = next_free_day(facts, day)
    few = len(facts.days) + 1 < policy.regular_purchase_days
    if not facts.days or (few and again - facts.days[0] <= policy.new_days):
        return buying(facts, day)
    return NEVER


def _why_not_new(facts: Facts, policy: Policy, day: int) -> str:
    if not facts.days:
        return "no_purchase"
    if len(facts.days) >= policy.regular_purchase_days:
        return "new.beyond"
    return "new.long_ago" if day - facts.days[0] > policy.new_days else "new.lost"


def _regular(facts: Facts, policy: Policy, day: int) -> Finding:
    holds = stages.is_regular(facts, policy, day)
    missing, limit = policy.regular_purchase_days - len(facts.days), stages.regular_limit(facts, policy)
    flip = Flip("keep", until=facts.days[-1] + limit + 1) if holds else buying(facts, day, max(missing, 1))
    says = "regular.yes" if holds else "regular.few" if missing > 0 else "regular.silent"
    return Finding(
        "REGULAR",
        holds,
        rule_id="stage.regular.usual-gap",
        measures=(_about_days(facts, policy), *_about_silence(facts, day, limit)),
        flip=flip,
        says=says if facts.days else "no_purchase",
        facts=_dates(facts),
    )


def _loyal(facts: Facts, policy: Policy, day: int) -> Finding:
    is_regular = stages.is_regular(facts, policy, day)
    by_purchases = is_regular and stages.buys_for_long(facts, policy, day)
    by_referrals = is_regular and stages.recommends(facts, policy)
    says = {
        (True, True): "loyal.both",
        (True, False): "loyal.by_purchases",
        (False, True): "loyal.by_referrals",
        (False, False): "loyal.not_yet" if is_regular else "loyal.not_regular",
    }[by_purchases, by_referrals]
    holds = by_purchases or by_referrals
    rule = "stage.loyal.recommends" if by_referrals and not by_purchases else "stage.loyal.year-without-gap"
    referrals = number("referrals", facts.referrals, policy.loyal_referral_count, "clients")
    return Finding(
        "LOYAL",
        holds,
        rule_id=rule,
        measures=(*_about_run(facts, policy, day, ongoing=by_purchases), referrals),
        flip=_from_loyal(facts, policy, by_referrals=by_referrals)
        if holds
        else _to_loyal(facts, policy, day, is_regular=is_regular),
        says=says,
        facts=_dates(facts),
    )


def _about_run(facts: Facts, policy: Policy, day: int, *, ongoing: bool) -> list[Measure]:
    """Return how long the client has bought without a long gap: until today, or until the last purchase."""
    if not facts.days:
        return []
    limit = stages.loyal_limit(facts, policy)
    start = stages.run_start(facts, limit)
    run = 0 if ongoing else max(facts.days[-1] - start, 0)
    run = run or max(day - start, 0)
    return [number("regular_for", run, policy.loyal_days, "days"), *_about_silence(facts, day, limit)]


def _from_loyal(facts: Facts, policy: Policy, *, by_referrals: bool) -> Flip:
    """Return the flip from LOYAL: a silence that is too long for it."""
    limit = stages.regular_limit(facts, policy)
    if not by_referrals:
        limit = min(limit, stages.loyal_limit(facts, policy))
    return Flip("keep", until=facts.days[-1] + limit + 1)


def _to_loyal(facts: Facts, policy: Policy, day: int, *, is_regular: bool) -> Flip:
    """Return the flip to LOYAL: wait, where that is enough; else buy, and where that is not enough refer."""
    referrals = max(policy.loyal_referral_count - facts.referrals, 0)
    if is_regular:
        year = stages.run_start(facts, stages.loyal_limit(facts, policy)) + policy.loyal_days
        if year > day and stages.is_loyal(facts, policy, year):
            return Flip("wait", until=year)
        return buying(facts, day, 0, referrals)
    flip = buying(facts, day, max(policy.regular_purchase_days - len(facts.days), 1))
    then = flip.day + flip.purchases - 1
    is_long = then - (facts.days[0] if facts.days else flip.day) >= policy.loyal_days
    if not referrals or (is_long and stages.is_loyal(_bought(facts, flip), policy, then)):
        return flip
    return buying(facts, day, flip.purchases, referrals)


def _bought(facts: Facts, flip: Flip) -> Facts:
    """Return the facts that stages depend on, with a flip's purchase days appended, on consecutive days."""
    days = facts.days + array("i", range(flip.day, flip.day + flip.purchases))
    return seen_on(days, facts.purchases + flip.purchases, facts.referrals)


def _lost(facts: Facts, policy: Policy, day: int) -> Finding:
    holds = stages.is_lost(facts, policy, day)
    once, limit = len(facts.days) == 1, stages.lost_after(facts, policy)
    if holds:
        flip = buying(facts, day)
    elif facts.days:
        flip = Flip("wait", until=facts.days[-1] + limit)
    else:
        flip = Flip("buy_then_wait", purchases=1, day=day, until=day + policy.lost_one_time_days)
    says = "no_purchase" if not facts.days else "lost.yes" if holds else "lost.no"
    return Finding(
        "LOST",
        holds,
        rule_id="stage.lost.one-time-buyer" if once else "stage.lost.silence",
        measures=tuple(_about_silence(facts, day, limit)),
        flip=flip,
        says=says,
        facts=_dates(facts),
    )


_MAKERS: dict[str, Callable[[Facts, Policy, int], Finding]] = {
    "POTENTIAL": _potential,
    "NEW": _new,
    "REGULAR": _regular,
    "LOYAL": _loyal,
    "LOST": _lost,
}
