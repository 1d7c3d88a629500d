"""Amounts as people type them: read where there is one meaning, else refused with the words to type.

    19,90    1.234,50    1,234.50    €5    5€    19.90EUR    -5

A comma is never read as a point: "1,234" is a thousand to some and one to others.
"""

from __future__ import annotations

import re

import click

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "zł": "PLN", "₽": "RUB", "¥": "JPY"}
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_PLAIN = re.compile(r"[0-9]+(?:[.][0-9]+)?", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,' \u00a0\u2009\u202f][0-9]{3})+(?:[.,][0-9]+)?", re.ASCII)
_COMMA = re.compile(r"[0-9]+,[0-9]+", re.ASCII)
_BELOW_ZERO = re.compile(r"[-\u2212]\s?[0-9.]", re.ASCII)


def currency_code(text: str) -> str | None:
    """Return "EUR" of "eur"; None of what has not the form of a currency."""
    return text.upper() if _CURRENCY.fullmatch(text) else None


def is_amount(text: str) -> bool:
    """Tell whether the text is a number as people write amounts."""
    return _PLAIN.fullmatch(text) is not None


def is_below_zero(text: str) -> bool:
    """Tell whether the text is the number of a loss, -5, and no option."""
    return _BELOW_ZERO.match(text) is not None


def suggested_amount(text: str) -> str:
    """Return the words to type for what is no amount, "19.90 EUR"; "" where nobody knows."""
    number, currency = _split_currency(text.strip())
    if is_amount(number):
        return f"{number} {currency}" if currency else ""
    readings = _readings(number)
    return " or ".join(" ".join(filter(None, (each, currency))) for each in readings)


def refuse_below_zero(text: str, command: str) -> click.UsageError:
    """Return the refusal of an amount below zero, which would be read as an option."""
    amount = re.sub("^[-\u2212]\\s?", "", text)
    back = f"clientela purchases refund CUSTOMER/PURCHASE --amount {amount} --reason WHY"
    way = f"; money is given back by `{back}`" if command == "record" else ""
    return click.BadParameter(f'"{text}" is below zero, and no amount is{way}', param_hint="'AMOUNT'")


def _split_currency(text: str) -> tuple[str, str]:
    """Return the number, and the currency that stands before or behind it."""
    for sign, code in _SIGNS.items():
        if text.startswith(sign) or text.endswith(sign):
            return text.removeprefix(sign).removesuffix(sign).strip(), code
    if _CURRENCY.fullmatch(text[-3:]):
        return text[:-3].strip(), text[-3:].upper()
    if _CURRENCY.fullmatch(text[:3]):
        return text[3:].strip(), text[:3].upper()
    return text, ""


def _readings(number: str) -> list[str]:
    """Return what a number with commas or gaps may mean."""
    found = []
    if _GROUPED.fullmatch(number):
        whole, _, fraction = _parts(number)
        found.append(f"{whole}.{fraction}" if fraction else whole)
    if _COMMA.fullmatch(number):
        found.append(number.replace(",", "."))
    return list(dict.fromkeys(found))


def _parts(number: str) -> tuple[str, str, str]:
    """Return the digits before the mark, the mark, and those behind it: the last one, if it is alone."""
    marks = re.findall(r"[^0-9]", number)
    mark = marks[-1]
    if mark in ".," and marks.count(mark) == 1 and (len(marks) > 1 or len(number.rpartition(mark)[2]) != 3):
        whole, _, fraction = number.rpartition(mark)
        return re.sub(r"[^0-9]", "", whole), mark, fraction
    return re.sub(r"[^0-9]", "", number), "", ""
