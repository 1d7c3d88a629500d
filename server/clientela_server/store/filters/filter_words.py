"""Words of a filter that look like an operator, and are none: refused, with what to write.

Taken as words they are looked for, and a filter such as `stage = LOST or kinds : BUYER` finds nothing. In
quotes they are words. Read next: `filter_grammar`.
"""

import re

from lark import Token

from clientela_server.domain.errors import InvalidArgument

# What people write for an operator, and what is written here.
_OPERATORS = {
    "and": "AND",
    "&": "AND",
    "&&": "AND",
    "or": "OR",
    "|": "OR",
    "||": "OR",
    "not": "NOT",
    ";": "AND",
    "~": ":",
}
_JOINT = re.compile(r"&&|\|\||;")
_SIGNS = {"==": "=", "<>": "!=", "=<": "<=", "=>": ">=", "!": "NOT"}
_SIGN = re.compile("==|<>|=<|=>|!(?!=)")
# Beside these a word is the name of a field, or a value.
_COMPARING = ("COMPARATOR", "DOT")


def wrong_word(word: str, column: int, write: str) -> InvalidArgument:
    """Return the error for a word that was meant as an operator or null."""
    return InvalidArgument.of_field(
        "FILTER_WORD",
        "filter",
        f'"{word}" in column {column} is only a word to look for: write {write}, or put it in quotes',
        word=word,
        column=str(column),
        write=write,
    )


def suggestion(text: str, column: int) -> str:
    """Return what to write instead of a foreign operator at an unreadable column, or an empty text."""
    sign = _SIGN.match(text, max(column - 2, 0)) or _SIGN.match(text, column - 1)
    return f": for {sign[0]} write {_SIGNS[sign[0]]}" if sign else ""


class WordChecker:
    """Checks the token stream of a filter, and refuses words that look like operators."""

    def __init__(self) -> None:
        self._before = ""
        self._doubtful: Token | None = None

    def feed(self, token: Token) -> None:
        """Check a token; the next one decides whether a word is a field name."""
        if token.type not in _COMPARING:
            self.finish()
        self._doubtful = None
        if token.type == "TEXT":
            self._look_at(token)
        self._before = token.type

    def finish(self) -> None:
        """Refuse a pending word that looks like an operator."""
        if (word := self._doubtful) is not None:
            raise wrong_word(str(word), word.column or 1, _OPERATORS[word.lower()])

    def _look_at(self, word: Token) -> None:
        if joint := _JOINT.search(word):
            raise wrong_word(joint[0], (word.column or 1) + joint.start(), _OPERATORS[joint[0]])
        if word.lower() in _OPERATORS and (self._before not in _COMPARING or word[0] == "~"):
            self._doubtful = word
