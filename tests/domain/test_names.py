"""A display name has at least one visible character; invisible ones are allowed beside it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.names import is_visible, require_visible

INVISIBLE = {
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "tags": "".join(chr(0xE0000 + ord(letter)) for letter in "ann"),
    "a tag that is kept free": "\U000e0000\U000e0080",
    "variation selectors": "\ufe0f\U000e0100",
    "Hangul filler": "\u3164",
    "Hangul choseong filler": "\u115f\u1160",
    "half width Hangul filler": "\uffa0",
    "empty cell of Braille": "\u2800",
    "combining grapheme joiner": "\u034f",
    "a mark without a letter": "\u0301",
    "Khmer inherent vowels": "\u17b4\u17b5",
    "Mongolian vowel separator": "\u180e",
    "musical null notehead": "\U0001d159",
    "right-to-left override": "\u202e",
    "isolates": "\u2066\u2069",
    "a control": "\x01\x7f\x85",
    "line and paragraph separators": "\u2028\u2029",
    "kept free for more": "\ufff0\u2065",
    "many": "\u200b \ufeff\u2800\U000e0041" * 30,
}
NAMES = {
    "ASCII": "Ann",
    "one letter": "X",
    "a figure": "7",
    "a sign": "!",
    "Persian with ZWNJ": "\u0646\u06af\u06cc\u0646\u200c\u062a\u0627\u062c",
    "Hindi with marks": "क्षत्रिय",
    "Tamil": "ஸ்ரீ",
    "Thai": "ชื่อ",
    "decomposed": "Zoe\u0308",
    "Korean": "김민준",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a heart": "\u2764\ufe0f",
    "a flag made of tags": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "Hebrew with a mark of direction": "\u200fדנה\u200f",
    "an invisible guest": "Ann\u200b\U000e0041",
    "Braille": "\u2813\u2811",
    "private use": "\ue000",
}
unseen = st.text(st.sampled_from("".join(INVISIBLE.values())), min_size=1)


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_what_shows_nothing_is_no_name(text: str) -> None:
    assert not is_visible(text)
    with pytest.raises(InvalidArgument, match="NAME_INVISIBLE") as refused:
        require_visible([("customer.patron", None), ("customer.display_name", text)])
    assert [fault.path for fault in refused.value.faults] == ["customer.display_name"]


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_what_people_are_called_is_a_name(text: str) -> None:
    assert is_visible(text)
    require_visible([("customer.display_name", text), ("customer.patron", "")])


@given(before=unseen, after=unseen, letter=st.characters(categories=["L", "N", "P"]))
def test_one_character_that_is_seen_is_enough(before: str, after: str, letter: str) -> None:
    assert not is_visible(before + after)
    assert is_visible(before + letter + after) == (letter not in "\u115f\u1160\u3164\uffa0")


@given(text=st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"])))
def test_no_text_of_formats_spaces_and_marks_alone_is_a_name(text: str) -> None:
    assert not is_visible(text)


def test_every_character_that_unicode_ignores_is_unseen() -> None:
    """All of Unicode's spaces and formats, by the tables of this Python."""
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in {"Cf", "Zs"} or chr(code).isspace():
            assert not is_visible(chr(code)), hex(code)
