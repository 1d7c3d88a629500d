"""SEASONAL: buys only at certain times of the year, and so again in another year, more than by chance.

A season is a window of neighbouring months that comes every year, also over the turn of the year. Of all
windows the shortest that holds enough of the purchase days is named. A cycle is one year's window in which
something was bought. Read next: `season_findings`, which says why, and what would change it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add

from clientela_server.domain.standing.facts import Facts
from clientela_server.domain.standing.policy import Policy


@dataclass(slots=True)
class PurchaseMonths:
    """Purchase days: how many, in which months (each once, in order), and how many by month of the year."""

    days: int
    months: Sequence[int]
    of_year: list[int]

    def with_days(self, more: int, month_of_year: int, years: Sequence[int]) -> "PurchaseMonths":
        """Return them with more days in a month of the year, each in another year while there are any."""
        of_year = self.of_year[:]
        of_year[month_of_year] += more
        further = [12 * year + month_of_year for year in years[:more]]
        return PurchaseMonths(self.days + more, sorted({*self.months, *further}), of_year)


@dataclass(slots=True)
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

    def includes(self, month: int) -> bool:
        """Return whether a month of any year is in it."""
        return (month - self.start) % 12 < self.length


def months_of(facts: Facts) -> PurchaseMonths:
    """Return the purchase days of a client by months."""
    of_year = [0] * 12
    for month, days in zip(facts.months, facts.month_days, strict=True):
        of_year[month % 12] += days
    return PurchaseMonths(len(facts.days), facts.months, of_year)


def is_seasonal(facts: Facts, policy: Policy) -> bool:
    """Return whether the client buys in one season only, in enough years, and not by chance."""
    return len(facts.days) >= policy.seasonal_purchase_days and has_season(months_of(facts), policy)


def has_season(bought: PurchaseMonths, policy: Policy) -> bool:
    """Return whether any window is a season."""
    return any(True for found in _seasons_by_length(bought, policy) for _ in found)


def season_of(bought: PurchaseMonths, policy: Policy) -> Season | None:
    """Return the shortest window that makes the client seasonal, or None."""
    for found in _seasons_by_length(bought, policy):
        if held := list(found):
            return max(held, key=lambda season: (season.days, season.cycles, -season.start))
    return None


def _seasons_by_length(bought: PurchaseMonths, policy: Policy) -> Iterator[Iterator[Season]]:
    """Yield the windows of each length that are seasons, the shortest first.

    What a window holds, a longer one with the same first month holds too: so the longest are looked at first,
    and mostly none of them holds enough.
    """
    longest = policy.seasonal_window_months
    if bought.days < policy.seasonal_purchase_days:
        return
    if bought.months[-1] - bought.months[0] < 12 * (policy.seasonal_cycle_count - 1) - longest + 1:
        return
    held, least = sums(bought.of_year, longest), -(-policy.seasonal_percent * bought.days // 100)
    if max(held[-1]) < least:
        return
    for length in range(1, longest + 1):
        yield _seasons(bought, policy, held[length - 1], length, least)


def _seasons(
    bought: PurchaseMonths, policy: Policy, held: list[int], length: int, least: int
) -> Iterator[Season]:
    """Yield the windows of a length with enough of the days, of enough years, and more than by chance."""
    for start, days in enumerate(held):
        if days >= least:
            season = Season(start, length, days, cycles_of(bought, start, length))
            if (
                season.cycles >= policy.seasonal_cycle_count
                and 100 * chance_of(bought, policy, season) <= policy.seasonal_chance_percent
            ):
                yield season


def chance_of(bought: PurchaseMonths, policy: Policy, season: Season) -> float:
    """Return how probable it is, at most, that by chance alone some window holds as many days as this one.

    Between the first day and the last one the others lie anywhere, if they lie by chance, whatever these two
    are: each is in the window with the share that the window has of all these months. So what is in it is
    binomial; and there are 12 windows of each length (the inequality of C. E. Bonferroni, 1936).
    """
    first, last = bought.months[0], bought.months[-1]
    held = season.days - season.includes(first) - season.includes(last)
    if held <= 0:
        return 1.0
    windows = 12 * policy.seasonal_window_months
    return min(windows * _at_least(held, bought.days - 2, _share_of_months(first, last, season)), 1.0)


def _share_of_months(first: int, last: int, season: Season) -> float:
    """Return the window's share of the months from the first to the last purchase."""
    months = last - first + 1
    years, rest = divmod(months, 12)
    # The months beyond whole years begin so far behind the window's first one, and may reach the next window.
    begin = (first - season.start) % 12
    held = max(min(begin + rest, season.length) - begin, 0) + max(min(begin + rest - 12, season.length), 0)
    return (years * season.length + held) / months


@lru_cache(maxsize=4096)
def _at_least(held: int, of: int, share: float) -> float:
    """Return P(X >= held) for X binomial with `of` trials and probability `share`."""
    if held <= 0 or share >= 1.0:
        return 1.0
    inside, outside = math.log(share), math.log1p(-share)
    return sum(
        math.exp(math.log(math.comb(of, n)) + n * inside + (of - n) * outside) for n in range(held, of + 1)
    )


def sums(of_year: list[int], longest: int) -> list[list[int]]:
    """Sum up each window, by its first month, of each length from 1 to the longest."""
    held = [of_year]
    for further in range(1, longest):
        held.append(list(map(add, held[-1], of_year[further:] + of_year[:further])))
    return held


def cycles_of(bought: PurchaseMonths, start: int, length: int) -> int:
    """Count the years whose window has a purchase; a window belongs to the year in which it begins."""
    return len({(month - start) // 12 for month in bought.months if (month - start) % 12 < length})
