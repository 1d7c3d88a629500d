"""Standings as bytes, in parts: what rules say of a few facts is encoded once for all clients who have these.

Rule: a part is a pure function of what it is given, which are the few facts that its rules look at, and the
encoder's policy, day and language. So parts are kept as long as there is room, and none is ever out of date.
Whoever is like many others, and most who bought once are, costs little more than the parts put one behind the
other, which is one message (`framing`). Read next: `domain/standing/standing`, which has the same order.
"""

from array import array
from collections.abc import Iterable
from functools import lru_cache

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.standing.facts import Facts, seen_on
from clientela_server.domain.standing.findings import Finding
from clientela_server.domain.standing.kind_findings import party_findings, retail_finding, staying_findings
from clientela_server.domain.standing.kinds import Kind
from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.domain.standing.market_findings import mass_finding, strategic_finding
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.season_findings import seasonal_finding
from clientela_server.domain.standing.stage_findings import stage_findings
from clientela_server.domain.standing.stages import Stage, stage_of
from clientela_server.domain.standing.standing import Standing, kinds_held
from clientela_server.rpc.codec.findings import encoded_finding
from clientela_server.rpc.codec.framing import number_of, prefix, text_field
from clientela_server.rpc.codec.values import to_time

# Of each kind of parts; the largest, with five stages, have 1 KiB.
_KEPT = 1024
# Who bought on more days than these is like nobody else.
_ALIKE_DAYS = 3


class StandingEncoder:
    """Encodes the standings of a policy, a day and a language, which never change. Thread-safe."""

    def __init__(self, policy: Policy, day: int, language: str) -> None:
        self._policy = policy
        self._day = day
        self.language = language
        self._stages_of_few = lru_cache(_KEPT)(self._stages_seen_on)
        self._season_of_few = lru_cache(_KEPT)(self._season_in)
        self._party = lru_cache(_KEPT)(self._encode_party)
        self._retail = lru_cache(_KEPT)(self._encode_retail)
        self._staying = lru_cache(_KEPT)(self._encode_staying)

    def encode(self, customer_id: str, facts: Facts, market: RankingThresholds) -> bytes:
        """Return the message of a standing, without the moment that it is of."""
        before, after = self.encode_own(customer_id, facts)
        return before + self.encode_relative(customer_id, facts, market) + after

    def encode_own(self, customer_id: str, facts: Facts) -> tuple[bytes, bytes]:
        """Return what depends on no other client: what stands before the kinds that do, and behind them."""
        few = len(facts.days) <= _ALIKE_DAYS
        before = (
            text_field(_CUSTOMER, f"customers/{customer_id}"),
            self._stages_of_few(facts.purchases, facts.referrals, *facts.days)
            if few
            else self._encode_stages(facts),
            self._party(facts.party, facts.own_use, facts.business),
            self._season_of_few(*facts.months, *facts.month_days) if few else self._encode_season(facts),
        )
        after = (
            self._retail(facts.direct, facts.partner),
            self._staying(len(facts.days), facts.reachable, facts.prefers),
        )
        return b"".join(before), b"".join(after)

    def encode_relative(self, customer_id: str, facts: Facts, market: RankingThresholds) -> bytes:
        """Return what depends on the other clients: STRATEGIC, MASS, and when these were looked at."""
        found = self._encode(
            strategic_finding(facts, self._policy, market, self._day, customer_id),
            mass_finding(facts, market, self._day),
        )
        return found + _looked_at(market)

    def _stages_seen_on(self, purchases: int, referrals: int, *days: int) -> bytes:
        return self._encode_stages(seen_on(array("i", days), purchases, referrals))

    def _encode_stages(self, facts: Facts) -> bytes:
        stage = stage_of(facts, self._policy, self._day)
        return _stage(stage) + self._encode(*stage_findings(facts, self._policy, self._day))

    def _season_in(self, *months_and_days: int) -> bytes:
        half = len(months_and_days) // 2
        months, month_days = array("i", months_and_days[:half]), array("i", months_and_days[half:])
        days = array("i", range(sum(month_days)))  # only their number counts
        return self._encode_season(Facts(days=days, months=months, month_days=month_days))

    def _encode_season(self, facts: Facts) -> bytes:
        return self._encode(seasonal_finding(facts, self._policy, self._day))

    def _encode_party(self, party: int, own_use: int, business: int) -> bytes:
        facts = Facts(party, own_use=own_use, business=business)
        return self._encode(*party_findings(facts, self._policy, self._day))

    def _encode_retail(self, direct: int, partner: int) -> bytes:
        facts = Facts(direct=direct, partner=partner)
        return self._encode(retail_finding(facts, self._policy, self._day))

    def _encode_staying(self, days: int, reachable: bool, prefers: bool) -> bytes:
        facts = Facts(reachable=reachable, prefers=prefers, days=array("i", range(days)))
        return self._encode(*staying_findings(facts, self._policy, self._day))

    def _encode(self, *findings: Finding) -> bytes:
        """Encode findings, and the kinds of them that hold."""
        return _kinds(kinds_held(findings)) + _framed(findings, self.language)


@lru_cache(maxsize=8)
def encoder_of(policy: Policy, day: int, language: str) -> StandingEncoder:
    """Return the encoder of a policy, a day and a language, with the parts that it has kept."""
    return StandingEncoder(policy, day, language)


def encoded_standing(standing: Standing, market: RankingThresholds, language: str) -> bytes:
    """Return the message of one standing, without the moment that it is of; no part of it is kept."""
    return b"".join(
        (
            text_field(_CUSTOMER, f"customers/{standing.customer_id}"),
            _stage(standing.stage),
            _kinds(standing.kinds),
            _framed(standing.findings, language),
            _looked_at(market),
        )
    )


def _framed(findings: Iterable[Finding], language: str) -> bytes:
    parts: list[bytes] = []
    for finding in findings:
        encoded = encoded_finding(finding, language)
        parts += prefix(_FINDINGS, len(encoded)), encoded
    return b"".join(parts)


def _looked_at(market: RankingThresholds) -> bytes:
    return b"" if market.day is None else _market_time(market.time_us)


_CUSTOMER, _FINDINGS = number_of(pb.Standing, "customer"), number_of(pb.Standing, "findings")


@lru_cache(maxsize=len(Stage))
def _stage(stage: Stage) -> bytes:
    return pb.Standing(stage=pb.Stage.ValueType(stage)).SerializeToString()


@lru_cache(maxsize=64)
def _kinds(kinds: tuple[Kind, ...]) -> bytes:
    return pb.Standing(kinds=[pb.Kind.ValueType(kind) for kind in kinds]).SerializeToString()


@lru_cache(maxsize=8)
def _market_time(us: int) -> bytes:
    return pb.Standing(market_time=to_time(us)).SerializeToString()
