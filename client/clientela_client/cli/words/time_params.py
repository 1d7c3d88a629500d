"""Types of options that are times and days, as a message takes them for its field, and as Python has them."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from clientela_client.cli.words.times import NoSuchDay, NotATime, parse_day, parse_time


class Moment(click.ParamType[Any]):
    """The type of a time, for a Timestamp."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return seconds and nanos."""
        try:
            seconds, nanos = parse_time(value)
        except NotATime as problem:
            self.fail(str(problem), param, ctx)
        return {"seconds": seconds, "nanos": nanos}


class Day(click.ParamType[date]):
    """The type of a calendar day in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day; the default of an option is one already."""
        if isinstance(value, date):
            return value
        try:
            return parse_day(value)
        except NoSuchDay as problem:
            self.fail(str(problem), param, ctx)
        except NotATime:
            self.fail(f'"{value}" is no day: write one as in 1997-01-31', param, ctx)


class DateFields(click.ParamType[Any]):
    """The type of a day, for a Date."""

    name = Day.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return year, month and day."""
        day = Day().convert(value, param, ctx)
        return {"year": day.year, "month": day.month, "day": day.day}
