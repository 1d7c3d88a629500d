"""Customers and filters about them, with what each filter means in plain Python.

`filters` draws a filter as a text together with a function that tells for whom it holds.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as pb

NAMES = [
    "Ann",
    "ann",
    "ANNA",
    "Żak",
    "żak",
    "Łukasz",
    "Žukas",
    "Иван",
    "50%",
    "a_b",
    "a\\b",
    'say "hi"',
    "*",
    "x*y",
    "🏔",
    "",
]
CHANNELS = [name for name, number in pb.AcquisitionChannel.items() if number]


@dataclass(frozen=True)
class Wish:
    """A filter: its text, and for whom it holds."""

    text: str
    holds: Callable[[pb.Customer], bool]


def everybody(tribe: str) -> Iterator[pb.Customer]:
    """Make up people: persons and firms of every name, then some of whom less is known."""
    chance = random.Random(7)
    for name in NAMES:
        person = pb.Person(given_name=name, family_name=name)
        yield somebody(chance, tribe, name, patron=name, person=person)
        yield somebody(chance, tribe, name, organization=pb.Organization(legal_name=name))
        yield somebody(chance, tribe, chance.choice(NAMES))


def somebody(chance: random.Random, tribe: str, name: str, **fields: Any) -> pb.Customer:
    """Make up a customer, with every other field filled in or not."""
    customer = pb.Customer(display_name=name or "?", labels={"tribe": tribe}, **fields)
    if chance.random() < 0.7:
        customer.acquisition.campaign = name
    if chance.random() < 0.7:
        customer.acquisition.channel = pb.AcquisitionChannel.Value(chance.choice(CHANNELS))
    if chance.random() < 0.7:
        customer.preferences.language_code = chance.choice(["pl", "lt", "lt-LT"])
    if chance.random() < 0.7:
        customer.preferences.marketing_consent = chance.random() < 0.5
    customer.preferences.categories.extend(chance.sample(["tea", "Tea", "coffee"], chance.randrange(3)))
    for key in ("tier", "a"):
        if chance.random() < 0.5:
            customer.labels[key] = chance.choice(["gold", "silver", ""])
    return customer


def quoted(*pieces: str) -> str:
    """Write pieces with wildcards between them; a star within a piece is a star."""
    return '"' + "*".join(re.sub(r'[\\"*]', r"\\\g<0>", piece) for piece in pieces) + '"'


# ---- what single restrictions mean

TEXTS: dict[str, Callable[[pb.Customer], str | None]] = {
    "display_name": lambda customer: customer.display_name,
    "person.given_name": lambda customer: optional(party(customer, "person"), "given_name"),
    "person.family_name": lambda customer: optional(party(customer, "person"), "family_name"),
    "organization.legal_name": lambda customer: optional(party(customer, "organization"), "legal_name"),
    "patron": lambda customer: optional(customer, "patron"),
    "acquisition.campaign": lambda customer: optional(customer.acquisition, "campaign"),
    "preferences.language_code": lambda customer: optional(customer.preferences, "language_code"),
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def party(customer: pb.Customer, kind: str) -> Any:
    return getattr(customer, kind) if customer.WhichOneof("party") == kind else None


def optional(message: Any, field: str) -> str | None:
    return getattr(message, field) if message is not None and message.HasField(field) else None


def compared(value: Any, operator: str, wanted: Any) -> bool:
    """Compare with what may be empty: then only != holds."""
    return operator == "!=" if value is None else COMPARE[operator](value, wanted)


def matches(value: str | None, pieces: tuple[str, ...]) -> bool:
    """Return whether a text is these pieces, with anything between them."""
    pattern = ".*".join(map(re.escape, pieces))
    return value is not None and re.fullmatch(pattern, value, re.DOTALL) is not None


def contains(value: str | None, pieces: tuple[str, ...]) -> bool:
    return value is not None and matches(value.casefold(), ("", *(each.casefold() for each in pieces), ""))


def means(value: str | None, operator: str, pieces: tuple[str, ...]) -> bool:
    """Compare a text: wildcards are such where it is asked whether it is like something."""
    if operator not in ("=", "!="):
        return compared(value, operator, "*".join(pieces))
    return matches(value, pieces) == (operator == "=")


def text_wish(field: str, operator: str, *pieces: str) -> Wish:
    read = TEXTS[field]
    text = f"{field} {operator} {quoted(*pieces)}"
    if operator != ":":
        return Wish(text, lambda each: means(read(each), operator, pieces))
    if len(pieces) > 1 and not any(pieces):
        return Wish(text, lambda each: bool(read(each)))
    return Wish(text, lambda each: contains(read(each), pieces))


def label_wish(key: str, operator: str, *pieces: str) -> Wish:
    text = f"labels.{key} {operator} {quoted(*pieces)}"
    compare = "=" if operator == ":" else operator
    return Wish(text, lambda each: means(each.labels.get(key), compare, pieces))


def any_label_wish(*pieces: str) -> Wish:
    text = f"labels.* : {quoted(*pieces)}"
    return Wish(text, lambda each: any(matches(value, pieces) for value in each.labels.values()))


def key_wish(*pieces: str) -> Wish:
    return Wish(f"labels:{'*'.join(pieces)}", lambda each: any(matches(key, pieces) for key in each.labels))


def enum_wish(operator: str, name: str) -> Wish:
    number = pb.AcquisitionChannel.Value(name)
    text = f"acquisition.channel {operator} {name.removeprefix('ACQUISITION_CHANNEL_')}"
    return Wish(text, lambda each: compared(each.acquisition.channel, operator, number))


def time_wish(operator: str, time: Timestamp) -> Wish:
    text = f"create_time {operator} {quoted(time.ToJsonString())}"
    return Wish(text, lambda each: COMPARE[operator](each.create_time.ToNanoseconds(), time.ToNanoseconds()))


def consent_wish(operator: str, value: bool) -> Wish:
    text = f"preferences.marketing_consent {operator} {str(value).lower()}"
    return Wish(text, lambda each: compared(optional(each.preferences, "marketing_consent"), operator, value))


def category_wish(*pieces: str) -> Wish:
    return Wish(
        f"preferences.categories:{'*'.join(pieces)}",
        lambda each: any(matches(value, pieces) for value in each.preferences.categories),
    )


def bare_wish(*pieces: str) -> Wish:
    return Wish(quoted(*pieces), lambda each: contains(each.display_name, pieces))


def present_wish(field: str) -> Wish:
    return Wish(f"{field}:*", lambda each: bool(TEXTS[field](each)))


def name_wish(operator: str, *pieces: str) -> Wish:
    return Wish(f"name {operator} {quoted(*pieces)}", lambda each: means(each.name, operator, pieces))


# ---- drawing filters

pieces = st.sampled_from(NAMES) | st.builds(
    lambda name, start, end: name[start:end], st.sampled_from(NAMES), st.integers(0, 2), st.integers(1, 4)
)
patterns = st.lists(pieces | st.just(""), min_size=1, max_size=4).map(tuple)
equality = st.sampled_from(["=", "!="])
order = st.sampled_from(sorted(COMPARE))
tiers = st.lists(st.sampled_from(["gold", "g", "silver", "er", "", "x"]), min_size=1, max_size=3)
teas = st.sampled_from(
    [("tea",), ("Tea",), ("coffee",), ("x",), ("", "ea"), ("co", ""), ("t", "a"), ("", "")]
)


def leaves(people: list[pb.Customer]) -> st.SearchStrategy[Wish]:
    """Single restrictions about some people."""
    times = st.sampled_from([each.create_time for each in people])
    names = st.sampled_from([each.name for each in people])
    fields = st.sampled_from(sorted(TEXTS))
    return st.one_of(
        st.tuples(fields, order | st.just(":"), patterns).map(lambda drawn: text_wish(*drawn[:2], *drawn[2])),
        st.builds(text_wish, fields, st.just(":"), pieces),
        st.tuples(st.sampled_from(["tier", "a", "none"]), order | st.just(":"), tiers).map(
            lambda drawn: label_wish(*drawn[:2], *drawn[2])
        ),
        tiers.map(lambda drawn: any_label_wish(*drawn)),
        st.sampled_from([("tier",), ("ti", ""), ("", "r"), ("t", "r"), ("n", ""), ("", "")]).map(
            lambda drawn: key_wish(*drawn)
        ),
        st.builds(enum_wish, equality, st.sampled_from(CHANNELS)),
        st.builds(time_wish, order, times),
        st.builds(consent_wish, equality, st.booleans()),
        teas.map(lambda drawn: category_wish(*drawn)),
        st.builds(bare_wish, pieces),
        st.builds(present_wish, fields),
        st.builds(name_wish, equality, names),
        st.builds(lambda operator, name: name_wish(operator, name[:12], name[-2:]), equality, names),
    )


def joined(word: str, verdict: Callable[..., bool]) -> Callable[[list[Wish]], Wish]:
    """Join filters by a word; each in parentheses, so that the text says what the tree does."""

    def join(parts: list[Wish]) -> Wish:
        text = word.join(f"({part.text})" for part in parts)
        return Wish(text, lambda each: verdict(part.holds(each) for part in parts))

    return join


def negated(word: str, part: Wish) -> Wish:
    return Wish(f"{word}({part.text})", lambda each: not part.holds(each))


def filters(people: list[pb.Customer]) -> st.SearchStrategy[Wish]:
    """Filters of any shape about some people."""
    return st.recursive(
        leaves(people),
        lambda parts: st.one_of(
            st.builds(joined(" AND ", all), st.lists(parts, min_size=2, max_size=3)),
            st.builds(joined(" ", all), st.lists(parts, min_size=2, max_size=3)),
            st.builds(joined(" OR ", any), st.lists(parts, min_size=2, max_size=3)),
            st.builds(negated, st.sampled_from(["NOT ", "-"]), parts),
        ),
        max_leaves=6,
    )
