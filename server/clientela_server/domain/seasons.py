"""SEASONAL: buys only at certain times of the year, and so again in another year.

A season is a window of neighbouring months that comes every year, also over the turn of the year. Of all
windows the shortest that holds enough of the purchase days is named. A cycle is one year's window in which
something was bought.
"""

from dataclasses import dataclass

from clientela_server.domain.facts import Facts, month_of
from clientela_server.domain.findings import NEVER, Finding, Flip, number, share
from clientela_server.domain.policy import Policy


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
    """Find the shortest window that makes the client seasonal; None where there is none."""
    if not is_seasonal(facts, policy):
        return None
    counts = _of_year(facts)
    for length in range(1, policy.seasonal_window_months + 1):
        held = [each for each in _windows(facts, counts, length) if _lacking(facts, policy, each) == 0]
        if held:
            return max(held, key=lambda season: (season.days, season.cycles, -season.start))
    return None


def is_seasonal(facts: Facts, policy: Policy) -> bool:
    """Buys in one season of the year only, and did so in enough years.

    What a window holds, a longer one with the same first month holds too: so only the longest are looked at.
    """
    longest = policy.seasonal_window_months
    if _span(facts) < 12 * (policy.seasonal_cycle_count - 1) - longest + 1:
        return False
    enough = policy.seasonal_percent * len(facts.days)
    return any(
        100 * days >= enough and _cycles(facts, start, longest) >= policy.seasonal_cycle_count
        for start, days in enumerate(_sums(_of_year(facts), longest))
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


def _windows(facts: Facts, counts: list[int], length: int) -> list[Season]:
    """Describe each window of a length in which something was bought."""
    sums = enumerate(_sums(counts, length))
    return [Season(start, length, days, _cycles(facts, start, length)) for start, days in sums if days]


def _cycles(facts: Facts, start: int, length: int) -> int:
    """Count the years whose window has a purchase; a window belongs to the year in which it begins."""
    return len({(month - start) // 12 for month in facts.months if (month - start) % 12 < length})


def _lacking(facts: Facts, policy: Policy, season: Season) -> int | None:
    """Tell how many more days in a window make it a season; None where no number does."""
    rest = 100 - policy.seasonal_percent
    lacking = policy.seasonal_percent * len(facts.days) - 100 * season.days
    if lacking > 0 and not rest:
        return None
    more = -(-lacking // rest) if lacking > 0 else 0
    return max(more, policy.seasonal_cycle_count - season.cycles, 0)


def seasonal_finding(facts: Facts, policy: Policy, day: int) -> Finding:
    """Say whether there is a season, and name it."""
    held = season_of(facts, policy)
    season = held or _nearest(facts, policy, day)
    measures = (
        share("in_season", season.days, len(facts.days), policy.seasonal_percent),
        number("cycles", season.cycles, policy.seasonal_cycle_count, "years"),
        number("season_length", season.length, policy.seasonal_window_months, "months"),
    )
    told = {"from": str(season.start + 1), "to": str(season.months[-1] + 1)}
    flip = _leaving(facts, policy, season) if held else _entering(facts, policy, season)
    return Finding(
        "SEASONAL",
        held is not None,
        "kind.seasonal.window",
        measures,
        flip,
        "seasonal.yes" if held else "seasonal.no" if facts.days else "no_purchase",
        told,
    )


def _nearest(facts: Facts, policy: Policy, day: int) -> Season:
    """Tell the window that lacks least to be a season; of a client without purchases this month."""
    if not facts.days:
        return Season(month_of(day) % 12, 1, 0, 0)
    windows = _windows(facts, _of_year(facts), policy.seasonal_window_months)
    far = 100 * len(facts.days)

    def order(season: Season) -> tuple[int, int]:
        lacking = _lacking(facts, policy, season)
        return far if lacking is None else lacking, -season.days

    return min(windows, key=order)


def _entering(facts: Facts, policy: Policy, season: Season) -> Flip:
    """So many more days in the window that it holds enough, and at least one in each year that is missing."""
    more = _lacking(facts, policy, season)
    return NEVER if more is None else Flip("season", purchases=more, months=season.months)


def _leaving(facts: Facts, policy: Policy, season: Season) -> Flip:
    """So many days half a year from the window that it, and every longer one, holds too few."""
    held = max(_sums(_of_year(facts), policy.seasonal_window_months))
    more = 100 * held // policy.seasonal_percent + 1 - len(facts.days)
    opposite = (season.start + (season.length - 1) // 2 + 6) % 12
    return Flip("off_season", purchases=max(more, 1), months=(opposite,))
