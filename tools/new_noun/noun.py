"""What a noun may be: its names, and the fields that it has. Read next: taken.py."""

import re
from dataclasses import dataclass

from tools.new_noun.taken import meaning

TYPES = ("text", "int", "bool", "time", "date")
# Plurals with an s that is not added to the singular, and those that look so and are not.
_CHANGED = re.compile(r".*(ies|[us]s|is|sses|xes|zzes|[sc]hes|oes|[^ao]uses)")
_IRREGULAR = frozenset("news means lens gas atlas canvas aliases biases lenses irises gases halves".split())
_REGULAR = frozenset("movies cookies selfies menus taxis caches shoes uses excuses axes".split())
_ENDINGS = ("_time", "_date", "_us", "_day", "_id", "_amount", "_price")


class NotANoun(ValueError):
    """Raised for arguments that no noun can be made of; the text says what is wrong with which."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name as given, and one of TYPES."""

    name: str
    type: str

    @property
    def in_message(self) -> str:
        """Its name in the contract: times end in _time, dates in _date."""
        return f"{self.name}_{self.type}" if self.type in {"time", "date"} else self.name

    @property
    def attribute(self) -> str:
        """Its name in the domain and in the table: microseconds and days are the unit at its end."""
        return f"{self.name}{ {'time': '_us', 'date': '_day'}.get(self.type, '') }"


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun of customers."""

    plural: str
    fields: tuple[Field, ...]

    @property
    def singular(self) -> str:
        """Its name for one: a plural is the singular with an s, in the contract too (AIP-123)."""
        return self.plural.removesuffix("s")

    @property
    def with_article(self) -> str:
        """Return "a visit", "an order"."""
        return f"{'an' if self.singular[0] in 'aeiou' else 'a'} {self.singular}"

    def of_type(self, *types: str) -> list[Field]:
        """Return the fields of some types."""
        return [field for field in self.fields if field.type in types]


def read_noun(name: str, fields: list[str]) -> Noun:
    """Return the noun of a command line; NotANoun says what is wrong."""
    _check_name(name)
    first, *others = fields or [""]
    if first != "customer:name":
        raise NotANoun(f'FIELDS: must begin with customer:name, whose each is, and not with "{first}"')
    if not others:
        raise NotANoun("FIELDS: a noun needs a field beside customer:name")
    read = tuple(_read_field(each) for each in others)
    for at, field in enumerate(read):
        if field.name in {each.name for each in read[:at]} or field.name in {name, name.removesuffix("s")}:
            raise NotANoun(f'FIELDS: "{field.name}" is there twice')
    return Noun(name, read)


def _check_name(name: str) -> None:
    """Raise NotANoun for a name that is no regular plural, or that means something already."""
    if not name:
        raise NotANoun('NAME is missing: make noun NAME=visits FIELDS="customer:name guests:int"')
    if not re.fullmatch(r"[a-z]{3,30}", name):
        raise NotANoun(f'NAME="{name}": must be one word of 3 to 30 small letters')
    if not name.endswith("s") or name.endswith("ss"):
        raise NotANoun(f'NAME="{name}": must be a plural that is the singular with an s, as visits is')
    singular = name.removesuffix("s")
    if name in _IRREGULAR or (_CHANGED.fullmatch(name) and name not in _REGULAR):
        raise NotANoun(
            f'NAME="{name}": must be a plural that is the singular with an s: is one "{singular}"?'
        )
    for word in (name, singular):
        if meant := meaning(word):
            raise NotANoun(f'NAME="{name}": "{word}" is {meant}')


def _read_field(text: str) -> Field:
    name, colon, kind = text.partition(":")
    if not colon or not re.fullmatch(r"[a-z]+(_[a-z]+)*", name) or len(name) > 30:
        raise NotANoun(f'FIELDS: "{text}" is not written NAME:TYPE, the name in small letters')
    if kind not in TYPES:
        raise NotANoun(f'FIELDS: "{text}" is of no known type: there are {", ".join(TYPES)}')
    if name.endswith(_ENDINGS):
        raise NotANoun(f'FIELDS: "{name}" is a reserved name: its end is that of another type')
    field = Field(name, kind)
    for word in (name, field.in_message, field.attribute):
        if meant := meaning(word):
            raise NotANoun(f'FIELDS: "{text}": "{word}" is {meant}')
    return field
