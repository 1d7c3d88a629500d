"""Why SEASONAL holds or not, and what would turn it. Read next: `seasons`, the rule."""

import math

from clientela_server.domain.days import month_of
from clientela_server.domain.standing.facts import Facts
from clientela_server.domain.standing.findings import (
    NEVER,
    Finding,
    Flip,
    Measure,
    fixed_point,
    number,
    share,
)
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.seasons import (
    PurchaseMonths,
    Season,
    chance_of,
    cycles_of,
    has_season,
    months_of,
    season_of,
    sums,
)


def seasonal_finding(facts: Facts, policy: Policy, day: int) -> Finding:
    """Build the SEASONAL finding."""
    bought = months_of(facts)
    held = season_of(bought, policy)
    season = held or _nearest(bought, policy, day)
    measures = (
        share("in_season", season.days, bought.days, policy.seasonal_percent),
        number("cycles", season.cycles, policy.seasonal_cycle_count, "years"),
        number("season_length", season.length, policy.seasonal_window_months, "months"),
        number("purchase_days", bought.days, policy.seasonal_purchase_days, "days"),
        _chance_measure(bought, policy, season),
    )
    told = {"from": str(season.start + 1), "to": str(season.months[-1] + 1)}
    flip = _leaving(bought, policy, season, day) if held else _entering(bought, policy, season, day)
    says = _says(bought, policy, season, holds=held is not None)
    return Finding(
        "SEASONAL",
        held is not None,
        rule_id="kind.seasonal.window",
        measures=measures,
        flip=flip,
        says=says,
        facts=told,
    )


def _says(bought: PurchaseMonths, policy: Policy, season: Season, *, holds: bool) -> str:
    """Name the sentence: what is missing, or that nothing is."""
    if holds:
        return "seasonal.yes"
    if not bought.days:
        return "no_purchase"
    if bought.days < policy.seasonal_purchase_days:
        return "seasonal.few"
    return "seasonal.no" if _lacking(bought, policy, season) != 0 else "seasonal.chance"


def _chance_measure(bought: PurchaseMonths, policy: Policy, season: Season) -> Measure:
    """Return the measure of the probability by chance, rounded up so that it never seems smaller."""
    chance = chance_of(bought, policy, season) if bought.days else 1.0
    percent = fixed_point(math.ceil(chance * 10_000), 2)
    return Measure("chance", percent, str(policy.seasonal_chance_percent), "%")


def _nearest(bought: PurchaseMonths, policy: Policy, day: int) -> Season:
    """Return the window that lacks least to be a season; this month if there are no purchases.

    Those with the most days are looked at first, until one with fewer can't lack less, in however many years.
    """
    if not bought.days:
        return Season(month_of(day) % 12, 1, 0, 0)
    length = policy.seasonal_window_months
    held = sums(bought.of_year, length)[-1]

    def window(start: int) -> Season:
        return Season(start, length, held[start], cycles_of(bought, start, length))

    first, *others = sorted(range(12), key=held.__getitem__, reverse=True)
    nearest = window(first)
    least = _lacking_or_far(bought, policy, nearest)
    for start in others:
        at_best = Season(start, length, held[start], policy.seasonal_cycle_count)
        if _lacking_or_far(bought, policy, at_best) >= least:
            break
        lacking = _lacking_or_far(bought, policy, window(start))
        if lacking < least:
            nearest, least = window(start), lacking
    return nearest


def _lacking(bought: PurchaseMonths, policy: Policy, season: Season) -> int | None:
    """Return how many more days in a window make it a season; None where no number does."""
    rest = 100 - policy.seasonal_percent
    lacking = policy.seasonal_percent * bought.days - 100 * season.days
    if lacking > 0 and not rest:
        return None
    more = -(-lacking // rest) if lacking > 0 else 0
    days = policy.seasonal_purchase_days - bought.days
    return max(more, policy.seasonal_cycle_count - season.cycles, days, 0)


def _lacking_or_far(bought: PurchaseMonths, policy: Policy, season: Season) -> int:
    lacking = _lacking(bought, policy, season)
    return 100 * bought.days if lacking is None else lacking


def _entering(bought: PurchaseMonths, policy: Policy, season: Season, day: int) -> Flip:
    """Return the flip to SEASONAL: purchase days in the window, each in another year to come."""
    least = _lacking(bought, policy, season)
    if least is None:
        return NEVER
    for more in range(max(least, 1), least + _MORE_MAX):
        if has_season(_buying_in(bought, season.start, more, day), policy):
            return Flip("season", purchases=more, months=season.months)
    return NEVER


def _leaving(bought: PurchaseMonths, policy: Policy, season: Season, day: int) -> Flip:
    """Return the flip from SEASONAL: purchase days half a year from the window, each in another year."""
    opposite = (season.start + (season.length - 1) // 2 + 6) % 12
    more = 1
    while has_season(_buying_in(bought, opposite, more, day), policy):
        more += 1
    return Flip("off_season", purchases=more, months=(opposite,))


# Who would need so many more days than for the share and the years is told that nothing does it.
_MORE_MAX = 60
# Years to come, after which further days fall into those again.
_YEARS = 300


def _buying_in(bought: PurchaseMonths, month_of_year: int, more: int, day: int) -> PurchaseMonths:
    """Return the purchase days with more of them in that month of coming years."""
    first = month_of(day) // 12 + 2
    return bought.with_days(more, month_of_year, range(first, first + _YEARS))
