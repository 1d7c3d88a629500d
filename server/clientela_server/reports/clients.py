"""Clients and their revenue as arrays, some thousands at a time, so that no step takes long.

Money is whole numbers here too: units and nanos apart, or nanos as one number of 64 bits where they fit into
it, and else as Python's integers.
Read next: `store/aggregates/revenues` (where it is read), `sums` (adding up).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela_server.store.aggregates.revenues import Part

Ints = NDArray[np.int64]
# As `domain/revenue` packs it; the currency's four bytes are compared as one number.
_RECORD = np.dtype(
    [("currency", "<u4"), ("day", "<i4"), ("count", "<i4"), ("nanos", "<i4"), ("units", "<i8")]
)


@dataclass(frozen=True, kw_only=True)
class Days:
    """Purchase days in one currency, grouped by client, ascending (a CSR layout).

    client, begins: shape (clients,), index of each client with purchases, and offset of its first day.
    day, count, units, nanos: shape (days,); day in days since 1970.
    """

    client: Ints
    begins: Ints
    day: Ints
    count: Ints
    units: Ints
    nanos: Ints

    @cached_property
    def lengths(self) -> Ints:
        """How many days each client has."""
        return np.diff(np.append(self.begins, len(self.day)))

    @cached_property
    def owner(self) -> Ints:
        """Of which client each day is, by place among those who have any."""
        return np.arange(len(self.begins)).repeat(self.lengths)

    @property
    def first(self) -> Ints:
        """The first day of each client."""
        return self.day[self.begins]

    @property
    def last(self) -> Ints:
        """The last day of each client."""
        ends: Ints = self.begins + self.lengths
        return self.day[ends - 1]

    def sums(self, values: Ints) -> Ints:
        """Add up what is by day, for each client."""
        found: Ints = np.add.reduceat(values, self.begins) if len(self.begins) else np.zeros(0, np.int64)
        return found


class Clients:
    """A part of all clients, in the order of their ids; also those who are deleted by now."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._lengths = np.fromstring(part.lengths, np.int64, sep=",") // _RECORD.itemsize
        self._records: NDArray[Any] = np.frombuffer(part.records, _RECORD)

    @cached_property
    def ids(self) -> NDArray[np.bytes_]:
        """Their ids."""
        return np.array(self._part.ids.split(","), dtype=np.bytes_)

    @cached_property
    def deleted(self) -> NDArray[np.bool_]:
        """Whether each is deleted."""
        digits: NDArray[np.uint8] = np.frombuffer(self._part.deleted.encode(), np.uint8)
        return np.equal(digits, ord("1"))

    def currencies(self) -> list[str]:
        """Return the currencies in which they bought."""
        codes = np.unique(self._records["currency"])
        return [int(code).to_bytes(4, "little").rstrip(b"\0").decode() for code in codes]

    def days(self, currency: str, until: int) -> Days:
        """Return the days with a purchase in a currency, up to one that is counted too."""
        code = int.from_bytes(currency.encode().ljust(4, b"\0"), "little")
        chosen = np.flatnonzero((self._records["currency"] == code) & (self._records["day"] <= until))
        owner = np.repeat(np.arange(len(self._lengths)), self._lengths)[chosen]
        begins = np.flatnonzero(np.diff(owner, prepend=-1))
        records = self._records[chosen]
        day, count, units, nanos = (
            records[name].astype(np.int64) for name in ("day", "count", "units", "nanos")
        )
        return Days(client=owner[begins], begins=begins, day=day, count=count, units=units, nanos=nanos)
