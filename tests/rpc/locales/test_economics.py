"""Why a channel is worth what it costs, or not: said in four languages, with the numbers and no others."""

import re
import string
import tomllib
from fractions import Fraction
from importlib.resources import files

import pytest

from clientela_server.domain.economics import (
    UNKNOWN_CHANNEL,
    Acquired,
    ChannelEconomics,
    Economics,
    Period,
    Tally,
    economics_of,
)
from clientela_server.domain.money import NANOS_PER_UNIT, Money
from clientela_server.domain.spends import Spend
from clientela_server.rpc.locales import LANGUAGES
from clientela_server.rpc.locales.economics import explanation

TEXTS = {
    language: tomllib.loads(
        files("clientela_server.rpc.locales").joinpath(f"economics_{language}.toml").read_text("utf-8")
    )
    for language in LANGUAGES
}
MARKETING = 2


def found(
    spent: int | None, won: int, revenue: int, predicted: int | None = None, channel: int = MARKETING
) -> Economics:
    """The economics of one channel; a margin of one half."""
    day = Period(100, 100, 100)
    spends = (
        []
        if spent is None
        else [Spend("s", channel or MARKETING, 100, 100, Money("EUR", spent * NANOS_PER_UNIT))]
    )
    more = None if predicted is None else Fraction(predicted * NANOS_PER_UNIT)
    tally = Tally({channel: Acquired(won, revenue * NANOS_PER_UNIT, more)} if won else {})
    return economics_of(spends, tally, Fraction(1, 2), day)


def said(economics: Economics, channel: ChannelEconomics, language: str = "en") -> str:
    return explanation(channel, economics, "EUR", 365, language)


CASES = {
    "profitable": found(100, 2, 400),
    "free": found(0, 2, 400),
    "pays_later": found(300, 2, 400, 400),
    "unprofitable": found(600, 2, 400, 400),
    "unprofitable_so_far": found(300, 2, 400),
    "nobody": found(100, 0, 0),
    "nothing": found(0, 0, 0),
    "unrecorded": found(None, 2, 400),
    "unrecorded_partly": economics_of(
        [Spend("s", MARKETING, 100, 100, Money("EUR", 300 * NANOS_PER_UNIT))],
        Tally({MARKETING: Acquired(1, 400 * NANOS_PER_UNIT), 4: Acquired(1, 400 * NANOS_PER_UNIT)}),
        Fraction(1),
        Period(100, 100, 100),
    ),
}
NUMBERS = {
    "profitable": ["50.00", "100.00", "2.00"],
    "free": ["2", "100.00"],
    "pays_later": ["150.00", "100.00", "200.00", "365"],
    "unprofitable": ["300.00", "100.00", "200.00", "365", "100.00"],
    "unprofitable_so_far": ["150.00", "100.00", "50.00"],
    "nobody": ["100.00"],
    "nothing": [],
    "unrecorded": ["2", "100.00"],
    "unrecorded_partly": ["150.00", "400.00"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_numbers(language: str) -> None:
    def numbers(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)

    assert TEXTS[language].keys() == TEXTS["en"].keys()
    assert {key: numbers(text) for key, text in TEXTS[language].items()} == {
        key: numbers(text) for key, text in TEXTS["en"].items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_each_case_is_said_with_its_numbers(case: str, language: str) -> None:
    sentence = said(CASES[case], CASES[case].total, language)
    assert sorted(re.findall(r"\d+(?:\.\d+)?", sentence)) == sorted(NUMBERS[case])
    begin = TEXTS[language][case].partition("{")[0]
    assert sentence.startswith(begin)


@pytest.mark.parametrize(
    ("economics", "sentence"),
    [
        (
            found(0, 3, 600, channel=UNKNOWN_CHANNEL),
            "It is not known how these clients came: 3. Each has brought 100.00 EUR so far.",
        ),
        (found(0, 3, 600), "Of each client who was won it is known how it came."),
        (found(100, 0, 0), "Nobody was won."),
    ],
)
def test_of_clients_of_whom_nothing_is_known_it_is_said_so(economics: Economics, sentence: str) -> None:
    assert said(economics, economics.channels[0]) == sentence


def test_a_ratio_below_one_does_not_look_like_one() -> None:
    nearly = found(100_000, 1, 2 * 100_000 + 1)
    assert "1.00 times as much" in said(nearly, nearly.total)
    assert nearly.total.ratio is not None and nearly.total.ratio > 1
