"""Amounts in the lab: in cents while a scenario counts, as Money on the wire, as words in a table."""

from decimal import Decimal
from typing import Any

from google.type.money_pb2 import Money

NANOS = 1_000_000_000
_NANOS_A_CENT = NANOS // 100


def euros(cents: int) -> Money:
    """Return an amount of euros from cents."""
    units, rest = divmod(cents, 100)
    return Money(currency_code="EUR", units=units, nanos=rest * _NANOS_A_CENT)


def nanos_of(money: Money) -> int:
    """Return an amount in nanos."""
    nanos: int = money.units * NANOS + money.nanos
    return nanos


def shown(cents: int) -> str:
    """Format cents as the command line does: "19.90 EUR"."""
    return f"{cents // 100}.{cents % 100:02d} EUR"


def exactly(nanos: int) -> str:
    """Format nanos of a euro without rounding: "19.90 EUR", or with as many decimals as needed."""
    whole, _, places = f"{Decimal(nanos) / NANOS:.9f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')} EUR"


def worded(money: Any) -> str:
    """Format a Money message, of any version of the contract, as the command line does."""
    return f"{money.units + Decimal(money.nanos) / NANOS:.2f} {money.currency_code}"
