"""Adding up money exactly: in 64 bits as long as that is enough, and what may not be in two halves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.reports.clients import Ints

# Less than this many units are less than 2^63 nanos.
_UNITS_MAX = 9_000_000_000
_HALF = 32
_LOW = 2**_HALF - 1


def joined(parts: Sequence[Ints]) -> Ints:
    """Put numbers of many parts one behind the other."""
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def in_nanos(units: Ints, nanos: Ints) -> NDArray[Any]:
    """Return amounts in nanos; as Python's integers where one is too great for 64 bits."""
    units, nanos = units + nanos // NANOS_PER_UNIT, nanos % NANOS_PER_UNIT
    if len(units) and int(units.max()) >= _UNITS_MAX:
        units, nanos = units.astype(object), nanos.astype(object)
    amounts: NDArray[Any] = units * NANOS_PER_UNIT + nanos
    return amounts


def total(values: NDArray[Any]) -> int:
    """Add up, however great the sum is."""
    return sums_by(values, np.zeros(len(values), np.int64), 1)[0]


def sums_by(values: NDArray[Any], group: Ints, groups: int) -> list[int]:
    """Add up by group, however great the sums are."""
    if values.dtype == object:
        great = np.zeros(groups, dtype=object)
        np.add.at(great, group, values)
        return [int(each) for each in great]
    high, low = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    np.add.at(high, group, values >> _HALF)
    np.add.at(low, group, values & _LOW)
    return [(int(above) << _HALF) + int(below) for above, below in zip(high, low, strict=True)]
