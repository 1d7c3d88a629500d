"""Error sentences by reason, in four languages, with the facts filled in.

The English sentence is the status message. The others are sent as LocalizedMessage to callers that ask for a
language by the metadata `accept-language`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "pl", "ru", "lt")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the sentences of a language, by reason."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def sentence(reason: str, facts: Mapping[str, str], language: str = "en") -> str:
    """Return the sentence of a reason, with its facts."""
    return catalogue(language)[reason].format_map(facts)


def language_of(languages: str) -> str | None:
    """Return the first supported language of an Accept-Language value, None if there is none."""
    for wish in languages.split(","):
        language = wish.split(";")[0].split("-")[0].strip().lower()
        if language in LANGUAGES:
            return language
    return None


def localized(languages: str, reason: str, facts: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first supported language and the sentence in it, None if there is none."""
    language = language_of(languages)
    return (language, sentence(reason, facts, language)) if language else None
