"""Every path that the contract binds, and hostile requests for it, read from the protos as servers do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from clientela_server.app import SERVICES

WELL_KNOWN = "google.protobuf."
# Words that are of no type, of every type, or of one that they are not asked for.
WORDS = [
    "",
    "foo",
    "1",
    "-1",
    "1.5",
    "1e5",
    "1E999990",
    "1_0",
    "\uff11\uff10",
    "9" * 5000,
    "99999999999",
    "true",
    "null",
    "NaN",
    "{}",
    "[]",
    '"x"',
    "a,b",
    "2026-13-45T99:99:99Z",
    "2026-01-31T12:00:00Z",
    "customers/foo",
    "\0",
    "\u200b",
    "*",
    "..",
]


@dataclass(frozen=True)
class Binding:
    """One path, and what it is a message of."""

    verb: str
    template: str
    body: str
    request: Descriptor

    def path(self, word: str = "a-b") -> str:
        """The path with a word in each of its places."""
        return re.sub(r"\{[^}]*\}", lambda found: _filled(found[0], word), self.template)

    @property
    def in_path(self) -> set[str]:
        """The fields that are in the path."""
        return set(re.findall(r"\{([a-z_.]+)", self.template))

    def __str__(self) -> str:
        return f"{self.verb} {self.template}"


def _filled(place: str, word: str) -> str:
    segments = place.strip("{}").partition("=")[2] or "*"
    return "/".join(quote(word, safe="") if part == "*" else part for part in segments.split("/"))


def bindings() -> Iterator[Binding]:
    """All of them."""
    for service in SERVICES:
        for method in service.methods:
            rule = method.GetOptions().Extensions[annotations_pb2.http]
            for each in (rule, *rule.additional_bindings):
                if verb := each.WhichOneof("pattern"):
                    yield Binding(verb.upper(), getattr(each, verb), each.body, method.input_type)


def parameters(kind: Descriptor, before: str = "", depth: int = 3) -> Iterator[tuple[str, FieldDescriptor]]:
    """Every name that a parameter may have, and some that lead through a value."""
    for field in kind.fields:
        name = before + field.name
        yield name, field
        if field.message_type is not None and depth:
            yield from parameters(field.message_type, f"{name}.", depth - 1)


def json_name(name: str) -> str:
    """The other name of a parameter."""
    return ".".join(re.sub("_([a-z])", lambda found: found[1].upper(), part) for part in name.split("."))


def wrong_values(field: FieldDescriptor) -> list[Any]:
    """JSON that no such field may be."""
    values: list[Any] = [
        None,
        True,
        1,
        1.5,
        2**70,
        "foo",
        "1_0",
        [],
        {},
        [[]],
        [None],
        {"": 1},
        {"value": {}},
    ]
    return [*values, "\ud800", [{}] * 2, float("1e300")]


def body_of(kind: Descriptor, name: str, value: Any) -> Any:
    """JSON with a value at a path."""
    nested = value
    for part in reversed(name.split(".")):
        nested = {part: nested}
    return nested
