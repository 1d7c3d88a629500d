"""The standing of a client: its stage, its kinds, and a finding for every label, held or not.

A pure function of the facts, the policy, the market and the day. Read next: `stages`, `kinds`, `market` (the
rules), `stage_findings`, `kind_findings`, `market_findings` (the reasons).
"""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from clientela_server.domain.standing.facts import Facts
from clientela_server.domain.standing.findings import Finding
from clientela_server.domain.standing.kind_findings import party_findings, retail_finding, staying_findings
from clientela_server.domain.standing.kinds import Kind, kinds_of
from clientela_server.domain.standing.market import RankingThresholds, is_mass, is_strategic
from clientela_server.domain.standing.market_findings import mass_finding, strategic_finding
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.season_findings import seasonal_finding
from clientela_server.domain.standing.stage_findings import findings_of, stage_findings
from clientela_server.domain.standing.stages import Stage, stage_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A client's stage, kinds and findings on a day."""

    customer_id: str
    day: int
    stage: Stage
    kinds: tuple[Kind, ...]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class StageChange:
    """A change of stage, with the findings of both stages as its evidence."""

    customer_id: str
    day: int
    before: Stage
    after: Stage
    findings: Sequence[Finding]
    _: KW_ONLY
    revision: int = 0

    @property
    def name(self) -> str:
        """The customer's resource name."""
        return f"customers/{self.customer_id}"


def standing_of(
    facts: Facts, policy: Policy, thresholds: RankingThresholds, day: int, customer_id: str
) -> Standing:
    """Compute a standing with its findings."""
    findings = [
        *stage_findings(facts, policy, day),
        *party_findings(facts, policy, day),
        seasonal_finding(facts, policy, day),
        strategic_finding(facts, policy, thresholds, day, customer_id),
        mass_finding(facts, thresholds, day),
        retail_finding(facts, policy, day),
        *staying_findings(facts, policy, day),
    ]
    return Standing(customer_id, day, stage_of(facts, policy, day), kinds_held(findings), findings)


def kinds_held(findings: Iterable[Finding]) -> tuple[Kind, ...]:
    """Return the kinds among the labels that hold."""
    return tuple(_KINDS[each.label] for each in findings if each.holds and each.label in _KINDS)


_KINDS = {kind.name: kind for kind in Kind}


def labels_of(
    facts: Facts, policy: Policy, thresholds: RankingThresholds, day: int, customer_id: str
) -> Standing:
    """Compute a standing without findings, which cost ten times as much as the rules."""
    bits = kinds_of(facts, policy)
    if is_strategic(facts, policy, thresholds, day, customer_id):
        bits |= 1 << Kind.STRATEGIC
    if is_mass(facts, thresholds):
        bits |= 1 << Kind.MASS
    held = tuple(kind for kind in _KINDS.values() if bits >> kind & 1)
    return Standing(customer_id, day, stage_of(facts, policy, day), held, ())


def stage_change(
    facts: Facts, policy: Policy, day: int, customer_id: str, *, before: Stage, after: Stage
) -> StageChange:
    """Return the change of a stage, with the findings of the old and the new one."""
    found = findings_of({before.name, after.name}, facts, policy, day)
    return StageChange(customer_id, day, before, after, found)
