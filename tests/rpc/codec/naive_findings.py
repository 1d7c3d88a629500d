"""A finding as its message, made field by field, with sentences filled in by `str.format`: slow and plain."""

import re
from typing import Any

from google.type.decimal_pb2 import Decimal

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.days import date_of
from clientela_server.domain.money import Money
from clientela_server.domain.standing.findings import Finding, Flip, Measure
from clientela_server.rpc.locales.standing import load

_WHOLE = {"never", "keep", "keep_revenue"}
_ONE_OF_MANY = re.compile(r"(?<![\d.,-])1 ((?:more |new |direct )?)(day|year|client|purchase)s\b")


def to_finding(finding: Finding, language: str) -> pb.Finding:
    return pb.Finding(
        label=finding.label,
        holds=finding.holds,
        rule_id=finding.rule_id,
        explanation=_explanation(finding, language),
        measures=[_to_measure(each) for each in finding.measures],
        flips_if=_flips_if(finding, language),
    )


def _to_measure(measure: Measure) -> pb.Measure:
    return pb.Measure(
        name=measure.name,
        value=Decimal(value=measure.value),
        threshold=Decimal(value=measure.threshold) if measure.threshold is not None else None,
        unit=measure.unit,
    )


def _explanation(finding: Finding, language: str) -> str:
    texts, facts = load(language), dict(finding.facts)
    for measure in finding.measures:
        facts.setdefault(measure.name, measure.value)
        facts[f"{measure.name}_limit"] = measure.threshold or ""
    if "from" in facts:
        facts["months"] = _span(texts, int(facts["from"]) - 1, int(facts["to"]) - 1)
    return _singular(texts["because"][finding.says].format_map(facts), language)


def _flips_if(finding: Finding, language: str) -> str:
    texts, flip = load(language), finding.flip
    says = "buy_one" if flip.says == "buy" and flip.purchases == 1 else flip.says
    facts = {"label": finding.label, **_facts(flip, texts)}
    said = _singular(texts["flip"][says].format_map(facts), language)
    if says in _WHOLE:
        return said
    turn: str = texts["flip"]["ends" if finding.holds else "begins"]
    return turn.format(label=finding.label, change=said)


def _facts(flip: Flip, texts: Any) -> dict[str, str]:
    return {
        "purchases": str(flip.purchases),
        "referrals": str(flip.referrals),
        "until": date_of(flip.until) if flip.until is not None else "",
        "quantity": flip.quantity,
        "category": flip.category,
        "amount": Money(flip.currency, flip.amount).exact if flip.currency else "",
        "months": _span(texts, flip.months[0], flip.months[-1]) if flip.months else "",
    }


def _singular(text: str, language: str) -> str:
    return _ONE_OF_MANY.sub(r"1 \1\2", text) if language == "en" else text


def _span(texts: Any, first: int, last: int) -> str:
    names = texts["months"]
    named: str = names[first] if first == last else f"{names[first]} – {names[last]}"
    return named
