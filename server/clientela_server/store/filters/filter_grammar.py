"""The filter language of AIP-160, from text to a tree.

    display_name:"ann" AND (labels.tier = "gold" OR NOT patron:*) create_time > "2026-01-01T00:00:00Z"

Rules that surprise: OR binds tighter than AND, and two terms side by side are joined by AND. A "*" in a value
stands for anything, in quotes too; `\\*` is a star. What looks like an operator and is none (`or`, `&&`) is
refused unless it is quoted, or it would be looked for as a word and find nothing.
Source: google.aip.dev/160 and its EBNF. Read next: `filter_words` (what is refused so), and `filter_sql`,
which gives the tree a meaning.
"""

import re
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedEOF, UnexpectedInput, v_args

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.writing import composed
from clientela_server.store.filters.filter_words import WordChecker, suggestion

# Deep enough for people, and for programs that write filters; not enough to exhaust the stack.
_DEPTH_MAX = 20
_RESTRICTIONS_MAX = 100

# A condition is values with a dot between each two, and where it compares, an operator and a value more.
_CONDITIONS = {"TEXT": 1, "STRING": 1, "DOT": -1, "COMPARATOR": -1}

# The wildcards of a value, and what escapes one; unquoted, a backslash before anything else is a backslash.
_QUOTED_PART = re.compile(r"\\(.)|(\*)", re.DOTALL)
_BARE_PART = re.compile(r"\\(\*)|(\*)")

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
    """One comparison: the field's `path`, the operator ("" for a bare value), the value; columns from 1.

    `pieces` is what stands between the value's wildcards: one piece where there are none.
    """

    path: tuple[str, ...]
    operator: str
    value: str
    _: KW_ONLY
    quoted: bool
    column: int
    value_column: int
    pieces: tuple[str, ...]

    @property
    def has_wildcard(self) -> bool:
        """Return whether the value has a wildcard."""
        return len(self.pieces) > 1

    @property
    def is_present(self) -> bool:
        """Return whether it only asks that there is something: `field:*`."""
        return self.operator == ":" and self.has_wildcard and not any(self.pieces)


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
    pieces: tuple[str, ...]
    quoted: bool
    column: int

    @property
    def text(self) -> str:
        return "*".join(self.pieces)


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    def quoted(self, token: Token) -> _Value:
        return _Value(_pieces(token[1:-1], _QUOTED_PART), True, token.column or 1)

    def text(self, token: Token) -> _Value:
        return _Value(_pieces(token, _BARE_PART), False, token.column or 1)

    def negative(self, minus: Token, value: _Value) -> _Value:
        first, *others = value.pieces
        return _Value(("-" + first, *others), value.quoted, minus.column or 1)

    def member(self, *parts: _Value) -> tuple[_Value, ...]:
        return parts

    def restriction(
        self, member: tuple[_Value, ...], operator: Token | None, value: _Value | None
    ) -> Restriction:
        path = tuple(part.text for part in member)
        head = member[0]
        if operator is None or value is None:
            bare = _joined(member)
            return Restriction(
                (),
                "",
                bare.text,
                quoted=head.quoted,
                column=head.column,
                value_column=head.column,
                pieces=bare.pieces,
            )
        return Restriction(
            path,
            str(operator),
            value.text,
            quoted=value.quoted,
            column=head.column,
            value_column=value.column,
            pieces=value.pieces,
        )

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
        raise _unreadable(text, len(text) + 1) from None
    except UnexpectedInput as error:
        at_end = getattr(getattr(error, "token", None), "type", "") == "$END"
        raise _unreadable(text, len(text) + 1 if at_end else error.column) from None
    return expression


def _tree(text: str) -> Any:
    """Parse a text, and count its conditions meanwhile: what has too many is not read to the end."""
    parsing = _parser().parse_interactive(text)
    conditions = 0
    words = WordChecker()
    for token in parsing.iter_parse():
        conditions += _CONDITIONS.get(token.type, 0)
        if conditions > _RESTRICTIONS_MAX:
            raise InvalidArgument.of_field(
                "FILTER_TOO_LONG",
                "filter",
                f"may hold {_RESTRICTIONS_MAX} conditions",
                limit=str(_RESTRICTIONS_MAX),
            )
        words.feed(token)
    words.finish()
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


def _unreadable(text: str, column: int) -> InvalidArgument:
    """Build the syntax error at a column, with a suggestion for a foreign operator."""
    return InvalidArgument.of_field(
        "FILTER_MALFORMED",
        "filter",
        f"can't be read from column {column} on{suggestion(text, column)}",
        column=str(column),
    )


def _joined(parts: tuple[_Value, ...]) -> _Value:
    """Put together what was taken apart at its dots, and is one word."""
    [*pieces], *others = (part.pieces for part in parts)
    for first, *more in others:
        pieces[-1] += "." + first
        pieces += more
    return _Value(tuple(pieces), parts[0].quoted, parts[0].column)


def _pieces(text: str, part: re.Pattern[str]) -> tuple[str, ...]:
    """Take a value apart at its wildcards, and put each piece into the form in which text is kept."""
    pieces, at = [""], 0
    for found in part.finditer(text):
        pieces[-1] += text[at : found.start()] + (found[1] or "")
        at = found.end()
        if found[2]:
            pieces.append("")
    pieces[-1] += text[at:]
    return tuple(map(composed, pieces))
