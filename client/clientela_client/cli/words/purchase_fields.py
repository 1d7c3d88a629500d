"""Words of the command line as money, times and lines of a purchase."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.amount_words import currency_code, is_amount, suggested_amount
from clientela_client.cli.words.amounts import NotAnAmount, parse_amount
from clientela_client.cli.words.times import NotATime, parse_time

if TYPE_CHECKING:
    from clientela_client.messages import Money, Purchase, PurchaseLine

_LINE_KEYS = ("sku", "description", "category", "quantity", "unit_price")


class _Currency(click.ParamType[str]):
    """The type of a currency: an ISO 4217 code."""

    name = "currency"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        code = currency_code(value.strip())
        if code is None:
            self.fail(f'"{value}" is no currency: three capital letters (ISO 4217), such as EUR', param, ctx)
        return code


currency_type = _Currency()


def money_of(amount: str, currency: str, given_as: str = "AMOUNT") -> Money:
    """Return Money of "19.90" and "EUR"; raise click.BadParameter that names the argument."""
    from clientela_client.messages import Money

    try:
        units, nanos = parse_amount(amount)
    except NotAnAmount as problem:
        meant = suggested_amount(amount)
        is_other = meant not in ("", amount)
        fact = f'"{amount}" is not an amount: write {meant}' if is_other else str(problem)
        raise click.BadParameter(fact, param_hint=f"'{given_as}'") from None
    return Money(currency_code=currency, units=units, nanos=nanos)


def purchase_of(amount: str | None, currency: str | None, lines: Sequence[str], time: str | None) -> Purchase:
    """Return a Purchase from the arguments after the customer: `19.90 EUR`, or `EUR` alone with lines."""
    from clientela_client.messages import Purchase, PurchaseSource

    amount, currency = _in_order(amount, currency)
    if amount is None and not lines:
        raise click.UsageError("say what was paid, e.g. 19.90 EUR, or give a --line")
    if currency is None:
        meant = suggested_amount(amount or "")
        example = meant if meant.isascii() and " " in meant else "19.90 EUR"
        raise click.UsageError(f"say the currency behind the amount, e.g. {example}")
    currency = currency_type.convert(currency, None, None)
    purchase = Purchase(source=PurchaseSource.PURCHASE_SOURCE_CLI)
    purchase.lines.extend(_line_of(line, currency) for line in lines)
    if amount is not None:
        purchase.amount.CopyFrom(money_of(amount, currency))
    if time is not None:
        purchase.purchase_time.seconds, purchase.purchase_time.nanos = _time_of(time)
    return purchase


def _in_order(amount: str | None, currency: str | None) -> tuple[str | None, str | None]:
    """Return the amount and the currency, also of `EUR` alone and of `EUR 19.90`."""
    if amount is not None and currency_code(amount) and (currency is None or is_amount(currency)):
        return currency, amount
    return amount, currency


def set_words(purchase: Purchase, purpose: str | None, sales_path: str | None, note: str | None) -> None:
    """Set a purchase's purpose, sales path and note, as far as given."""
    from clientela_client.messages import PurchasePurpose, SalesPath

    if purpose:
        purchase.purpose = PurchasePurpose.Value(enum_choices.enum_name(enum_choices.PURPOSES, purpose))
    if sales_path:
        purchase.sales_path = SalesPath.Value(enum_choices.enum_name(enum_choices.SALES_PATHS, sales_path))
    if note:
        purchase.note = note


def _time_of(text: str) -> tuple[int, int]:
    try:
        return parse_time(text)
    except NotATime as problem:
        raise click.BadParameter(str(problem), param_hint="--time") from None


def _line_of(text: str, currency: str) -> PurchaseLine:
    """Return the PurchaseLine of "sku=a-1,quantity=2"; a value with a comma is quoted: "description=a, b"."""
    from clientela_client.messages import PurchaseLine

    line = PurchaseLine()
    for entry in next(csv.reader([text]), []):
        key, equals, value = entry.strip().partition("=")
        if not equals or key not in _LINE_KEYS:
            fact = f'"{entry}" is not KEY=VALUE with a key of {enum_choices.comma_separated(_LINE_KEYS)}'
            raise click.BadParameter(fact, param_hint="--line")
        if key == "unit_price":
            line.unit_price.CopyFrom(money_of(value, currency, "--line"))
        elif key == "quantity":
            line.quantity.value = value
        else:
            setattr(line, key, value)
    return line
