"""SEASONAL: buys only at certain times of the year, and so again in another year, more than by chance.

A season is a window of neighbouring months that comes every year, also over the turn of the year. Of all
windows the shortest that holds enough of the purchase days is named. A cycle is one year's window in which
something was bought.
"""

import math
from array import array
from dataclasses import dataclass
from decimal import Decimal

from clientela_server.domain.days import month_of
from clientela_server.domain.standing.facts import Facts, written
from clientela_server.domain.standing.findings import NEVER, Finding, Flip, Measure, number, share
from clientela_server.domain.standing.policy import Policy


@dataclass(frozen=True, slots=True)
class Season:
    """A window: its first month, 0 to 11, and its length; what falls into it, and in how many years."""

    start: int
    length: int
    days: int
    cycles: int

    @property
    def months(self) -> tuple[int, ...]:
        """The months of the year in it, 0 to 11."""
        return tuple((self.start + each) % 12 for each in range(self.length))


def season_of(facts: Facts, policy: Policy) -> Season | None:
    """Return the shortest window that makes the client seasonal, or None.

    What a window holds, a longer one with the same first month holds too: so the longest are looked at first.
    """
    longest = policy.seasonal_window_months
    if len(facts.days) < policy.seasonal_purchase_days:
        return None
    if _span(facts) < 12 * (policy.seasonal_cycle_count - 1) - longest + 1:
        return None
    counts, least = _of_year(facts), -(-policy.seasonal_percent * len(facts.days) // 100)
    if max(_sums(counts, longest)) < least:
        return None
    for length in range(1, longest + 1):
        held = [each for each in _windows(facts, counts, length, least) if _is_season(facts, policy, each)]
        if held:
            return max(held, key=lambda season: (season.days, season.cycles, -season.start))
    return None


def is_seasonal(facts: Facts, policy: Policy) -> bool:
    """Return whether the client buys in one season only, in enough years, and not by chance."""
    return season_of(facts, policy) is not None


def _is_season(facts: Facts, policy: Policy, season: Season) -> bool:
    """Return whether a window with enough of the days has them of enough years, more than by chance."""
    return (
        season.cycles >= policy.seasonal_cycle_count
        and 100 * chance_of(facts, policy, season) <= policy.seasonal_chance_percent
    )


def chance_of(facts: Facts, policy: Policy, season: Season) -> float:
    """Return how probable it is, at most, that by chance alone some window holds as many days as this one.

    Between the first day and the last one the others lie anywhere, if they lie by chance, whatever these two
    are: each is in the window with the share that the window has of all these months. So what is in it is
    binomial; and there are 12 windows of each length (the inequality of C. E. Bonferroni, 1936).
    """
    inner = [*facts.month_days]
    inner[0] -= 1
    inner[-1] -= 1
    within = [(month - season.start) % 12 < season.length for month in facts.months]
    held = sum(days for days, inside in zip(inner, within, strict=True) if inside)
    windows = 12 * policy.seasonal_window_months
    return min(windows * _at_least(held, sum(inner), _share_of_months(facts, season)), 1.0)


def _share_of_months(facts: Facts, season: Season) -> float:
    """Return the window's share of the months between the first and the last purchase."""
    months = range(facts.months[0], facts.months[-1] + 1)
    years, rest = divmod(len(months), 12)
    held = sum((month - season.start) % 12 < season.length for month in months[:rest])
    return (years * season.length + held) / len(months)


def _at_least(held: int, of: int, share: float) -> float:
    """Return P(X >= held) for X binomial with `of` trials and probability `share`."""
    if held <= 0 or share >= 1.0:
        return 1.0
    return sum(
        math.exp(math.log(math.comb(of, n)) + n * math.log(share) + (of - n) * math.log1p(-share))
        for n in range(held, of + 1)
    )


def _span(facts: Facts) -> int:
    return facts.months[-1] - facts.months[0] if facts.months else -1


def _of_year(facts: Facts) -> list[int]:
    """Count purchase days by month of the year."""
    counts = [0] * 12
    for month, days in zip(facts.months, facts.month_days, strict=True):
        counts[month % 12] += days
    return counts


def _sums(counts: list[int], length: int) -> list[int]:
    """Sum up each window of a length, by its first month."""
    twice = counts + counts
    held = sum(counts[:length])
    sums = [held]
    for start in range(11):
        held += twice[start + length] - twice[start]
        sums.append(held)
    return sums


def _windows(facts: Facts, counts: list[int], length: int, least: int = 1) -> list[Season]:
    """Describe each window of a length that holds so many days at least."""
    enough = ((start, days) for start, days in enumerate(_sums(counts, length)) if days >= least)
    return [Season(start, length, days, _cycles(facts, start, length)) for start, days in enough]


def _cycles(facts: Facts, start: int, length: int) -> int:
    """Count the years whose window has a purchase; a window belongs to the year in which it begins."""
    return len({(month - start) // 12 for month in facts.months if (month - start) % 12 < length})


def _lacking(facts: Facts, policy: Policy, season: Season) -> int | None:
    """Return how many more days in a window make it a season; None where no number does."""
    rest = 100 - policy.seasonal_percent
    lacking = policy.seasonal_percent * len(facts.days) - 100 * season.days
    if lacking > 0 and not rest:
        return None
    more = -(-lacking // rest) if lacking > 0 else 0
    days = policy.seasonal_purchase_days - len(facts.days)
    return max(more, policy.seasonal_cycle_count - season.cycles, days, 0)


def seasonal_finding(facts: Facts, policy: Policy, day: int) -> Finding:
    """Build the SEASONAL finding."""
    held = season_of(facts, policy)
    season = held or _nearest(facts, policy, day)
    measures = (
        share("in_season", season.days, len(facts.days), policy.seasonal_percent),
        number("cycles", season.cycles, policy.seasonal_cycle_count, "years"),
        number("season_length", season.length, policy.seasonal_window_months, "months"),
        number("purchase_days", len(facts.days), policy.seasonal_purchase_days, "days"),
        _chance_measure(facts, policy, season),
    )
    told = {"from": str(season.start + 1), "to": str(season.months[-1] + 1)}
    flip = _leaving(facts, policy, season, day) if held else _entering(facts, policy, season, day)
    says = _says(facts, policy, season, holds=held is not None)
    return Finding(
        "SEASONAL",
        held is not None,
        rule_id="kind.seasonal.window",
        measures=measures,
        flip=flip,
        says=says,
        facts=told,
    )


def _says(facts: Facts, policy: Policy, season: Season, *, holds: bool) -> str:
    """Name the sentence: what is missing, or that nothing is."""
    if holds:
        return "seasonal.yes"
    if not facts.days:
        return "no_purchase"
    if len(facts.days) < policy.seasonal_purchase_days:
        return "seasonal.few"
    return "seasonal.no" if _lacking(facts, policy, season) != 0 else "seasonal.chance"


def _chance_measure(facts: Facts, policy: Policy, season: Season) -> Measure:
    """Return the measure of the probability by chance, rounded up so that it never seems smaller."""
    chance = chance_of(facts, policy, season) if facts.days else 1.0
    percent = written(Decimal(math.ceil(chance * 10_000)) / 100)
    return Measure("chance", percent, str(policy.seasonal_chance_percent), "%")


def _nearest(facts: Facts, policy: Policy, day: int) -> Season:
    """Return the window that lacks least to be a season; this month if there are no purchases."""
    if not facts.days:
        return Season(month_of(day) % 12, 1, 0, 0)
    windows = _windows(facts, _of_year(facts), policy.seasonal_window_months)
    far = 100 * len(facts.days)

    def order(season: Season) -> tuple[int, int]:
        lacking = _lacking(facts, policy, season)
        return far if lacking is None else lacking, -season.days

    return min(windows, key=order)


def _entering(facts: Facts, policy: Policy, season: Season, day: int) -> Flip:
    """Return the flip to SEASONAL: purchase days in the window, each in another year to come."""
    least = _lacking(facts, policy, season)
    if least is None:
        return NEVER
    for more in range(max(least, 1), least + _MORE_MAX):
        if is_seasonal(_buying_on(facts, day, season.start, more), policy):
            return Flip("season", purchases=more, months=season.months)
    return NEVER


def _leaving(facts: Facts, policy: Policy, season: Season, day: int) -> Flip:
    """Return the flip from SEASONAL: purchase days half a year from the window, each in another year."""
    opposite = (season.start + (season.length - 1) // 2 + 6) % 12
    more = 1
    while is_seasonal(_buying_on(facts, day, opposite, more), policy):
        more += 1
    return Flip("off_season", purchases=more, months=(opposite,))


# Who would need so many more days than for the share and the years is told that nothing does it.
_MORE_MAX = 60
# Years to come, before the first one is taken again.
_YEARS = 300


def _buying_on(facts: Facts, day: int, month_of_year: int, more: int) -> Facts:
    """Return the facts that seasons depend on, with more purchase days in that month of coming years."""
    first = month_of(day) // 12 + 2
    months = dict(zip(facts.months, facts.month_days, strict=True))
    for place in range(more):
        month = 12 * (first + place % _YEARS) + month_of_year
        months[month] = months.get(month, 0) + 1
    held = sorted(months)
    counts = array("i", [months[month] for month in held])
    return Facts(days=array("i", range(sum(counts))), months=array("i", held), month_days=counts)
