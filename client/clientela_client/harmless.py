"""Texts of others made harmless: for a terminal, which they must not drive, and for a spreadsheet's cells.

Rules: for people what is harmful is replaced (`one_line`); where a program may read it, it is written as an
escape that says which character it was (`escaped`); to a file or a pipe bytes go exactly as they are. A CSV
cell that a spreadsheet would take for a formula has an apostrophe before it, which `unguarded` takes away.
Read next: cli/output/views.py, cli/output/answer_writer.py.
"""

from __future__ import annotations

# C0 and C1 control characters, and what reorders text or ends its line invisibly: bidirectional controls,
# the line and the paragraph separator, tags.
_CODES = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0x061C,
    *range(0x200E, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    *range(0xE0000, 0xE0080),
)
_REPLACED = dict.fromkeys(_CODES, "\ufffd") | dict.fromkeys((9, 10, 13), " ")
_ESCAPED = {code: f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}" for code in _CODES}
# JSON has no escape beyond four digits; what is there is written as two.
_JSON = _ESCAPED | {
    code: f"\\u{0xD800 + ((code - 0x10000) >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    for code in _CODES
    if code >= 0x10000
}
# With what a formula begins in a spreadsheet, also in the wide forms of East Asian keyboards.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")


def one_line(text: str) -> str:
    """Return the text for people: without line ends, tabs and control characters."""
    return text.translate(_REPLACED)


def escaped(text: str, *, keep: str = "") -> str:
    """Return the text with what is harmful as the escape that YAML and people read. keep: what stays."""
    return text.translate(_without(_ESCAPED, keep))


def escaped_json(text: str) -> str:
    """Return JSON with what is harmful in its strings as JSON's own escapes: it means the same."""
    return text.translate(_without(_JSON, "\n"))


def is_harmful(text: str) -> bool:
    """Return whether a text holds control characters that a terminal might obey."""
    return not _CODES_SET.isdisjoint(map(ord, text))


def guarded(text: str) -> str:
    """Return the text as a CSV cell that no spreadsheet takes for a formula, and no import strips."""
    return f"'{text}" if _needs_guard(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell: what `guarded` wrote as it was, any other without blanks around it."""
    return cell[1:] if cell[:1] == "'" and _needs_guard(cell[1:]) else cell.strip()


def _needs_guard(text: str) -> bool:
    # A text that looks guarded is guarded too, or one apostrophe of its own would be taken away.
    if text.startswith("'"):
        return _needs_guard(text[1:])
    return text.startswith(_FORMULA) or text != text.strip() or text.strip().startswith(_FORMULA)


def _without(table: dict[int, str], keep: str) -> dict[int, str]:
    return {code: text for code, text in table.items() if chr(code) not in keep} if keep else table


_CODES_SET = frozenset(_CODES)
