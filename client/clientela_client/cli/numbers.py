"""Numbers of the command line: digits 0 to 9, no more of them than such a number can need.

Python's own int() and float() take more than people write: `1_0`, digits of other scripts, `1e400`, `nan`.
"""

from __future__ import annotations

import re
from typing import Any

import click

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:[.][0-9]{1,15})?")


def is_decimal(text: str) -> bool:
    """Tell whether a text is a number as people write it: "40", "0.4", "-1.5"."""
    return _DECIMAL.fullmatch(text) is not None


class _Whole(click.types.IntParamType):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Look at the digits before they are converted."""
        if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
            self.fail(f'"{value}" is no whole number', param, ctx)
        return int(super().convert(value, param, ctx))


class WholeFrom(_Whole, click.IntRange):
    """A whole number from `min` on."""


class Seconds(click.FloatRange):
    """A time span in seconds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Look at the digits before they are converted."""
        if isinstance(value, str) and not is_decimal(value.strip()):
            self.fail(f'"{value}" is no number', param, ctx)
        return float(super().convert(value, param, ctx))


whole_type = _Whole()
