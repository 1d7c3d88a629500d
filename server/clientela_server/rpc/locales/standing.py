"""Explanations of labels, and of what would change them, in four languages; the facts are the finding's.

Numbers stand behind a colon where a language would want another ending for each; English wants two, and the
texts have the plural.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from clientela_server.domain.days import date_of
from clientela_server.domain.money import Money
from clientela_server.domain.standing.findings import Finding, Flip
from clientela_server.rpc.locales import LANGUAGES, language_of

# What is said whole, with the label in it; of all else, that the label begins or ends with it.
_WHOLE = {"never", "keep", "keep_revenue"}
_ONE = {"buy"}
_ONE_OF_MANY = re.compile(r"(?<![\d.,-])1 ((?:more |new |direct )?)(day|year|client|purchase)s\b")


@cache
def load(language: str) -> Mapping[str, Any]:
    """Return the texts of a language, cached."""
    return tomllib.loads(files(__package__).joinpath(f"standing_{language}.toml").read_text("utf-8"))


def language_for(wishes: str) -> str:
    """Return the first supported language of an Accept-Language value, else English."""
    return language_of(wishes) or LANGUAGES[0]


def explanation(finding: Finding, language: str) -> str:
    """Return why a label holds or not."""
    texts = load(language)
    facts = dict(finding.facts)
    for measure in finding.measures:
        facts.setdefault(measure.name, measure.value)
        facts[f"{measure.name}_limit"] = measure.threshold or ""
    if "from" in facts:
        facts["months"] = _span(texts, int(facts["from"]) - 1, int(facts["to"]) - 1)
    sentence: str = texts["because"][finding.says]
    return singular(sentence.format_map(facts), language)


def flips_if(finding: Finding, language: str) -> str:
    """Return what would change a label."""
    texts, flip = load(language)["flip"], finding.flip
    says = "buy_one" if flip.says in _ONE and flip.purchases == 1 else flip.says
    facts = {"label": finding.label, **_facts(flip, load(language))}
    said = singular(texts[says].format_map(facts), language)
    if says in _WHOLE:
        return said
    turn: str = texts["ends" if finding.holds else "begins"]
    return turn.format(label=finding.label, change=said)


def _facts(flip: Flip, texts: Mapping[str, Any]) -> dict[str, str]:
    return {
        "purchases": str(flip.purchases),
        "referrals": str(flip.referrals),
        "until": date_of(flip.until) if flip.until is not None else "",
        "quantity": flip.quantity,
        "category": flip.category,
        "amount": Money(flip.currency, flip.amount).exact if flip.currency else "",
        "months": _span(texts, flip.months[0], flip.months[-1]) if flip.months else "",
    }


def singular(text: str, language: str) -> str:
    """Return a text with "1 days" as "1 day", in English."""
    # Most texts have no "1 ", and are looked through much faster than by the pattern.
    return _ONE_OF_MANY.sub(r"1 \1\2", text) if language == "en" and "1 " in text else text


def _span(texts: Mapping[str, Sequence[str]], first: int, last: int) -> str:
    names = texts["months"]
    return names[first] if first == last else f"{names[first]} – {names[last]}"
