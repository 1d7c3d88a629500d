"""The five stages of a client, POTENTIAL, NEW, REGULAR, LOYAL, LOST, as functions of facts, policy and day.

A stage follows from the facts alone, and can always go back. Between two stages a client may be in none: the
second purchase was long ago, and too recent to call the client lost. Who is lost is nothing else, also where
a policy would let two stages overlap. Limits are whole days of silence.
Read next: `stage_findings`, which says why a stage holds and what would change it.
"""

from enum import IntEnum

from clientela_server.domain.standing.facts import Facts
from clientela_server.domain.standing.policy import Policy


class Stage(IntEnum):
    """The stages, by the numbers of the contract; BETWEEN where none of the five holds."""

    BETWEEN = 0
    POTENTIAL = 1
    NEW = 2
    REGULAR = 3
    LOYAL = 4
    LOST = 5


def silence(facts: Facts, day: int) -> int:
    """Return the days since the last purchase; one dated tomorrow (clock skew) counts as today."""
    return max(day - facts.days[-1], 0)


def regular_limit(facts: Facts, policy: Policy) -> int:
    """Return the silence in days up to which a client is regular: at most until LOST."""
    return min(_usual_silence(facts, policy), lost_after(facts, policy) - 1)


def _usual_silence(facts: Facts, policy: Policy) -> int:
    return max(policy.regular_gap_percent * facts.twice_median_gap // 200, policy.regular_gap_floor_days)


def loyal_limit(facts: Facts, policy: Policy) -> int:
    """Return the longest gap in days that keeps a run of loyalty."""
    return max(policy.loyal_gap_percent * facts.twice_median_gap // 200, policy.loyal_gap_floor_days)


def lost_after(facts: Facts, policy: Policy) -> int:
    """Return the silence in days after which a client is LOST."""
    if len(facts.days) == 1:
        return policy.lost_one_time_days
    return max(policy.lost_gap_percent * facts.twice_median_gap // 200 + 1, policy.lost_silence_days)


def run_start(facts: Facts, limit: int) -> int:
    """Return the first day since which no gap exceeded a limit, as that of loyalty."""
    days = facts.days
    if facts.gaps and facts.gaps[-1] <= limit:
        return days[0]
    place = len(days) - 1
    while place > 0 and days[place] - days[place - 1] <= limit:
        place -= 1
    return days[place]


def is_potential(facts: Facts) -> bool:
    """Return whether the client is registered and bought nothing."""
    return not facts.days


def is_new(facts: Facts, policy: Policy, day: int) -> bool:
    """Return whether the first purchase is recent, and no later stage was reached."""
    return (
        0 < len(facts.days) < policy.regular_purchase_days
        and day - facts.days[0] <= policy.new_days
        and not is_lost(facts, policy, day)
    )


def is_regular(facts: Facts, policy: Policy, day: int) -> bool:
    """Return whether the client bought on enough days, and the silence since is no longer than usual."""
    return len(facts.days) >= policy.regular_purchase_days and silence(facts, day) <= regular_limit(
        facts, policy
    )


def buys_for_long(facts: Facts, policy: Policy, day: int) -> bool:
    """Return whether the client has bought for a year with no gap over the limit: if regular, it is loyal."""
    limit = loyal_limit(facts, policy)
    return silence(facts, day) <= limit and day - run_start(facts, limit) >= policy.loyal_days


def recommends(facts: Facts, policy: Policy) -> bool:
    """Return whether the client referred enough others: if regular, it is loyal."""
    return facts.referrals >= policy.loyal_referral_count


def is_loyal(facts: Facts, policy: Policy, day: int) -> bool:
    """Return whether the client is regular, and loyal by either rule."""
    return is_regular(facts, policy, day) and (recommends(facts, policy) or buys_for_long(facts, policy, day))


def is_lost(facts: Facts, policy: Policy, day: int) -> bool:
    """Return whether the client bought, and its silence exceeds the limit of LOST."""
    return bool(facts.days) and silence(facts, day) >= lost_after(facts, policy)


def stage_of(facts: Facts, policy: Policy, day: int) -> Stage:
    """Return the stage of a client on a day."""
    if is_potential(facts):
        return Stage.POTENTIAL
    if is_lost(facts, policy, day):
        return Stage.LOST
    if is_regular(facts, policy, day):
        return Stage.LOYAL if is_loyal(facts, policy, day) else Stage.REGULAR
    return Stage.NEW if is_new(facts, policy, day) else Stage.BETWEEN


def turning_days(facts: Facts, policy: Policy) -> list[int]:
    """List the days on which a stage may begin or end by time alone."""
    if not facts.days:
        return []
    first, last = facts.days[0], facts.days[-1]
    # Asked for with each purchase: each limit is computed once.
    loyal, lost = loyal_limit(facts, policy), lost_after(facts, policy)
    return [
        first + policy.new_days + 1,
        last + min(_usual_silence(facts, policy), lost - 1) + 1,
        last + loyal + 1,
        run_start(facts, loyal) + policy.loyal_days,
        last + lost,
    ]


def due_day(facts: Facts, policy: Policy, day: int) -> int | None:
    """Return the first day after `day` on which to look again; None where time alone changes nothing more."""
    return min([each for each in turning_days(facts, policy) if each > day], default=None)
