"""Who may call what: one table, and what is not in it is refused.

The server does not start with an RPC that has no row here. A long call is one that moves much data; it may
take longer than others, and a call without end (a watch) may take for ever.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a token is for."""

    ADMIN = "admin"
    CLERK = "clerk"
    ANALYST = "analyst"


# Longer calls are asked again whether they still may, see `token_revalidation`.
_SHORT_S = 60.0


@dataclass(frozen=True, slots=True)
class Places:
    """How many calls of one RPC there may be at once, and how many of one caller."""

    of_all: int
    of_one: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may, for how long at most (None: without end); `public` needs no token.

    `places` bounds an RPC of its own, beyond what is said of all calls in `concurrency_limit`. What `goes_on`
    is made also when nobody waits for it any more, and is there for who asks again.
    """

    roles: frozenset[Role]
    limit_s: float | None = 30.0
    public: bool = False
    places: Places | None = None
    goes_on: bool = False

    @property
    def is_long(self) -> bool:
        """Tell whether a token may end before the call does."""
        return self.limit_s is None or self.limit_s > _SHORT_S


class RuleMissing(Exception):
    """An RPC that nobody has thought about."""


_ADMINS = Rule(frozenset({Role.ADMIN}))
_WRITERS = Rule(frozenset({Role.ADMIN, Role.CLERK}))
_READERS = Rule(frozenset(Role))
_LONG_S = 1800.0
_WATCHES = Places(of_all=200, of_one=20)
_STREAMS = Places(of_all=100, of_one=20)
# Reports wait for each other.
_REPORTS = Rule(_READERS.roles, _SHORT_S, places=Places(of_all=40, of_one=8), goes_on=True)

_RULES = {
    "clientela.v1.CustomerService.CreateCustomer": _WRITERS,
    "clientela.v1.CustomerService.GetCustomer": _READERS,
    "clientela.v1.CustomerService.BatchGetCustomers": _READERS,
    "clientela.v1.CustomerService.ListCustomers": _READERS,
    "clientela.v1.CustomerService.UpdateCustomer": _WRITERS,
    "clientela.v1.CustomerService.DeleteCustomer": _WRITERS,
    "clientela.v1.CustomerService.UndeleteCustomer": _WRITERS,
    "clientela.v1.CustomerService.EraseCustomer": _ADMINS,
    "clientela.v1.PurchaseService.RecordPurchase": _WRITERS,
    "clientela.v1.PurchaseService.GetPurchase": _READERS,
    "clientela.v1.PurchaseService.ListPurchases": _READERS,
    "clientela.v1.PurchaseService.RefundPurchase": _WRITERS,
    "clientela.v1.PurchaseService.ImportPurchases": Rule(_WRITERS.roles, _LONG_S, places=_STREAMS),
    "clientela.v1.PurchaseService.ExportPurchases": Rule(_READERS.roles, _LONG_S, places=_STREAMS),
    "clientela.v1.InsightService.GetStanding": _READERS,
    "clientela.v1.InsightService.ListStandings": _READERS,
    "clientela.v1.InsightService.GetPolicy": _READERS,
    "clientela.v1.InsightService.UpdatePolicy": _ADMINS,
    "clientela.v1.InsightService.CreateSegment": _WRITERS,
    "clientela.v1.InsightService.GetSegment": _READERS,
    "clientela.v1.InsightService.ListSegments": _READERS,
    "clientela.v1.InsightService.UpdateSegment": _WRITERS,
    "clientela.v1.InsightService.DeleteSegment": _WRITERS,
    "clientela.v1.InsightService.ListSegmentMembers": _READERS,
    "clientela.v1.InsightService.RecordSpend": _WRITERS,
    "clientela.v1.InsightService.GetSpend": _READERS,
    "clientela.v1.InsightService.ListSpends": _READERS,
    "clientela.v1.InsightService.DeleteSpend": _WRITERS,
    "clientela.v1.InsightService.GetUnitEconomics": _REPORTS,
    "clientela.v1.InsightService.GetRfm": _REPORTS,
    "clientela.v1.InsightService.GetCohorts": _REPORTS,
    "clientela.v1.InsightService.PredictLifetimeValue": _REPORTS,
    "clientela.v1.FeedService.Watch": Rule(_READERS.roles, None, places=_WATCHES),
    "clientela.v1.FeedService.ListHistory": _READERS,
    "grpc.health.v1.Health.Check": Rule(frozenset(), public=True),
    "grpc.health.v1.Health.List": Rule(frozenset(), public=True),
    "grpc.health.v1.Health.Watch": Rule(frozenset(), None, public=True, places=Places(50, 50)),
    "grpc.reflection.v1.ServerReflection.ServerReflectionInfo": Rule(_READERS.roles, _LONG_S),
    "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo": Rule(_READERS.roles, _LONG_S),
}


def rule_of(rpc: str) -> Rule:
    """Give the rule of an RPC by its full name; RuleMissing where there is none."""
    try:
        return _RULES[rpc]
    except KeyError:
        raise RuleMissing(f"{rpc} has no row in {__name__}") from None
