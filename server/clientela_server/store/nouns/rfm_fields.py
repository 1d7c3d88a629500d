"""Filters by RFM scores: rfm_recency.EUR, rfm_frequency.EUR and rfm_monetary.EUR, from 1 to 5.

A score stands for the values between two cutpoints; so what is asked of a row is whether the customer's own
totals lie between them. Read next: `rfm_cutpoints` (the cutpoints), `domain/rfm` (what scores are).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import floor
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.days import DAY_US
from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.rfm import STEPS, Scorer
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.aggregates.totals import held_in
from clientela_server.store.filters.filter_fields import COMPARE, Condition, Field, wrong_value
from clientela_server.store.filters.filter_grammar import Restriction
from clientela_server.store.filters.filter_values import read_integer

_CURRENCY = re.compile("[A-Z]{3}")
_NOBODY: sa.ColumnElement[bool] = sa.false()
# Where a customer's totals in a currency have what.
_COUNT, _UNITS, _NANOS, _LAST_US = 0, 1, 2, 4


class Step(Enum):
    """Which of the three scores."""

    RECENCY = "rfm_recency"
    FREQUENCY = "rfm_frequency"
    MONETARY = "rfm_monetary"


@dataclass(frozen=True)
class RfmScore(Field):
    """A score, with the currency behind its name."""

    step: Step
    cutpoints: RfmCutpointsCache

    @property
    def takes_key(self) -> bool:
        """Return True: a currency stands behind the name."""
        return True

    def condition(self, restriction: Restriction, key: str | None) -> Condition:
        """Return the SQL of a restriction of this kind of field."""
        currency = (key or "").upper()
        if not _CURRENCY.fullmatch(currency):
            raise _no_currency(restriction, self.step)
        held = held_in(sa.literal(currency))
        scorer = self.cutpoints.scorer(currency)
        if restriction.is_present:
            return held.is_not(None) if scorer is not None else _NOBODY
        wanted = read_integer(restriction.value)
        if wanted is None:
            raise wrong_value(restriction, "a score, 1 to 5")
        differs = restriction.operator == "!="
        compare = COMPARE["=" if restriction.operator in (":", "!=") else restriction.operator]
        scores = [score for score in range(1, STEPS + 1) if compare(score, wanted)]
        found = _NOBODY if scorer is None or not scores else self._found(held, scorer, scores)
        return sa.not_(found) if differs else found

    def _found(self, held: sa.ColumnElement[Any], scorer: Scorer, scores: Sequence[int]) -> Condition:
        """Match the values between the lowest and the highest of scores that follow each other."""
        low, high = scores[0], scores[-1]
        match self.step:
            case Step.RECENCY:
                bounds = _bounds(scorer.cuts.recency)
                within = _between(
                    _number(held, _LAST_US),
                    _day_us(scorer, bounds[STEPS + 1 - low]),
                    _day_us(scorer, bounds[STEPS - high]),
                )
            case Step.FREQUENCY:
                bounds = _bounds(scorer.cuts.frequency)
                within = _above(_number(held, _COUNT), bounds[low - 1], bounds[high])
            case Step.MONETARY:
                bounds = _bounds(scorer.cuts.monetary)
                amount = sa.tuple_(_number(held, _UNITS), _number(held, _NANOS))
                within = _above(amount, _pair(bounds[low - 1]), _pair(bounds[high]))
        return sa.and_(held.is_not(None), *within)


def _bounds(cuts: Sequence[Fraction]) -> list[int | None]:
    """Return where scores begin and end: a whole number is above a cutpoint where it is above its floor."""
    return [None, *(floor(cut) for cut in cuts), None]


def _number(held: sa.ColumnElement[Any], place: int) -> sa.ColumnElement[int]:
    return sa.cast(held.op("->>")(sa.literal_column(str(place))), sa.BigInteger)


def _day_us(scorer: Scorer, recency_days: int | None) -> int | None:
    """Return when the day begins that is so many days ago, where one day is the scale's own."""
    return None if recency_days is None else (scorer.day + 1 - recency_days) * DAY_US


def _pair(nanos: int | None) -> Any:
    if nanos is None:
        return None
    return sa.tuple_(*(sa.literal(part, sa.BigInteger) for part in divmod(nanos, NANOS_PER_UNIT)))


def _above(value: Any, low: Any, high: Any) -> list[Condition]:
    """Match more than the low bound, and at most the high one."""
    return ([] if low is None else [value > low]) + ([] if high is None else [value <= high])


def _between(value: Any, begin: Any, end: Any) -> list[Condition]:
    """Match at least the begin, and less than the end."""
    return ([] if begin is None else [value >= begin]) + ([] if end is None else [value < end])


def _no_currency(restriction: Restriction, step: Step) -> InvalidArgument:
    return InvalidArgument.of_field(
        "FILTER_FIELD_UNKNOWN",
        "filter",
        f"{step.value} needs a currency behind it, as in {step.value}.EUR",
        name=".".join(restriction.path),
        column=str(restriction.column),
    )
