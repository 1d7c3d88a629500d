"""Money: whole numbers, never a float.

An amount is one integer of nanos (10^-9 of a unit), which is what units and nanos on the wire add up to.
What is paid is paid in coins: an amount finer than its currency's smallest one is refused.
Source of the coin sizes: ISO 4217, list one of 2026-01-01, "minor unit"; the command line's amounts.py has
them too, and a test compares the two.
"""

from dataclasses import dataclass
from decimal import Decimal

from clientela_server.domain.errors import InvalidArgument, OutOfRange

NANOS_PER_UNIT = 1_000_000_000
UNITS_MAX = 2**63 - 1

# Only the currencies whose smallest coin is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
# Gold, drawing rights, codes for tests: their minor unit is "N.A.", so that they may be as fine as one likes.
_WITHOUT_COIN = frozenset("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split())


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: ISO 4217 code, and the whole value in nanos of a unit."""

    currency: str
    nanos: int

    @property
    def units(self) -> int:
        """The whole units, towards zero for amounts of zero or more."""
        return self.nanos // NANOS_PER_UNIT

    @property
    def rest(self) -> int:
        """The nanos beyond the whole units."""
        return self.nanos % NANOS_PER_UNIT

    def __str__(self) -> str:
        value = Decimal(self.nanos) / NANOS_PER_UNIT
        return f"{value:.{minor_digits(self.currency)}f} {self.currency}"

    @property
    def exact(self) -> str:
        """The amount as people write it, with all of its digits where it is finer than a coin."""
        units, rest = divmod(self.nanos, NANOS_PER_UNIT)
        fraction = f"{rest:09d}".rstrip("0").ljust(minor_digits(self.currency), "0")
        return f"{units}{'.' if fraction else ''}{fraction} {self.currency}"


def minor_digits(currency: str) -> int:
    """Return how many digits the smallest coin has behind the point (ISO 4217); 2 where not listed."""
    return _MINOR_DIGITS.get(currency, 2)


def coin_nanos(currency: str) -> int:
    """Return what the smallest coin is worth, in nanos."""
    return NANOS_PER_UNIT // int(10 ** minor_digits(currency))


def is_in_coins(amount: Money) -> bool:
    """Return whether an amount can be paid: whether it is not finer than its currency's smallest coin."""
    return not amount.nanos % coin_nanos(amount.currency) or amount.currency in _WITHOUT_COIN


def require_coins(amount: Money, path: str) -> None:
    """Refuse an amount that is finer than its currency's smallest coin; `path` is its field."""
    if not is_in_coins(amount):
        raise too_fine(amount, path, "must not be finer than the currency's smallest coin")


def too_fine(amount: Money, path: str, description: str) -> InvalidArgument:
    """Make the refusal of an amount that can't be paid."""
    return InvalidArgument.of_field(
        "AMOUNT_TOO_FINE",
        path,
        description,
        amount=amount.exact,
        currency_code=amount.currency,
        digits=str(minor_digits(amount.currency)),
    )


def add(currency: str, *amounts: int) -> int:
    """Add nanos; OUT_OF_RANGE where the sum doesn't fit into the 64 bits that units have on the wire."""
    total = sum(amounts)
    if abs(total) // NANOS_PER_UNIT > UNITS_MAX:
        raise OutOfRange("TOTAL_OVERFLOW", currency_code=currency)
    return total
