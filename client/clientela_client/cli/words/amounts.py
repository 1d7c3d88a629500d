"""Money as text, exactly: conversion between strings and integers (units and nanos), never through a float.

Which amounts are valid is the server's decision (a negative one is sent, and refused there); only text that
is no number is refused here.
"""

import re

NANOS = 1_000_000_000
UNITS_MAX = 2**63 - 1
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:[.][0-9]{1,9})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

# ISO 4217, as the server has it (a test compares the two): currencies whose minor unit is not 1/100,
# and codes that have none.
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_WITHOUT_MINOR_UNIT = frozenset("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split())


class NotAnAmount(ValueError):
    """Raised for text that is no decimal number in the range of Money."""


def parse_amount(text: str) -> tuple[int, int]:
    """Return (units, nanos), both with the number's sign, of "19.90"; raise NotAnAmount."""
    if not _NUMBER.fullmatch(text):
        raise NotAnAmount(
            f'"{text}" is not an amount: digits, and if need be a point and at most 9 digits behind it'
        )
    whole, _, fraction = text.partition(".")
    units, nanos = int(whole), int(fraction.ljust(9, "0")) if fraction else 0
    if not -UNITS_MAX <= units <= UNITS_MAX:
        raise NotAnAmount(f'"{text}" is more than money can hold')
    return (units, -nanos) if text[0] == "-" else (units, nanos)


def is_currency(text: str) -> bool:
    """Return whether the text has the form of an ISO 4217 code: three capital letters."""
    return _CURRENCY.fullmatch(text) is not None


def coin_nanos(currency: str) -> int:
    """Return the minor unit of a currency in nanos (1e-9 units); 1 for a code without one."""
    return 1 if currency in _WITHOUT_MINOR_UNIT else 10 ** (9 - _DECIMALS.get(currency, 2))


def plain_amount(units: int, nanos: int, currency: str = "") -> str:
    """Return "6552.70": with the currency's decimals, or more if the amount needs them."""
    sign = "-" if units < 0 or nanos < 0 else ""
    fraction = f"{abs(nanos):09d}".rstrip("0").ljust(_DECIMALS.get(currency, 2), "0")
    return f"{sign}{abs(units)}.{fraction}" if fraction else f"{sign}{abs(units)}"


def pretty_amount(units: int, nanos: int, currency: str) -> str:
    """Return "6,552.70 USD", with thousands separators."""
    whole, point, fraction = plain_amount(units, nanos, currency).partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}{point}{fraction} {currency}"


def rounded_amount(units: int, nanos: int, currency: str) -> str:
    """Return "1,061.40" for 1061.404255319: rounded half up to the minor unit."""
    step = 10 ** (9 - _DECIMALS.get(currency, 2))
    exact = units * NANOS + nanos
    coins = (abs(exact) + step // 2) // step * step
    text = pretty_amount(coins // NANOS, coins % NANOS, currency).removesuffix(f" {currency}")
    return f"-{text}" if exact < 0 and coins else text
