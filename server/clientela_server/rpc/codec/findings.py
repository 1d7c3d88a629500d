"""Findings as the bytes of their messages, with no message made of any of them.

An answer has 15 findings with some 28 measures, each of two decimals: a hundred messages, and to make and
serialize them took as long as to judge the client. The bytes are those that serializing gives: fields in the
order of their numbers, without those that have their default.
Read next: `framing` for the rules of the wire format that this rests on.
"""

from functools import lru_cache

from google.type.decimal_pb2 import Decimal

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.standing.findings import Finding
from clientela_server.rpc.codec.framing import number_of, prefix, text_field
from clientela_server.rpc.locales.standing import explanation, flips_if

_EXPLANATION, _FLIPS_IF = number_of(pb.Finding, "explanation"), number_of(pb.Finding, "flips_if")
_MEASURES = number_of(pb.Finding, "measures")
_NAME, _UNIT = number_of(pb.Measure, "name"), number_of(pb.Measure, "unit")
_VALUE, _THRESHOLD = number_of(pb.Measure, "value"), number_of(pb.Measure, "threshold")
_DECIMAL = number_of(Decimal, "value")


def encoded_finding(finding: Finding, language: str) -> bytes:
    """Return the serialized message of a finding, with its sentences in a language."""
    because, change = explanation(finding, language).encode(), flips_if(finding, language).encode()
    return b"".join(
        (
            _beginning(finding.label, finding.holds, finding.rule_id),
            prefix(_EXPLANATION, len(because)),
            because,
            *[_measure(each.name, each.value, each.threshold, each.unit) for each in finding.measures],
            prefix(_FLIPS_IF, len(change)),
            change,
        )
    )


# Of the labels, each held or not; some have two rules.
@lru_cache(maxsize=128)
def _beginning(label: str, holds: bool, rule_id: str) -> bytes:
    return pb.Finding(label=label, holds=holds, rule_id=rule_id).SerializeToString()


# Most are days, counts or percentages beside a threshold of the policy: few, and those of many clients.
@lru_cache(maxsize=4096)
def _measure(name: str, value: str, threshold: str | None, unit: str) -> bytes:
    """Return a measure in its field of the finding."""
    compared = b"" if threshold is None else _decimal(_THRESHOLD, threshold)
    encoded = text_field(_NAME, name) + _decimal(_VALUE, value) + compared + text_field(_UNIT, unit)
    return prefix(_MEASURES, len(encoded)) + encoded


def _decimal(number: int, value: str) -> bytes:
    inner = text_field(_DECIMAL, value)
    return prefix(number, len(inner)) + inner
