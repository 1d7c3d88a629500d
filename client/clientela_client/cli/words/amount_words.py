"""Amounts as people type them: parsed if unambiguous, else refused with a suggestion.

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
    """Return "EUR" for "eur"; None if the text is not three letters."""
    return text.upper() if _CURRENCY.fullmatch(text) else None


def is_amount(text: str) -> bool:
    """Return whether the text is a plain decimal number."""
    return _PLAIN.fullmatch(text) is not None


def is_below_zero(text: str) -> bool:
    """Return whether the text is a negative number such as -5, rather than an option."""
    return _BELOW_ZERO.match(text) is not None


def suggested_amount(text: str) -> str:
    """Return the suggestion for a text that is no amount, "19.90 EUR"; "" if there is none."""
    number, currency = _split_currency(text.strip())
    if is_amount(number):
        return f"{number} {currency}" if currency else ""
    readings = _readings(number)
    return " or ".join(" ".join(filter(None, (each, currency))) for each in readings)


def refuse_below_zero(text: str, command: str, ctx: click.Context) -> click.UsageError:
    """Return the error for a negative amount, which click would parse as an option."""
    amount = re.sub("^[-\u2212]\\s?", "", text)
    back = f"clientela purchases refund CUSTOMER/PURCHASE --amount {amount} --reason WHY"
    way = f"; money is given back by `{back}`" if command == "purchases record" else ""
    return click.BadParameter(f'"{text}" is below zero, and no amount is{way}', ctx, param_hint="'AMOUNT'")


def _split_currency(text: str) -> tuple[str, str]:
    """Return the number, and the currency before or after it."""
    for sign, code in _SIGNS.items():
        if text.startswith(sign) or text.endswith(sign):
            return text.removeprefix(sign).removesuffix(sign).strip(), code
    if _CURRENCY.fullmatch(text[-3:]):
        return text[:-3].strip(), text[-3:].upper()
    if _CURRENCY.fullmatch(text[:3]):
        return text[3:].strip(), text[:3].upper()
    return text, ""


def _readings(number: str) -> list[str]:
    """Return the possible readings of a number with commas or blanks."""
    found = []
    if _GROUPED.fullmatch(number):
        whole, _, fraction = _parts(number)
        found.append(f"{whole}.{fraction}" if fraction else whole)
    if _COMMA.fullmatch(number):
        found.append(number.replace(",", "."))
    return list(dict.fromkeys(found))


def _parts(number: str) -> tuple[str, str, str]:
    """Return integer part, decimal mark and fraction; the last mark is decimal if it occurs once."""
    marks = re.findall(r"[^0-9]", number)
    mark = marks[-1]
    if mark in ".," and marks.count(mark) == 1 and (len(marks) > 1 or len(number.rpartition(mark)[2]) != 3):
        whole, _, fraction = number.rpartition(mark)
        return re.sub(r"[^0-9]", "", whole), mark, fraction
    return re.sub(r"[^0-9]", "", number), "", ""
