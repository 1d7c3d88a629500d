"""Filters over lists and labels find what plain Python finds: from text to SQL, without a server."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.customers import Customer, Preferences
from clientela_server.store.nouns.customer_lists import CustomerLists
from tests.store.bare_ledger import Ledger

pytestmark = pytest.mark.sqlite
LISTS = CustomerLists({})
CATEGORIES = ("tea", "Tea", "green tea", "50%", "a_b", "x*y")
LABELS = {"tier": ("gold", "silver", ""), "a": ("gold", "g_ld")}
Wish = tuple[str, Callable[[Customer], bool]]


@pytest.fixture
def people(ledger: Ledger) -> dict[str, Customer]:
    """Sixty-four customers: every pair of categories that differ in place, with labels or without."""
    made = {}
    for at in range(64):
        categories = tuple(each for bit, each in enumerate(CATEGORIES) if at >> bit & 1)
        labels = {key: values[at % len(values)] for key, values in LABELS.items() if (at + len(key)) % 3}
        made[f"c{at:02}"] = Customer(
            "", display_name="x", preferences=Preferences(categories=categories), labels=labels
        )
    refused = ledger.commit([ledger.customers.create(each, name) for name, each in made.items()])
    assert refused == []
    return made


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")


def wishes() -> st.SearchStrategy[Wish]:
    has = st.sampled_from(CATEGORIES).map(
        lambda wanted: (
            f'preferences.categories:"{escaped(wanted)}"',
            lambda each: wanted in each.preferences.categories,
        )
    )
    begins = st.sampled_from(["t", "T", "5", "a_", "%"]).map(
        lambda begin: (
            f'preferences.categories:"{begin}*"',
            lambda each: any(word.startswith(begin) for word in each.preferences.categories),
        )
    )
    labelled = st.sampled_from(
        [(key, value) for key, values in LABELS.items() for value in values if value]
    ).map(lambda pair: (f'labels.{pair[0]} = "{pair[1]}"', lambda each: each.labels.get(pair[0]) == pair[1]))
    present = st.sampled_from(sorted(LABELS)).map(
        lambda key: (f"labels.{key}:*", lambda each: key in each.labels)
    )
    return st.recursive(has | begins | labelled | present, joined, max_leaves=4)


def joined(parts: st.SearchStrategy[Wish]) -> st.SearchStrategy[Wish]:
    both = st.tuples(parts, parts)
    return (
        parts.map(lambda one: (f"NOT ({one[0]})", lambda each: not one[1](each)))
        | both.map(lambda p: (f"({p[0][0]}) AND ({p[1][0]})", lambda each: p[0][1](each) and p[1][1](each)))
        | both.map(lambda p: (f"({p[0][0]}) OR ({p[1][0]})", lambda each: p[0][1](each) or p[1][1](each)))
    )


def found(ledger: Ledger, text: str) -> set[str]:
    return {row[1] for row in ledger.connection.query(LISTS.query(text, show_deleted=False).select)}


@settings(max_examples=2 * settings.default.max_examples)
@given(wish=wishes())
def test_a_filter_over_lists_and_labels_finds_what_plain_python_finds(
    ledger: Ledger, people: dict[str, Customer], wish: Wish
) -> None:
    text, holds = wish
    assert found(ledger, text) == {name for name, each in people.items() if holds(each)}, text


def test_a_wildcard_is_no_pattern_of_sql(ledger: Ledger, people: dict[str, Customer]) -> None:
    assert found(ledger, 'preferences.categories:"%"') == set()
    assert found(ledger, 'preferences.categories:"5_%"') == set()
    assert found(ledger, 'labels.a = "g_ld"') == {
        name for name, each in people.items() if each.labels.get("a") == "g_ld"
    }
