"""Convert standings and the policy."""

from collections.abc import Mapping

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.days import day_of
from clientela_server.domain.rfm import Scorer, Scores
from clientela_server.domain.standing.policy import NAMES, Policy, PolicyState
from clientela_server.domain.standing.stages import Stage
from clientela_server.domain.standing.standing import StageChange
from clientela_server.domain.totals import Totals
from clientela_server.rpc.codec.findings import encoded_finding
from clientela_server.rpc.codec.values import customer_id, from_time, revision_of, to_time


def to_rfm_scores(totals: Mapping[str, Totals], cutpoints: Mapping[str, Scorer]) -> list[pb.RfmScores]:
    """Return a customer's RFM scores in each of its currencies, by the current cutpoints."""
    return [
        _to_scores(
            cutpoints[currency].scores(day_of(each.last_us), each.purchase_count, each.amount), currency
        )
        for currency, each in sorted(totals.items())
        if currency in cutpoints
    ]


def _to_scores(scores: Scores, currency: str) -> pb.RfmScores:
    return pb.RfmScores(
        currency_code=currency,
        recency=scores.recency,
        frequency=scores.frequency,
        monetary=scores.monetary,
    )


def to_stage_change(change: StageChange) -> pb.StageChange:
    """Return the message of a stage change, in English: the feed's readers are unknown."""
    message = pb.StageChange(
        customer=change.name,
        from_stage=pb.Stage.ValueType(change.before),
        to_stage=pb.Stage.ValueType(change.after),
    )
    for finding in change.findings:
        message.findings.add().MergeFromString(encoded_finding(finding, "en"))
    return message


def from_stage_change(message: pb.StageChange) -> StageChange:
    """Return a stored stage change, without its day and findings."""
    before, after = Stage(message.from_stage), Stage(message.to_stage)
    return StageChange(customer_id(message.customer), 0, before, after, ())


def to_policy_state(state: PolicyState) -> pb.Policy:
    """Return the message of a policy with the time and etag of its last change."""
    message = to_policy(state.policy)
    message.update_time.CopyFrom(to_time(state.update_us))
    message.etag = state.etag
    return message


def from_policy_state(message: pb.Policy) -> PolicyState:
    """Return a stored policy with the time and revision of its last change."""
    return PolicyState(from_policy(message), from_time(message.update_time), revision_of(message.etag))


def to_policy(policy: Policy) -> pb.Policy:
    """Return the message of a policy."""
    return pb.Policy(**{name: getattr(policy, name) for name in NAMES})


def stored_policy(record: bytes | None) -> pb.Policy:
    """Return the message of the stored policy, with defaults for thresholds that are not set."""
    made = to_policy(Policy())
    made.MergeFromString(record or b"")
    return made


def from_policy(message: pb.Policy) -> Policy:
    """Return a policy, with defaults for thresholds that are not set."""
    return Policy(**{name: getattr(message, name) for name in NAMES if message.HasField(name)})  # type: ignore[arg-type]
