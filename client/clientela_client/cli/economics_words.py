"""Words of the command line as days of UTC."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from clientela_client.messages import Date


class _Day(click.ParamType[date]):
    """A day of UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is no day: 1997-01-31', param, ctx)


day_type = _Day()


def date_of(day: date | None) -> Date | None:
    """Return a day as the contract has it."""
    from clientela_client.messages import Date

    return None if day is None else Date(year=day.year, month=day.month, day=day.day)
