"""Numbers as firms write them, as numbers with a point: 12,50 and 1.234,56 and 1,234.56 and 1 234.56.

Rule: a number that can be read in one way is read so; where it may be two (1,234), it is refused with the way
out, `--decimal`, which says of the whole file what stands before the fraction. In a file whose cells are
separated by commas a lone point is always that.
"""

from __future__ import annotations

import re

from clientela_client.cli.words.amounts import NotAnAmount

DECIMALS = ("point", "comma")
_MINUS = "\u2212"
_BLANKS = "[ '\u2019\u00a0\u202f]"
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII).fullmatch
_POINT = re.compile(rf"-?(?:[1-9]\d{{0,2}}(?:(?:,|{_BLANKS})\d{{3}})+|\d+)(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(rf"-?(?:[1-9]\d{{0,2}}(?:(?:\.|{_BLANKS})\d{{3}})+|\d+)(?:,\d+)?", re.ASCII)


def with_decimal_point(text: str, decimal: str, *, comma_separated: bool) -> str:
    """Return a number's text with a point and without marks of thousands; raises NotAnAmount.

    decimal: "point", "comma", or "" where nobody said. What is no number is returned as it is.
    """
    if comma_separated and not decimal and _PLAIN(text):
        return text
    found = _readings(text.replace(_MINUS, "-"))
    if decimal and found:
        if decimal in found:
            return found[decimal]
        raise NotAnAmount(f'"{text}" is no number with a decimal {decimal}')
    if len(set(found.values())) > 1:
        one, other = found.values()
        raise NotAnAmount(f'"{text}" may be {one} or {other}: say --decimal point or --decimal comma')
    return next(iter(found.values()), text)


def _readings(text: str) -> dict[str, str]:
    """Return what a text is with a point before the fraction, and with a comma, where it is a number so."""
    found = {}
    if _POINT.fullmatch(text):
        found["point"] = re.sub(_BLANKS, "", text).replace(",", "")
    if _COMMA.fullmatch(text):
        found["comma"] = re.sub(_BLANKS, "", text).replace(".", "").replace(",", ".")
    return found
