"""The filter language of AIP-160, from text to a tree.

    display_name:"ann" AND (labels.tier = "gold" OR NOT patron:*) create_time > "2026-01-01T00:00:00Z"

Rules that surprise: OR binds tighter than AND, and two terms side by side are joined by AND.
Source: google.aip.dev/160 and its EBNF. Read next: `filters`, which gives the tree a meaning.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedEOF, UnexpectedInput, v_args

from clientela_server.domain.errors import InvalidArgument

# Deep enough for people, and for programs that write filters; not enough to exhaust the stack.
_DEPTH_MAX = 20
_RESTRICTIONS_MAX = 100

# A condition is values with a dot between each two, and where it compares, an operator and a value more.
_CONDITIONS = {"TEXT": 1, "STRING": 1, "DOT": -1, "COMPARATOR": -1}

_GRAMMAR = r"""
?start: expression
?expression: sequence ("AND" sequence)* -> conjunction
?sequence: factor+ -> conjunction
?factor: term ("OR" term)* -> disjunction
?term: "NOT" simple -> negation
     | MINUS simple -> minus
     | simple
?simple: restriction | "(" expression ")"
restriction: member [COMPARATOR argument]
member: value ("." value)*
?argument: value | MINUS value -> negative
value: STRING -> quoted | TEXT -> text
COMPARATOR: "<=" | "<" | ">=" | ">" | "!=" | "=" | ":"
MINUS: "-"
STRING: /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/
TEXT: /(?!(AND|OR|NOT)\b)[^\s\-().<>=!:"',][^\s().<>=!:"',]*(\.[0-9]+)?/
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Restriction:
    """One comparison: the field's `path`, the operator ("" for a bare value), the value; columns from 1."""

    path: tuple[str, ...]
    operator: str
    value: str
    quoted: bool
    column: int
    value_column: int


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: "Expression"


Expression = Restriction | And | Or | Not


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    quoted: bool
    column: int


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    def quoted(self, token: Token) -> _Value:
        return _Value(_unescape(token[1:-1]), True, token.column or 1)

    def text(self, token: Token) -> _Value:
        return _Value(str(token), False, token.column or 1)

    def negative(self, minus: Token, value: _Value) -> _Value:
        return _Value("-" + value.text, value.quoted, minus.column or 1)

    def member(self, *parts: _Value) -> tuple[_Value, ...]:
        return parts

    def restriction(
        self, member: tuple[_Value, ...], operator: Token | None, value: _Value | None
    ) -> Restriction:
        path = tuple(part.text for part in member)
        if operator is None or value is None:
            bare = ".".join(path)
            return Restriction((), "", bare, member[0].quoted, member[0].column, member[0].column)
        return Restriction(path, str(operator), value.text, value.quoted, member[0].column, value.column)

    def conjunction(self, *parts: Expression) -> Expression:
        return parts[0] if len(parts) == 1 else And(parts)

    def disjunction(self, *parts: Expression) -> Expression:
        return parts[0] if len(parts) == 1 else Or(parts)

    def negation(self, part: Expression) -> Expression:
        return Not(part)

    def minus(self, _: Token, part: Expression) -> Expression:
        return Not(part)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)


def parse(text: str) -> Expression | None:
    """Read a filter; None where it is empty, InvalidArgument with the column where it can't be read."""
    if not text.strip():
        return None
    _check_text(text)
    try:
        expression: Expression = _Builder().transform(_tree(text))
    except UnexpectedEOF:
        raise _malformed(len(text) + 1) from None
    except UnexpectedInput as error:
        at_end = getattr(getattr(error, "token", None), "type", "") == "$END"
        raise _malformed(len(text) + 1 if at_end else error.column) from None
    return expression


def _tree(text: str) -> Any:
    """Parse a text, and count its conditions meanwhile: what has too many is not read to the end."""
    parsing = _parser().parse_interactive(text)
    conditions = 0
    for token in parsing.iter_parse():
        conditions += _CONDITIONS.get(token.type, 0)
        if conditions > _RESTRICTIONS_MAX:
            raise InvalidArgument.of_field(
                "FILTER_TOO_LONG",
                "filter",
                f"may hold {_RESTRICTIONS_MAX} conditions",
                limit=str(_RESTRICTIONS_MAX),
            )
    return parsing.feed_eof()  # type: ignore[no-untyped-call]


def _check_text(text: str) -> None:
    depth = 0
    for column, character in enumerate(text, 1):
        depth += (character == "(") - (character == ")")
        if depth > _DEPTH_MAX:
            raise InvalidArgument.of_field(
                "FILTER_TOO_DEEP",
                "filter",
                f"parentheses may be nested {_DEPTH_MAX} deep",
                column=str(column),
            )


def _malformed(column: int) -> InvalidArgument:
    return InvalidArgument.of_field(
        "FILTER_MALFORMED", "filter", f"can't be read from column {column} on", column=str(column)
    )


def _unescape(text: str) -> str:
    out, escaped = [], False
    for character in text:
        if character == "\\" and not escaped:
            escaped = True
            continue
        out.append(character)
        escaped = False
    return "".join(out)
