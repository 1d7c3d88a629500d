"""`--round`: rounds what was paid to the currency's minor unit before it is sent, half up.

The server refuses a finer amount rather than round it; who asks for it is told how much was rounded. A price
stays as fine as it is: of 40.12 litres at 1.599 only what they come to is paid in coins.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from clientela_client.cli.words.amounts import NANOS, coin_nanos

if TYPE_CHECKING:
    from clientela_client.messages import Money, Purchase, PurchaseLine


def round_purchase(purchase: Purchase) -> bool:
    """Round a purchase's amount, stated or as the sum of its lines; return whether it changed."""
    if purchase.HasField("amount"):
        return _round(purchase.amount)
    monies = [line.unit_price for line in purchase.lines if line.HasField("unit_price")]
    if len(monies) < len(purchase.lines) or not any(map(_is_finer, monies)):
        return False
    try:
        total = sum(map(_line_total, purchase.lines))
    except ValueError:
        return False  # a quantity that is no number: the server says so
    purchase.amount.currency_code = monies[0].currency_code
    purchase.amount.units, purchase.amount.nanos = divmod(total, NANOS)
    return True


def _round(money: Money) -> bool:
    exact = money.units * NANOS + money.nanos
    rounded = in_coins(Fraction(abs(exact)), money.currency_code)
    units, nanos = divmod(rounded, NANOS)
    sign = -1 if exact < 0 else 1
    money.units, money.nanos = sign * units, sign * nanos
    return bool(rounded != abs(exact))


def _is_finer(price: Money) -> bool:
    return bool(price.nanos % coin_nanos(price.currency_code))


def _line_total(line: PurchaseLine) -> int:
    price = line.unit_price
    quantity = Fraction(line.quantity.value or "1")
    return in_coins(quantity * (price.units * NANOS + price.nanos), price.currency_code)


def in_coins(nanos: Fraction, currency: str) -> int:
    """Return nanos rounded half up to the minor unit, as the server rounds a line."""
    coin = coin_nanos(currency)
    return int((nanos / coin + Fraction(1, 2)) // 1) * coin
