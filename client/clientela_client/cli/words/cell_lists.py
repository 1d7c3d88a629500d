r"""Several values in one CSV cell: separated by ";", a ";" within a value written "\;" and a backslash "\\".

Blanks around a value are stripped, unless escaped by a backslash. Read next: customer_rows.py.
"""

from __future__ import annotations

from collections.abc import Iterable


def join_values(values: Iterable[str]) -> str:
    """Return the cell of these values."""
    return ";".join(map(_escaped, values))


def split_values(cell: str) -> list[str]:
    r"""Return the values of a cell; a backslash before other characters than ; \ and blanks is literal."""
    if "\\" not in cell:
        return [each for each in map(str.strip, cell.split(";")) if each]
    values, value, kept = [], "", 0
    at = 0
    while at < len(cell):
        letter = cell[at]
        if letter == "\\" and _escapable(cell[at + 1 : at + 2]):
            at += 1
            value += cell[at]
            kept = len(value)
        elif letter == ";":
            values.append(value[:kept])
            value, kept = "", 0
        elif value or not letter.isspace():
            value += letter
            kept = kept if letter.isspace() else len(value)
        at += 1
    return [each for each in (*values, value[:kept]) if each]


def _escapable(letter: str) -> bool:
    return letter.isspace() or letter in (";", "\\")


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\").replace(";", "\\;")
    if text[-1:].isspace():
        text = f"{text[:-1]}\\{text[-1]}"
    return f"\\{text}" if text[:1].isspace() else text
