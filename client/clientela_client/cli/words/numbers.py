"""Numeric options: ASCII digits only, in the range of the contract's field.

Python's int() and float() accept more: `1_0`, digits of other scripts, `1e400`, `nan`. A value out of range
is refused with the range.
"""

from __future__ import annotations

import re
from typing import Any

import click

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1
#: A year: a longer timeout overflows to a deadline in the past in gRPC.
_SECONDS_MAX = 31_536_000
_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:[.][0-9]{1,15})?")
# Longer numbers are out of range without being converted (int() is quadratic in the digits).
_DIGITS = 40


def is_decimal(text: str) -> bool:
    """Return whether a text is a decimal number: "40", "0.4", "-1.5"."""
    return _DECIMAL.fullmatch(text) is not None


class WholeFrom(click.ParamType[int]):
    """The type of an integer option from `min` to `max`."""

    name = "integer"

    def __init__(self, min: int, max: int = INT64_MAX) -> None:
        self.min = min
        self.max = max

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Convert the text after checking its digits."""
        if isinstance(value, int):
            return value
        digits = value.strip()
        if not _WHOLE.fullmatch(digits):
            self.fail(f'"{value}" is no whole number', param, ctx)
        if len(digits) > _DIGITS or not self.min <= int(digits) <= self.max:
            shown = digits if len(digits) <= _DIGITS else f"{digits[:_DIGITS]}..."
            self.fail(f"{shown} is not from {self.min} to {self.max}", param, ctx)
        return int(digits)


class Seconds(click.ParamType[float]):
    """The type of a duration in seconds, greater than 0."""

    name = "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert the text after checking its digits."""
        if isinstance(value, float):
            return value
        text = value.strip()
        if not is_decimal(text) and not _WHOLE.fullmatch(text):
            self.fail(f'"{value}" is no number', param, ctx)
        if len(text) > _DIGITS or not 0 < float(text) <= _SECONDS_MAX:
            self.fail(f"{text[:_DIGITS]} is not more than 0 and at most {_SECONDS_MAX}", param, ctx)
        return float(text)
