"""What came in from one client, by currency and day, packed: a record for each day with a purchase.

A record is 24 bytes, little-endian: the currency (4 bytes of ASCII, the last ones 0), the day, how many
purchases it had, and the nanos and units that are left after refunds. Records are in the order of currency
and day, each once. Packed they are read and kept as they are, without being taken apart for one purchase
more; and those of many clients, one behind the other, are one array for whoever reckons with all of them.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from clientela_server.domain.money import NANOS_PER_UNIT

_RECORD = Struct("<4siiiq")
_KEY = Struct("<4si")
_SIZE = _RECORD.size
_IS_LITTLE = sys.byteorder == "little"
# After every day.
_NEVER = 2**31


@dataclass(frozen=True, slots=True)
class Revenue:
    """Records of one client; never changed in place."""

    packed: bytes = b""

    def plus(self, currency: str, day: int, amount: int, purchases: int) -> Revenue:
        """Add nanos, or with a minus take them off, and purchases, on a day."""
        packed = self.packed
        key = _key(currency, day)
        at = end = self._place(key)
        units = 0
        if at < len(packed) and _KEY.unpack_from(packed, at) == key:
            _, _, before, rest, units = _RECORD.unpack_from(packed, at)
            purchases, amount, end = purchases + before, amount + rest, at + _SIZE
        more, nanos = divmod(amount, NANOS_PER_UNIT)
        record = _RECORD.pack(*key, purchases, nanos, units + more)
        return Revenue(packed[:at] + record + packed[end:])

    def within(self, currency: str, first: int, last: int) -> int:
        """Sum up nanos of a currency from one day to another, both counted."""
        begin, end = self._place(_key(currency, first)), self._place(_key(currency, last + 1))
        records = list(_RECORD.iter_unpack(self.packed[begin:end]))
        units: int = sum(each[4] for each in records)
        nanos: int = sum(each[3] for each in records)
        return units * NANOS_PER_UNIT + nanos

    def by_day(self, currency: str) -> list[tuple[int, int]]:
        """Return the days of a currency, in order, with the nanos of each."""
        wanted = _key(currency, 0)[0]
        records = _RECORD.iter_unpack(self.packed)
        return [
            (day, units * NANOS_PER_UNIT + nanos) for code, day, _, nanos, units in records if code == wanted
        ]

    def currencies(self) -> Iterator[str]:
        """Return the currencies, in order."""
        at = 0
        while at < len(self.packed):
            code: bytes = _KEY.unpack_from(self.packed, at)[0]
            yield code.rstrip(b"\0").decode()
            at = self._place((code, _NEVER))

    def days(self) -> set[int]:
        """Return the days of all currencies."""
        return {each[1] for each in _RECORD.iter_unpack(self.packed)}

    def _place(self, key: tuple[bytes, int]) -> int:
        """Return where a record is, or belongs: mostly it is the last one, or belongs behind it.

        Of one currency the days are looked through as the numbers that they are, with no key made of each.
        """
        packed = self.packed
        last = len(packed) - _SIZE
        if last < 0 or (found := _KEY.unpack_from(packed, last)) < key:
            return last + _SIZE
        if found == key:
            return last
        if packed[:4] == key[0] == packed[last : last + 4] and _IS_LITTLE:
            return _SIZE * bisect_left(memoryview(packed).cast("i")[1 :: _SIZE // 4], key[1])
        return _SIZE * bisect_left(
            range(last // _SIZE), key, key=lambda at: _KEY.unpack_from(packed, _SIZE * at)
        )


def _key(currency: str, day: int) -> tuple[bytes, int]:
    return currency.encode().ljust(4, b"\0"), day
