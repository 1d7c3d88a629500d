"""Texts of others, where a person may read them on a terminal: they must not drive it."""

# What may drive a terminal or reorder what is on it, as an escape; line ends and tabs may not.
_ESCAPED = {
    code: f"\\u{code:04x}"
    for code in (
        *(code for code in range(0x20) if chr(code) not in "\t\n"),
        *range(0x7F, 0xA0),
        0x061C,
        *range(0x200E, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xE0000, 0xE0080),
    )
}


def harmless(text: str) -> str:
    """Return a text for a terminal: what would drive it or reorder it is an escape; tabs, line ends stay."""
    return text.translate(_ESCAPED)
