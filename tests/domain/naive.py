"""The rules of docs/business.md once more, written from its sentences and not from the server's code.

Each label is told from a plain list of purchases, the slow and simple way: days are dates, medians are
fractions, and whoever depends on others is compared with every one of them. Read next: test_naive.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median

from clientela_server.domain.standing.policy import Policy

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Bought:
    """One purchase on a date: of how many cents, how many of them given back, for what, how, of what."""

    on: date
    cents: int = 1000
    purpose: str = ""
    path: str = ""
    currency: str = "EUR"
    quantities: tuple[tuple[str, str], ...] = ()
    refunded: int = 0


@dataclass(frozen=True)
class Client:
    """What was bought, and what else the rules ask of a client."""

    ledger: tuple[Bought, ...] = ()
    party: str = ""
    reachable: bool = False
    prefers: bool = False
    referrals: int = 0
    id: str = "blue-door"


@dataclass(frozen=True)
class Others:
    """What of other clients counts: by currency who made how many cents, by category the medians."""

    revenue: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    medians: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)


def labels(client: Client, policy: Policy, others: Others, today: date) -> set[str]:
    """Tell every label that holds on a day."""
    rules = {
        "POTENTIAL": potential,
        "NEW": new,
        "REGULAR": regular,
        "LOYAL": loyal,
        "LOST": lost,
    }
    held = {label for label, rule in rules.items() if rule(client, policy, today)}
    held |= {label for label, holds in kinds(client, policy).items() if holds}
    if strategic(client, policy, others, today):
        held.add("STRATEGIC")
    if mass(client, policy, others):
        held.add("MASS")
    return held


def stage(client: Client, policy: Policy, today: date) -> str:
    """Tell the one stage: the labels of stages exclude each other, but that who is loyal is regular."""
    held = labels(client, policy, Others(), today)
    return next(
        (each for each in ("POTENTIAL", "NEW", "LOYAL", "REGULAR", "LOST") if each in held), "BETWEEN"
    )


# ---- stages


def purchase_days(client: Client) -> list[date]:
    return sorted({each.on for each in client.ledger})


def gaps(client: Client) -> list[int]:
    return [(after - before).days for before, after in pairwise(purchase_days(client))]


def own_gap(client: Client, percent: int) -> Fraction:
    """So many percent of the own median gap; of no gaps nothing."""
    found = gaps(client)
    return Fraction(percent, 100) * Fraction(median(map(Fraction, found))) if found else Fraction(0)


def silence(client: Client, today: date) -> int:
    return max((today - purchase_days(client)[-1]).days, 0)


def potential(client: Client, policy: Policy, today: date) -> bool:
    return not client.ledger


def new(client: Client, policy: Policy, today: date) -> bool:
    days = purchase_days(client)
    return (
        0 < len(days) < policy.regular_purchase_days
        and today <= days[0] + timedelta(policy.new_days)
        and not lost(client, policy, today)
    )


def regular(client: Client, policy: Policy, today: date) -> bool:
    if len(purchase_days(client)) < policy.regular_purchase_days or lost(client, policy, today):
        return False
    quiet = silence(client, today)
    return quiet <= own_gap(client, policy.regular_gap_percent) or quiet <= policy.regular_gap_floor_days


def loyal(client: Client, policy: Policy, today: date) -> bool:
    if not regular(client, policy, today):
        return False
    if client.referrals >= policy.loyal_referral_count:
        return True
    begins = today - timedelta(policy.loyal_days)
    days = purchase_days(client)
    before = [each for each in days if each <= begins]
    if not before:
        return False
    run = [*days[days.index(before[-1]) :], max(today, days[-1])]
    limit = max(own_gap(client, policy.loyal_gap_percent), Fraction(policy.loyal_gap_floor_days))
    return all((later - earlier).days <= limit for earlier, later in pairwise(run))


def lost(client: Client, policy: Policy, today: date) -> bool:
    days = purchase_days(client)
    if not days:
        return False
    quiet = silence(client, today)
    if len(days) == 1:
        return quiet >= policy.lost_one_time_days
    return quiet > own_gap(client, policy.lost_gap_percent) and quiet >= policy.lost_silence_days


# ---- kinds


def kinds(client: Client, policy: Policy) -> dict[str, bool]:
    """Tell those that follow from the client alone."""
    stated = [each.purpose for each in client.ledger if each.purpose]
    paths = [each.path for each in client.ledger if each.path]
    for_business = [each for each in stated if each != "OWN_USE"]
    mostly_business = 100 * len(for_business) > policy.business_percent * len(stated)
    again = len(purchase_days(client)) >= policy.client_purchase_days
    is_client = bool(client.ledger) and ((again and client.reachable) or client.prefers)
    return {
        "INDIVIDUAL": client.party == "person" and not mostly_business,
        "BUSINESS": client.party == "organization" or mostly_business,
        "B2C": at_least(stated.count("OWN_USE"), len(stated), policy.b2c_percent),
        "B2B": at_least(len(for_business), len(stated), policy.b2b_percent),
        "SEASONAL": seasonal(client, policy),
        "RETAIL": at_least(paths.count("DIRECT"), len(paths), policy.retail_percent),
        "CLIENT": is_client,
        "BUYER": bool(client.ledger) and not is_client,
    }


def at_least(part: int, whole: int, percent: int) -> bool:
    return part > 0 and Fraction(part, whole) >= Fraction(percent, 100)


def seasonal(client: Client, policy: Policy) -> bool:
    """Try every window of months, and go through its years one by one."""
    days = purchase_days(client)
    if len(days) < policy.seasonal_purchase_days:
        return False
    for first in range(1, 13):
        for length in range(1, policy.seasonal_window_months + 1):
            months = [(first - 1 + each) % 12 + 1 for each in range(length)]
            inside = [each for each in days if each.month in months]
            years = {each.year - (each.month < first) for each in inside}
            share = at_least(len(inside), len(days), policy.seasonal_percent)
            if share and len(years) >= policy.seasonal_cycle_count and not by_chance(days, months, policy):
                return True
    return False


def by_chance(days: list[date], months: list[int], policy: Policy) -> bool:
    """Add up, in fractions, how probable it is that as many of the days between first and last are in it."""
    first, *between, last = sorted(days)
    span = [month % 12 + 1 for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]
    share = Fraction(sum(month in months for month in span), len(span))
    held = sum(each.month in months for each in between)
    chance = sum(
        math.comb(len(between), n) * share**n * (1 - share) ** (len(between) - n)
        for n in range(held, len(between) + 1)
    )
    return chance * 12 * policy.seasonal_window_months * 100 > policy.seasonal_chance_percent and (
        policy.seasonal_chance_percent < 100
    )


def strategic(client: Client, policy: Policy, others: Others, today: date) -> bool:
    """Go through all clients from the top until they make the share."""
    for currency in {each.currency for each in client.ledger}:
        own = revenue_of(client, policy, currency, today)
        revenue = {**others.revenue.get(currency, {}), client.id: own}
        paid = {who: cents for who, cents in revenue.items() if cents > 0}
        reached = 0
        for who, cents in sorted(paid.items(), key=lambda each: (-each[1], each[0])):
            if Fraction(reached) >= Fraction(policy.strategic_percent, 100) * sum(paid.values()):
                break
            reached += cents
            if who == client.id:
                return True
    return False


def revenue_of(client: Client, policy: Policy, currency: str, today: date) -> int:
    """What was paid in the days that count, less what was given back of that."""
    since = today - timedelta(policy.strategic_days - 1)
    paid = [each for each in client.ledger if each.currency == currency and each.on >= since]
    return sum(each.cents - each.refunded for each in paid)


def mass(client: Client, policy: Policy, others: Others) -> bool:
    """Count who buys as much at a time, or more: all of them must have a place in the top."""
    for category, own in medians(client).items():
        everybody = [*others.medians.get(category, ()), own]
        places = policy.mass_percent * len(everybody) // 100
        if sum(each >= own for each in everybody) <= places:
            return True
    return False


def medians(client: Client) -> dict[str, Decimal]:
    """The median quantity of a purchase, by category."""
    found: dict[str, list[Decimal]] = {}
    for each in client.ledger:
        bought: dict[str, Decimal] = {}
        for category, quantity in each.quantities:
            bought[category] = bought.get(category, Decimal()) + Decimal(quantity)
        for category, total in bought.items():
            found.setdefault(category, []).append(total)
    return {category: median(values) for category, values in found.items()}
