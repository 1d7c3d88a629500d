"""Types of options that are times and days; they give what a message takes for its field."""

from __future__ import annotations

from typing import Any

import click

from clientela_client.cli.words.times import NotATime, parse_day, parse_time


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


class Day(click.ParamType[Any]):
    """The type of a day, for a Date."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return year, month and day."""
        try:
            day = parse_day(value)
        except NotATime as problem:
            self.fail(str(problem), param, ctx)
        return {"year": day.year, "month": day.month, "day": day.day}
