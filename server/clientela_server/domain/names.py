"""Names that can be seen: a text of characters that show nothing names nobody, and looks like another's.

Invisible is here what Unicode shows as nothing, or as nothing alone: controls, formats (U+200B, joiners,
tags), spaces, marks without a letter to stand on, and the letters that are blank by design. Within a name
they are good: joiners in Persian and in emoji. Source: Unicode, Default_Ignorable_Code_Point.
"""

from collections.abc import Iterable
from unicodedata import category

from clientela_server.domain.errors import InvalidArgument

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Mn", "Me"})
# The fillers of Hangul, and the empty cell of Braille: a letter and a symbol that show nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
# Set aside by Unicode for more that shows nothing.
_KEPT_FREE = ((0x2065, 0x2065), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))


def is_visible(text: str) -> bool:
    """Return whether a text has a character that can be seen; most names begin with one of ASCII's."""
    return "!" <= text[:1] <= "~" or any(map(_is_seen, text))


def require_visible(names: Iterable[tuple[str, str | None]]) -> None:
    """Refuse names, by their paths, that are there and show nothing: InvalidArgument."""
    for path, text in names:
        if text and not is_visible(text):
            raise InvalidArgument.of_field("NAME_INVISIBLE", path, "must hold a character that can be seen")


def _is_seen(character: str) -> bool:
    if category(character) in _UNSEEN or character in _BLANK:
        return False
    code = ord(character)
    return not any(first <= code <= last for first, last in _KEPT_FREE)
