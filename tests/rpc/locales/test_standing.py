"""Reasons and what turns them are said in four languages, of what is so and no more."""

import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import clientela_server.domain.standing
from clientela_server.domain.standing.facts import Facts
from clientela_server.domain.standing.standing import standing_of
from clientela_server.rpc.locales import LANGUAGES
from clientela_server.rpc.locales.standing import explanation, flips_if
from tests.domain.clients import POLICY, TODAY, Bought, facts_of
from tests.domain.standing.test_standing import MARKET, ME

TEXTS = {
    language: tomllib.loads(
        files("clientela_server.rpc.locales").joinpath(f"standing_{language}.toml").read_text()
    )
    for language in LANGUAGES
}


def said(label: str, facts: Facts, language: str = "en") -> tuple[str, str]:
    found = standing_of(facts, POLICY, MARKET, TODAY, ME).findings
    finding = next(each for each in found if each.label == label)
    return explanation(finding, language), flips_if(finding, language)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["because", "flip"])
def test_every_language_has_the_same_sentences(language: str, part: str) -> None:
    english, other = TEXTS["en"][part], TEXTS[language][part]
    assert english.keys() == other.keys()
    for key in english:
        assert placeholders(other[key]) <= placeholders(english[key]) | {"since_first_purchase"}, key


def test_what_findings_say_is_what_there_are_sentences_for() -> None:
    folder = Path(clientela_server.domain.standing.__file__).parent
    source = "".join(file.read_text("utf-8") for file in folder.glob("*findings.py"))
    named = set(re.findall(r'"([a-z0-9]+\.[a-z_]+)"', source))
    assert named and named <= TEXTS["en"]["because"].keys()


@pytest.mark.parametrize(
    ("label", "facts", "sentence"),
    [
        ("INDIVIDUAL", Facts(), "Not known to be a person."),
        ("INDIVIDUAL", Facts(party=2), "An organization."),
        (
            "INDIVIDUAL",
            facts_of([Bought(1, purpose=2)], party=1),
            "A person, but 100 % of the purchases are for a business (at most 50 %).",
        ),
        ("BUSINESS", Facts(party=2), "An organization."),
        (
            "BUSINESS",
            facts_of([Bought(1, purpose=2)], party=1),
            "100 % of the purchases are for a business (more than 50 %).",
        ),
        ("CLIENT", Facts(reachable=True), "Nothing was bought yet."),
        (
            "CLIENT",
            facts_of([Bought(1)], reachable=True),
            "Bought on 1 day (at least 2 would do), and has not said what it prefers.",
        ),
        (
            "CLIENT",
            facts_of([Bought(1)]),
            "Bought on 1 day (at least 2 would do), can't be reached, and has not said what it prefers.",
        ),
        (
            "CLIENT",
            facts_of([Bought(1), Bought(2)]),
            "Bought on 2 days, but can't be reached, and has not said what it prefers.",
        ),
        (
            "STRATEGIC",
            facts_of([Bought(1, 5000)]),
            "Revenue of 50.00 EUR in 365 days, rank 1; 50 % of 100.00 EUR is made by 1 client.",
        ),
        (
            "STRATEGIC",
            facts_of([Bought(1, 10)]),
            (
                "Revenue of 0.10 EUR in 365 days; 50 % of 100.00 EUR is made by 1 client, "
                "the last of them with 50.00 EUR."
            ),
        ),
    ],
)
def test_a_reason_says_what_is_so(label: str, facts: Facts, sentence: str) -> None:
    assert said(label, facts)[0] == sentence


def test_in_english_one_is_no_plural() -> None:
    assert said("NEW", facts_of([Bought(1)]))[0].startswith("The first purchase was 1 day ago, on ")
    assert said("NEW", facts_of([Bought(21)]))[0].startswith("The first purchase was 21 days ago, on ")
    assert said("RETAIL", Facts())[1] == "RETAIL begins with 1 direct purchase"
    assert said("LOYAL", Facts())[1] == (
        "LOYAL begins with purchases on 3 new days, and recommendations of 1 more client"
    )
