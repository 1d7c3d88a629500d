"""Explanations of labels, and of what would change them, in four languages; the facts are the finding's.

Numbers stand behind a colon where a language would want another ending for each; English wants two, and the
texts have the plural.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from clientela_server.domain.days import date_of
from clientela_server.domain.money import Money
from clientela_server.domain.standing.findings import Finding
from clientela_server.rpc.locales import LANGUAGES, language_of

# What is said whole, with the label in it; of all else, that the label begins or ends with it.
_WHOLE = {"never", "keep", "keep_revenue"}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ONE_OF_MANY = re.compile(r"1 (?<![\d.,-]1 )(?:more |new |direct )?(?:day|year|client|purchase)s\b")


@cache
def load(language: str) -> Mapping[str, Any]:
    """Return the texts of a language, cached."""
    return tomllib.loads(files(__package__).joinpath(f"standing_{language}.toml").read_text("utf-8"))


def language_for(wishes: str) -> str:
    """Return the first supported language of an Accept-Language value, else English."""
    return language_of(wishes) or LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The sentences of a language, made ready for `%`: it fills them in twice as fast as `format`."""

    because: Mapping[str, str]
    begins: Mapping[str, str]
    ends: Mapping[str, str]


@cache
def patterns(language: str) -> Patterns:
    """Return the sentences of a language, cached; those of flips begin or end with what the label does."""
    texts = load(language)
    changes = texts["flip"]

    def turning(turn: str) -> Mapping[str, str]:
        return {
            says: _pattern(text if says in _WHOLE else changes[turn].replace("{change}", text))
            for says, text in changes.items()
        }

    because = {says: _pattern(text) for says, text in texts["because"].items()}
    return Patterns(because, turning("begins"), turning("ends"))


def _pattern(text: str) -> str:
    return _PLACEHOLDER.sub(r"%(\1)s", text.replace("%", "%%"))


def explanation(finding: Finding, language: str) -> str:
    """Return why a label holds or not."""
    facts: dict[str, str] = {}
    for measure in finding.measures:
        facts[measure.name] = measure.value
        facts[measure.name + "_limit"] = measure.threshold or ""
    facts |= finding.facts
    if "from" in facts:
        facts["months"] = _span(language, int(facts["from"]) - 1, int(facts["to"]) - 1)
    return singular(patterns(language).because[finding.says] % facts, language)


def flips_if(finding: Finding, language: str) -> str:
    """Return what would change a label."""
    flip, known = finding.flip, patterns(language)
    says = "buy_one" if flip.says == "buy" and flip.purchases == 1 else flip.says
    facts = {
        "label": finding.label,
        "purchases": flip.purchases,
        "referrals": flip.referrals,
        "quantity": flip.quantity,
        "category": flip.category,
    }
    if flip.until is not None:
        facts["until"] = date_of(flip.until)
    if flip.currency:
        facts["amount"] = Money(flip.currency, flip.amount).exact
    if flip.months:
        facts["months"] = _span(language, flip.months[0], flip.months[-1])
    return singular((known.ends if finding.holds else known.begins)[says] % facts, language)


def singular(text: str, language: str) -> str:
    """Return a text with "1 days" as "1 day", in English."""
    # Most texts have no "1 ", and are looked through much faster than by the pattern.
    if language != "en" or "1 " not in text:
        return text
    return _ONE_OF_MANY.sub(lambda plural: plural[0][:-1], text)


def _span(language: str, first: int, last: int) -> str:
    """Name a span of months of the year, each from 0 to 11."""
    names = load(language)["months"]
    return names[first] if first == last else f"{names[first]} – {names[last]}"
