"""Money: whole numbers, never a float.

An amount is one integer of nanos (10^-9 of a unit), which is what units and nanos on the wire add up to.
Source of the coin sizes: ISO 4217, list one, "minor unit".
"""

from dataclasses import dataclass
from decimal import Decimal

from clientela_server.domain.errors import OutOfRange

NANOS_PER_UNIT = 1_000_000_000
UNITS_MAX = 2**63 - 1

# Only the currencies whose smallest coin is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


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


def minor_digits(currency: str) -> int:
    """Tell how many digits the smallest coin has behind the point (ISO 4217); 2 where not listed."""
    return _MINOR_DIGITS.get(currency, 2)


def coin_nanos(currency: str) -> int:
    """Tell what the smallest coin is worth, in nanos."""
    return NANOS_PER_UNIT // int(10 ** minor_digits(currency))


def add(currency: str, *amounts: int) -> int:
    """Add nanos; OUT_OF_RANGE where the sum doesn't fit into the 64 bits that units have on the wire."""
    total = sum(amounts)
    if abs(total) // NANOS_PER_UNIT > UNITS_MAX:
        raise OutOfRange("TOTAL_OVERFLOW", currency_code=currency)
    return total
