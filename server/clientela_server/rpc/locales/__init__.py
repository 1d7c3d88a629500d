"""What is said to people, by reason: one sentence in each of four languages, the facts filled in.

The English sentence is the status' message. The others go out as LocalizedMessage to callers that say, by
the metadata `accept-language`, which they read.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "pl", "ru", "lt")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Give the sentences of a language, by reason."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def sentence(reason: str, facts: Mapping[str, str], language: str = "en") -> str:
    """Say a reason in a language, with its facts."""
    return catalogue(language)[reason].format_map(facts)


def language_of(languages: str) -> str | None:
    """Tell the first of the caller's languages (an Accept-Language) that we know, or None."""
    for wish in languages.split(","):
        language = wish.split(";")[0].split("-")[0].strip().lower()
        if language in LANGUAGES:
            return language
    return None


def localized(languages: str, reason: str, facts: Mapping[str, str]) -> tuple[str, str] | None:
    """Say a reason in the first of the caller's languages that we know, or None."""
    language = language_of(languages)
    return (language, sentence(reason, facts, language)) if language else None
