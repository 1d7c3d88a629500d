"""Authorization: which roles may call which RPC, and its limits. Deny by default.

The server does not start with an RPC that has no row here. Calls that move much data have a longer deadline;
a watch has none.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a token is for."""

    ADMIN = "admin"
    CLERK = "clerk"
    ANALYST = "analyst"


# The token of a longer call is revalidated while it runs, see `token_revalidation`.
_SHORT_S = 60.0


@dataclass(frozen=True, slots=True)
class CallQuota:
    """The concurrent calls that one RPC allows: in total, and per caller."""

    total: int
    per_caller: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call an RPC, and within which limits.

    roles: the roles that may; public: no token is needed. limit_s: the server's deadline, None for no limit.
    quota: a concurrency limit of this RPC's own, beside those of `concurrency_limit`. survives_deadline: the
    work goes on after the deadline, and its result is there for a retry.
    """

    roles: frozenset[Role]
    limit_s: float | None = 30.0
    public: bool = False
    quota: CallQuota | None = None
    survives_deadline: bool = False

    @property
    def is_long(self) -> bool:
        """Return whether the token may expire during the call, so that it is revalidated."""
        return self.limit_s is None or self.limit_s > _SHORT_S


class RuleMissing(Exception):
    """An RPC has no row in the table."""


_ADMINS = Rule(frozenset({Role.ADMIN}))
_WRITERS = Rule(frozenset({Role.ADMIN, Role.CLERK}))
_READERS = Rule(frozenset(Role))
_LONG_S = 1800.0
_WATCHES = CallQuota(total=200, per_caller=20)
_STREAMS = CallQuota(total=100, per_caller=20)
# Reports are computed one at a time, so their calls queue for each other.
_REPORTS = Rule(_READERS.roles, _SHORT_S, quota=CallQuota(total=40, per_caller=8), survives_deadline=True)

_RULES = {
    "clientela.v1.CustomerService.CreateCustomer": _WRITERS,
    "clientela.v1.CustomerService.GetCustomer": _READERS,
    "clientela.v1.CustomerService.BatchGetCustomers": _READERS,
    "clientela.v1.CustomerService.ListCustomers": _READERS,
    "clientela.v1.CustomerService.UpdateCustomer": _WRITERS,
    "clientela.v1.CustomerService.DeleteCustomer": _WRITERS,
    "clientela.v1.CustomerService.UndeleteCustomer": _WRITERS,
    "clientela.v1.CustomerService.EraseCustomer": _ADMINS,
    "clientela.v1.CustomerService.ImportCustomers": Rule(_WRITERS.roles, _LONG_S, quota=_STREAMS),
    "clientela.v1.PurchaseService.RecordPurchase": _WRITERS,
    "clientela.v1.PurchaseService.GetPurchase": _READERS,
    "clientela.v1.PurchaseService.ListPurchases": _READERS,
    "clientela.v1.PurchaseService.RefundPurchase": _WRITERS,
    "clientela.v1.PurchaseService.ImportPurchases": Rule(_WRITERS.roles, _LONG_S, quota=_STREAMS),
    "clientela.v1.PurchaseService.ExportPurchases": Rule(_READERS.roles, _LONG_S, quota=_STREAMS),
    "clientela.v1.StandingService.GetStanding": _READERS,
    "clientela.v1.StandingService.ListStandings": _READERS,
    "clientela.v1.StandingService.GetPolicy": _READERS,
    "clientela.v1.StandingService.UpdatePolicy": _ADMINS,
    "clientela.v1.SegmentService.CreateSegment": _WRITERS,
    "clientela.v1.SegmentService.GetSegment": _READERS,
    "clientela.v1.SegmentService.ListSegments": _READERS,
    "clientela.v1.SegmentService.UpdateSegment": _WRITERS,
    "clientela.v1.SegmentService.DeleteSegment": _WRITERS,
    "clientela.v1.SegmentService.ListSegmentMembers": _READERS,
    "clientela.v1.SpendService.RecordSpend": _WRITERS,
    "clientela.v1.SpendService.GetSpend": _READERS,
    "clientela.v1.SpendService.ListSpends": _READERS,
    "clientela.v1.SpendService.DeleteSpend": _WRITERS,
    "clientela.v1.EconomicsService.GetUnitEconomics": _REPORTS,
    "clientela.v1.EconomicsService.GetRfm": _REPORTS,
    "clientela.v1.EconomicsService.GetCohorts": _REPORTS,
    "clientela.v1.EconomicsService.PredictLifetimeValue": _REPORTS,
    "clientela.v1.FeedService.Watch": Rule(_READERS.roles, None, quota=_WATCHES),
    "clientela.v1.FeedService.ListHistory": _READERS,
    "grpc.health.v1.Health.Check": Rule(frozenset(), public=True),
    "grpc.health.v1.Health.List": Rule(frozenset(), public=True),
    "grpc.health.v1.Health.Watch": Rule(frozenset(), None, public=True, quota=CallQuota(50, 50)),
    "grpc.reflection.v1.ServerReflection.ServerReflectionInfo": Rule(_READERS.roles, _LONG_S),
    "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo": Rule(_READERS.roles, _LONG_S),
}


def rule_of(rpc: str) -> Rule:
    """Return the rule of an RPC, by its full name.

    Raises:
        RuleMissing: the table has no row for it.
    """
    try:
        return _RULES[rpc]
    except KeyError:
        raise RuleMissing(f"{rpc} has no row in {__name__}") from None
