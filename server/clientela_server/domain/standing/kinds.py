"""The kinds of clients that follow from facts alone: who it is, what it buys for, how, and how it stays.

Shares are of the purchases whose purpose, or sales path, was stated: what was left out says nothing.
Read next: `seasons` (SEASONAL), `market` (STRATEGIC and MASS, which depend on others), `kind_findings`.
"""

from enum import IntEnum

from clientela_server.domain.standing.facts import ORGANIZATION, PERSON, Facts
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.seasons import is_seasonal


class Kind(IntEnum):
    """The kinds, by the numbers of the contract."""

    INDIVIDUAL = 1
    BUSINESS = 2
    B2C = 3
    B2B = 4
    SEASONAL = 5
    STRATEGIC = 6
    MASS = 7
    RETAIL = 8
    BUYER = 9
    CLIENT = 10


# Those that depend on other clients, and so change when others buy.
RELATIVE = (Kind.STRATEGIC, Kind.MASS)
RELATIVE_BITS = sum(1 << kind for kind in RELATIVE)


def buys_for_business(facts: Facts, policy: Policy) -> bool:
    """Return whether most purchases are to resell or to use in a business."""
    return facts.business * 100 > policy.business_percent * (facts.own_use + facts.business)


def is_individual(facts: Facts, policy: Policy) -> bool:
    """Return whether the client is a person who buys for itself."""
    return facts.party == PERSON and not buys_for_business(facts, policy)


def is_business(facts: Facts, policy: Policy) -> bool:
    """Return whether the client is an organization, or a person who buys as one does."""
    return facts.party == ORGANIZATION or buys_for_business(facts, policy)


def is_b2c(facts: Facts, policy: Policy) -> bool:
    """Return whether the policy's share of purchases is for own use."""
    return reaches(facts.own_use, facts.own_use + facts.business, policy.b2c_percent)


def is_b2b(facts: Facts, policy: Policy) -> bool:
    """Return whether the policy's share of purchases is for a business."""
    return reaches(facts.business, facts.own_use + facts.business, policy.b2b_percent)


def is_retail(facts: Facts, policy: Policy) -> bool:
    """Return whether the policy's share of purchases came by direct sales paths."""
    return reaches(facts.direct, facts.direct + facts.partner, policy.retail_percent)


def is_client(facts: Facts, policy: Policy) -> bool:
    """Return whether the client bought and stated preferences, or bought repeatedly and left a contact."""
    again = facts.reachable and len(facts.days) >= policy.client_purchase_days
    return bool(facts.days) and (facts.prefers or again)


def is_buyer(facts: Facts, policy: Policy) -> bool:
    """Return whether the client bought, and is no CLIENT."""
    return bool(facts.days) and not is_client(facts, policy)


def reaches(part: int, whole: int, percent: int) -> bool:
    """Return whether a part is at least so many percent of a whole; False where the whole is 0."""
    return part > 0 and part * 100 >= percent * whole


def kinds_of(facts: Facts, policy: Policy, *, same_days: int | None = None) -> int:
    """Return the kinds that follow from facts alone, as bits by their numbers.

    same_days: the kinds of facts with the same days, whose season is then not looked for again.
    """
    bits = 0
    if facts.party or facts.own_use or facts.business:
        bits = sum(bit for bit, rule in _RULES_OF_WHO if rule(facts, policy))
    if facts.direct and is_retail(facts, policy):
        bits |= _RETAIL
    if facts.days:
        bits |= _CLIENT if is_client(facts, policy) else _BUYER
    if same_days is not None:
        return bits | same_days & _SEASONAL
    return bits | _SEASONAL if is_seasonal(facts, policy) else bits


_SEASONAL = 1 << Kind.SEASONAL
_BUYER, _CLIENT, _RETAIL = 1 << Kind.BUYER, 1 << Kind.CLIENT, 1 << Kind.RETAIL
# None of these holds where it is not known who the client is, nor what for it bought.
_RULES_OF_WHO = (
    (1 << Kind.INDIVIDUAL, is_individual),
    (1 << Kind.BUSINESS, is_business),
    (1 << Kind.B2C, is_b2c),
    (1 << Kind.B2B, is_b2b),
)
