"""The policy: every threshold of every rule of standing, with its default.

The rules themselves are in `stages` and `kinds`; docs/business.md says where each number comes from. All are
whole numbers, so that two readers of the same policy never differ by a rounding.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

from clientela_server.domain.errors import InvalidArgument

_DAYS_MAX = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The thresholds. A share is a percentage; a gap is one of the client's own median gap."""

    new_days: int = 90
    regular_purchase_days: int = 3
    regular_gap_percent: int = 200
    regular_gap_floor_days: int = 30
    loyal_days: int = 365
    loyal_gap_percent: int = 200
    loyal_gap_floor_days: int = 0
    loyal_referral_count: int = 1
    lost_gap_percent: int = 300
    lost_silence_days: int = 180
    lost_one_time_days: int = 365
    seasonal_cycle_count: int = 2
    seasonal_window_months: int = 3
    seasonal_percent: int = 80
    strategic_percent: int = 50
    strategic_days: int = 365
    mass_percent: int = 10
    retail_percent: int = 90
    business_percent: int = 50
    b2c_percent: int = 10
    b2b_percent: int = 10
    client_purchase_days: int = 2
    seasonal_purchase_days: int = 5
    seasonal_chance_percent: int = 5


class PolicyState(NamedTuple):
    """The policy as it is kept; `revision` is that of the last change, and makes the etag."""

    policy: Policy
    update_us: int = 0
    revision: int = 0

    @property
    def name(self) -> str:
        """The resource name: there is one policy."""
        return "policy"

    @property
    def etag(self) -> str:
        """The tag of this state, quoted as RFC 9110 has it."""
        return f'"{self.revision}"'


# Each threshold's least and greatest value; those that are not listed are days, 1 to 100 years.
_BOUNDS = {
    "regular_purchase_days": (2, 1000),
    "client_purchase_days": (1, 1000),
    "regular_gap_percent": (100, 10_000),
    "loyal_gap_percent": (100, 10_000),
    "lost_gap_percent": (100, 10_000),
    "regular_gap_floor_days": (0, _DAYS_MAX),
    "loyal_gap_floor_days": (0, _DAYS_MAX),
    "loyal_referral_count": (1, 1000),
    "seasonal_cycle_count": (2, 100),
    "seasonal_window_months": (1, 4),
    "seasonal_percent": (51, 100),
    "seasonal_purchase_days": (2, 1000),
    "seasonal_chance_percent": (1, 100),
    "strategic_percent": (1, 100),
    "mass_percent": (1, 100),
    "retail_percent": (1, 100),
    "business_percent": (1, 99),
    "b2c_percent": (1, 99),
    "b2b_percent": (1, 99),
}
NAMES = tuple(field.name for field in fields(Policy))


def bounds(name: str) -> tuple[int, int]:
    """Return the least and the greatest value of a threshold."""
    return _BOUNDS.get(name, (1, _DAYS_MAX))


def checked(policy: Policy) -> Policy:
    """Return the policy; raise InvalidArgument for thresholds out of bounds."""
    for name in NAMES:
        least, greatest = bounds(name)
        if not least <= getattr(policy, name) <= greatest:
            raise InvalidArgument.of_field(
                "THRESHOLD_INVALID",
                f"policy.{name}",
                f"must be {least} to {greatest}",
                least=str(least),
                greatest=str(greatest),
            )
    return policy
