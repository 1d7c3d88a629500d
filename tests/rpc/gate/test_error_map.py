"""Every refusal has its status code, and its sentence in four languages, with the facts that it names.

Each check is shown to fail on a planted fault.
"""

import string
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from clientela_server.domain import errors
from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate.error_map import CODES
from clientela_server.rpc.locales import LANGUAGES, catalogue
from tests.rpc.reasons import OF_THE_GATE, Use, uses, uses_in

Catalogues = Mapping[str, Mapping[str, str]]
ALL: Catalogues = {language: catalogue(language) for language in LANGUAGES}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def faults(catalogues: Catalogues, found: list[Use]) -> Iterator[str]:
    """Everything that is wrong between the catalogues and the refusals that the source makes."""
    english = catalogues["en"]
    reasons = {use.reason for use in found} | OF_THE_GATE
    for language, sentences in catalogues.items():
        for reason in sorted(reasons ^ sentences.keys()):
            yield f"{language}: {reason} is " + ("missing" if reason in reasons else "never used")
        for reason in sentences.keys() & english.keys():
            if placeholders(sentences[reason]) != placeholders(english[reason]):
                yield f"{language}: {reason} names other facts than in English"
    for use in found:
        for fact in sorted(placeholders(english.get(use.reason, "")) - use.facts):
            yield f"{use} does not state {{{fact}}}"


def test_four_languages_are_spoken() -> None:
    assert set(LANGUAGES) == {"en", "pl", "ru", "lt"}


def test_every_reason_has_a_sentence_in_each_language_and_states_the_facts_in_it() -> None:
    assert list(faults(ALL, uses())) == []


def test_no_sentence_is_the_english_one() -> None:
    for language in ("pl", "ru", "lt"):
        same = {reason for reason, text in ALL[language].items() if text == ALL["en"][reason]}
        assert same <= {"FIELD_INVALID"}, language  # it holds nothing but facts


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (("lt", "EMAIL_TAKEN", None), "lt: EMAIL_TAKEN is missing"),
        (("ru", "EMAIL_TAKEN", "Занят."), "ru: EMAIL_TAKEN names other facts than in English"),
        (("en", "NEVER_SAID", "Never."), "en: NEVER_SAID is never used"),
    ],
)
def test_a_fault_in_a_catalogue_is_found(plant: tuple[str, str, str | None], fault: str) -> None:
    language, reason, text = plant
    planted = defaultdict(dict, {name: dict(sentences) for name, sentences in ALL.items()})
    if text is None:
        del planted[language][reason]
    else:
        planted[language][reason] = text

    assert fault in list(faults(planted, uses()))


def test_a_refusal_without_a_sentence_or_without_a_fact_is_found() -> None:
    source = 'raise NotFound("LOST")\nraise errors.NotFound("CUSTOMER_NOT_FOUND", resource=x)'
    planted = [*uses(), *uses_in(source, "planted.py")]

    assert [fault for fault in faults(ALL, planted) if "LOST" in fault or "planted" in fault] == [
        *(f"{language}: LOST is missing" for language in LANGUAGES),
        "CUSTOMER_NOT_FOUND (planted.py:2) does not state {name}",
    ]


def refusals() -> set[type[Refusal]]:
    return {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
    }


def test_every_kind_of_refusal_has_a_status_code_of_its_own() -> None:
    assert set(CODES) == refusals()
    assert len(set(CODES.values())) == len(CODES)
    assert 0 not in CODES.values()
