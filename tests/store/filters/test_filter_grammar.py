"""The filter language of AIP-160: what a text means, and where it can't be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.store.filters.filter_grammar import And, Expression, Not, Or, Restriction, parse

WORDS = [
    "a",
    "b.c",
    "AND",
    "OR",
    "NOT",
    "-",
    "(",
    ")",
    "=",
    "!=",
    "<",
    ">=",
    ":",
    "*",
    '"x y"',
    "'z'",
    '"',
    ".",
    ",",
    "\\",
    "1.5",
]


def shape(expression: Expression | None) -> str:
    """Write a tree so that its structure can be seen: & and, | or, ! not."""
    match expression:
        case None:
            return ""
        case And(parts):
            return "(" + " & ".join(map(shape, parts)) + ")"
        case Or(parts):
            return "(" + " | ".join(map(shape, parts)) + ")"
        case Not(part):
            return "!" + shape(part)
        case Restriction(path, operator, value):
            return f"{'.'.join(path)}{operator}{value}"


def refused(text: str) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", ""),
        ("  \t\n", ""),
        ("a = 1", "a=1"),
        ("a=1", "a=1"),
        ("a.b.c != 2", "a.b.c!=2"),
        # OR binds tighter than AND, and a sequence is joined by AND (AIP-160).
        ("a AND b OR c", "(a & (b | c))"),
        ("a OR b AND c", "((a | b) & c)"),
        ("New York Giants OR Yankees", "(New & York & (Giants | Yankees))"),
        ("a b AND c", "((a & b) & c)"),
        ("(a AND b) OR c", "((a & b) | c)"),
        ("((a))", "a"),
        ("a < 10 OR a >= 100", "(a<10 | a>=100)"),
        # Negation, written in two ways, and of one term only.
        ("NOT a", "!a"),
        ("-a = 1", "!a=1"),
        ('-file:".java"', "!file:.java"),
        ("NOT a OR b", "(!a | b)"),
        ("NOT (a OR b)", "!(a | b)"),
        ("-(a b)", "!(a & b)"),
        # Negative numbers are values, dashes within words are letters.
        ("a = -30", "a=-30"),
        ("a = x-y", "a=x-y"),
        ("a = 2026-01-31", "a=2026-01-31"),
        ("a > -0.5", "a>-0.5"),
        ("a = 1.25", "a=1.25"),
        # Has, and the star.
        ("labels:tier", "labels:tier"),
        ("labels.tier:*", "labels.tier:*"),
        ('a = "*.eu"', "a=*.eu"),
        ("a = eu*", "a=eu*"),
        # Keywords are capital; small they are names of fields and values, and quoted, words.
        ("or.and = not", "or.and=not"),
        ('a "and" b', "(a & and & b)"),
        ("ANDY ORLA NOTE", "(ANDY & ORLA & NOTE)"),
        # Quotes of both kinds, with escapes.
        (r'a = "x \"y\" z"', 'a=x "y" z'),
        (r"a = 'it\'s'", "a=it's"),
        (r'a = "back\\slash"', "a=back\\slash"),
        ('a = "AND (OR)"', "a=AND (OR)"),
        ('"two words"', "two words"),
        ('labels."b.c" = 1', "labels.b.c=1"),
        ('a = ""', "a="),
        ("imię = Łukasz", "imię=Łukasz"),
    ],
)
def test_a_text_means(text: str, meaning: str) -> None:
    assert shape(parse(text)) == meaning


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("AND", 1),
        ("a AND", 6),
        ("a OR OR b", 6),
        ("(a", 3),
        ("a)", 2),
        ("()", 2),
        ("a =", 4),
        ("= 1", 1),
        ("a = = 1", 5),
        ("a = (1)", 5),
        ("a, b", 2),
        ("a ! b", 3),
        ('a = "b', 5),
        ("a = 'b\"", 5),
        ("a.", 3),
        (".a", 1),
        ("NOT", 4),
        ("NOT NOT a", 5),
        ("a:b:c", 4),
        ("a = b = c", 7),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_column(text: str, column: int) -> None:
    refusal = refused(text)

    assert refusal.reason == "FILTER_MALFORMED"
    assert refusal.facts == {"field": "filter", "column": str(column)}


def test_columns_are_those_of_the_text() -> None:
    expression = parse('name = x   city = "Rome"')

    assert isinstance(expression, And)
    columns = [(each.column, each.value_column) for each in expression.parts if isinstance(each, Restriction)]
    assert columns == [(1, 8), (12, 19)]


def test_parentheses_may_be_nested_twenty_deep_and_no_deeper() -> None:
    assert shape(parse(20 * "(" + "a" + 20 * ")")) == "a"

    refusal = refused(21 * "(" + "a" + 21 * ")")
    assert (refusal.reason, refusal.facts["column"]) == ("FILTER_TOO_DEEP", "21")


@given(st.text(max_size=2000) | st.lists(st.sampled_from(WORDS), max_size=300).map(" ".join))
def test_any_text_is_read_or_refused_within_its_length(text: str) -> None:
    try:
        parse(text)
    except InvalidArgument as refusal:
        column = int(refusal.facts["column"])
        assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize("condition", ["a ", "a OR ", "(a) ", "NOT a ", "-a ", "a.b:c ", '"a b" ', "a = 1 "])
def test_a_filter_with_too_many_conditions_is_not_read_to_its_end(condition: str) -> None:
    with pytest.raises(InvalidArgument, match="FILTER_TOO_LONG"):
        parse(condition * 101 + '"never ended')
    with pytest.raises(InvalidArgument, match="FILTER_MALFORMED"):
        parse(condition * 99 + '"never ended')
