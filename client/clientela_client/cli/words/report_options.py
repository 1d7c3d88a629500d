"""The option types for days and shares, and the options that reports have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, overload

import click

from clientela_client.cli.words.numbers import WholeFrom, is_decimal
from clientela_client.cli.words.purchase_fields import currency_type
from clientela_client.cli.words.time_params import Day

if TYPE_CHECKING:
    from clientela_client.messages import Date

# The contract's bounds; tests compare them.
_HORIZON_MAX = 3650
_DISCOUNT_MAX = 10


class _Share(click.ParamType[float]):
    """The type of a share: 40% or 0.4; from 0 to `most`, or more than 0."""

    name = "share"

    def __init__(self, most: int, *, above_zero: bool = False) -> None:
        self.most = most
        self.above_zero = above_zero

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        number = value.strip().removesuffix("%")
        if not is_decimal(number):
            self.fail(f'"{value}" is no share: 40% or 0.4', param, ctx)
        share = float(number)
        if number == value.strip() and share > 1:
            self.fail(f'"{value}" is more than all: {number}% or a number from 0 to 1', param, ctx)
        # For an integer percentage, division gives the nearest float.
        share = share if number == value.strip() else share / 100
        if not 0 <= share <= self.most or (self.above_zero and not share):
            self.fail(f"{value.strip()} is not {self._bounds()}", param, ctx)
        return share

    def _bounds(self) -> str:
        most = f"{self.most:.0%}"
        return f"more than 0% and at most {most}" if self.above_zero else f"from 0% to {most}"


@overload
def date_of(day: date) -> Date: ...
@overload
def date_of(day: None) -> None: ...
def date_of(day: date | None) -> Date | None:
    """Return a day as google.type.Date; None stays None."""
    from clientela_client.messages import Date

    return None if day is None else Date(year=day.year, month=day.month, day=day.day)


day_type = Day()
margin_type = _Share(1, above_zero=True)
discount_type = _Share(_DISCOUNT_MAX)

as_of_option = click.option("--as-of", type=day_type, metavar="DATE", help="The last day that counts; today.")
currency_option = click.option(
    "--currency",
    type=currency_type,
    help="Only what was bought and spent in it; needed where there are several.",
)
horizon_option = click.option(
    "--horizon",
    "horizon_days",
    type=WholeFrom(min=0, max=_HORIZON_MAX),
    default=365,
    show_default=True,
    metavar="DAYS",
    help="How far to predict.",
)
discount_option = click.option(
    "--discount", type=discount_type, metavar="SHARE", help="What money loses in a year; 10%."
)


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a unit economics request."""
    for option in (
        as_of_option,
        discount_option,
        horizon_option,
        click.option(
            "--margin", type=margin_type, metavar="SHARE", help="What is left of revenue as earned: 40%."
        ),
        currency_option,
        click.option("--to", "end", type=day_type, metavar="DATE", help="The last day; that of --as-of."),
        click.option(
            "--from",
            "start",
            type=day_type,
            metavar="DATE",
            help="The first day; twelve months before the last.",
        ),
    ):
        command = option(command)
    return command
