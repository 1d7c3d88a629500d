"""One form of what people write in several: texts, telephone numbers, addresses of e-mail.

Texts are kept in NFC, so that "é" is one character on whatever keyboard it was typed; filters look for it in
the same form. What may stand in a number or an address is said by the contract's rules, which ran before.
Source: Unicode annex 15; E.164; RFC 5891 and 6531.
"""

import re
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar
from unicodedata import normalize

T = TypeVar("T")

_NO_DIGIT = re.compile("[^0-9]+")
_NO_NUMBER = re.compile("[^0-9+*]+")
# So many digits has a number at least, with the 00 that is dialled for a plus.
_DIALLED_MIN = 9


def composed(text: str) -> str:
    """Return a text in NFC."""
    return text if text.isascii() else normalize("NFC", text)


def all_composed(value: T) -> T:
    """Return a record with all its texts in NFC: the same one where they are."""
    made: Any = value
    if isinstance(value, str):
        made = composed(value)
    elif isinstance(value, tuple):
        made = tuple(map(all_composed, value))
    elif isinstance(value, dict):
        made = {key: all_composed(each) for key, each in value.items()}
    elif is_dataclass(value):
        made = _composed_record(value)
    same: bool = made is value or made == value
    return value if same else made


def _composed_record(record: Any) -> Any:
    made = [
        (name, value, all_composed(value)) for name in record.__slots__ if (value := getattr(record, name))
    ]
    changes = {name: after for name, before, after in made if after is not before}
    return replace(record, **changes) if changes else record


def e164(phone: str) -> str:
    """Return a telephone number as it is kept: a plus and the digits, for 00 too."""
    digits = _NO_DIGIT.sub("", phone)
    return f"+{digits if '+' in phone else digits.removeprefix('00')}"


def phone_as_kept(text: str) -> str:
    """Return what is looked for among telephone numbers, a number or a part of one, as numbers are kept."""
    bare = _NO_NUMBER.sub("", text)
    return e164(bare) if bare.startswith("00") and len(bare) >= _DIALLED_MIN else bare


def email_as_found(email: str) -> str:
    """Return an address as filters look for it: without regard to case."""
    return composed(composed(email).lower())


def email_key(email: str) -> str:
    """Return what two writings of one address share: the domain as the net has it, in ASCII."""
    if email.isascii():
        return email.lower()
    local, at, domain = email_as_found(email).rpartition("@")
    return local + at + ".".join(map(_label_key, domain.split(".")))


def _label_key(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
