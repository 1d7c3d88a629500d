"""How channels look: a row each, with what winning a client costs, what it brings, and what follows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from clientela_client.cli.output.views import Column, View, message_fields, money, rounded_money, word

if TYPE_CHECKING:
    from clientela_client.messages import ChannelEconomics, GetUnitEconomicsResponse, LifetimeModel

NOT_KNOWN = "not known"
_VERDICTS = {"profitable": "profitable", "pays_later": "pays later", "unprofitable": "UNPROFITABLE"}


def channel_name(channel: ChannelEconomics) -> str:
    """Return "public relations"; "not known" for clients of whom it is not known how they came."""
    return word(channel, "channel").replace("_", " ") or NOT_KNOWN


def verdict(channel: ChannelEconomics) -> str:
    """Return "pays later"; "" where nothing can be said."""
    said = word(channel, "verdict")
    return _VERDICTS.get(said, said)


def amount(channel: Any, field: str) -> str:
    """Return a field of money exactly, "" where it is unset."""
    return money(getattr(channel, field)) if channel.HasField(field) else ""


def rounded(channel: Any, field: str) -> str:
    """Return a field of money to the coin, "-" where it is unset."""
    return rounded_money(getattr(channel, field)) if channel.HasField(field) else "-"


def ratio_text(channel: Any, field: str) -> str:
    """Return a ratio as "0.81", "-" where it is unset; rounded down: 0.999 is not 1."""
    if not channel.HasField(field):
        return "-"
    return f"{math.floor(getattr(channel, field) * 100) / 100:,.2f}"


def percent(share: float) -> str:
    """Return "+2.9 %" for 0.029."""
    return f"{share * 100:+.1f} %"


def forecast_error(model: LifetimeModel) -> str:
    """Return the relative error of the back-test, "+2.9 %"; "-" without one, or if nothing came."""
    return percent(model.back_test.relative_error) if _has_actual_amount(model) else "-"


def _has_actual_amount(model: LifetimeModel) -> bool:
    actual = model.back_test.actual_amount
    return bool(actual.units or actual.nanos)


def _ratio(channel: Any, field: str) -> str:
    return repr(getattr(channel, field)) if channel.HasField(field) else ""


def _cost(title: str, field: str) -> Column[ChannelEconomics]:
    return Column(title, lambda c: amount(c, field), lambda c: rounded(c, field), align_right=True)


def _times(title: str, field: str) -> Column[ChannelEconomics]:
    return Column(title, lambda c: _ratio(c, field), lambda c: ratio_text(c, field), align_right=True)


_RATIO = _times("LTV/CAC", "ratio")
_RATIO_PREDICTED = _times("PREDICTED/CAC", "ratio_predicted")
_VERDICT: Column[ChannelEconomics] = Column(
    "VERDICT", lambda c: word(c, "verdict"), lambda c: verdict(c) or "-"
)


def columns(response: GetUnitEconomicsResponse, *, ratios: bool) -> tuple[Column[ChannelEconomics], ...]:
    """Return the columns for people; predictions and their forecast error only where there are any.

    ratios: with those of `ratio_columns`, each after what it is of.
    """
    predicted: tuple[Column[ChannelEconomics], ...] = ()
    ratio = (_RATIO,) if ratios else ()
    if has_predictions(response):
        error = forecast_error(response.model)
        predicted = (
            _cost("PREDICTED", "ltv_predicted"),
            Column(
                "BACK-TEST",
                lambda _: error,
                lambda c: error if c.HasField("ltv_predicted") else "-",
                align_right=True,
            ),
            *((_RATIO_PREDICTED,) if ratios else ()),
        )
    return (
        _channel(response),
        _cost("SPENT", "spend"),
        Column("WON", lambda c: f"{c.acquired_count}", lambda c: f"{c.acquired_count:,}", align_right=True),
        _cost("CAC", "cac"),
        _cost("LTV", "ltv_realized"),
        *ratio,
        *predicted,
        _VERDICT,
    )


def ratio_columns(response: GetUnitEconomicsResponse) -> tuple[Column[ChannelEconomics], ...]:
    """Return the columns of a table of ratios alone."""
    predicted = (_RATIO_PREDICTED,) if has_predictions(response) else ()
    return (_channel(response), _RATIO, *predicted)


def _channel(response: GetUnitEconomicsResponse) -> Column[ChannelEconomics]:
    return Column("CHANNEL", lambda c: word(c, "channel"), lambda c: channel_or_all(response, c))


def has_predictions(response: GetUnitEconomicsResponse) -> bool:
    """Return whether any channel, or the total, has a predicted LTV."""
    return any(each.HasField("ltv_predicted") for each in (*response.channels, response.total))


def channel_or_all(response: GetUnitEconomicsResponse, channel: ChannelEconomics) -> str:
    """Return the channel's name, or "all" for the answer's total."""
    return "all" if channel is response.total else channel_name(channel)


def _no_name(_channel: ChannelEconomics) -> str:
    raise click.UsageError("-o name: a report has no name")


_FLAT: tuple[Column[ChannelEconomics], ...] = (
    Column("channel", lambda c: word(c, "channel")),
    Column("currency", lambda c: c.spend.currency_code),
    Column("spend", lambda c: amount(c, "spend"), is_number=True),
    Column("acquired_count", lambda c: f"{c.acquired_count}"),
    Column("cac", lambda c: amount(c, "cac"), is_number=True),
    Column("ltv_realized", lambda c: amount(c, "ltv_realized"), is_number=True),
    Column("ltv_predicted", lambda c: amount(c, "ltv_predicted"), is_number=True),
    Column("ratio", lambda c: _ratio(c, "ratio"), is_number=True),
    Column("ratio_predicted", lambda c: _ratio(c, "ratio_predicted"), is_number=True),
    Column("verdict", lambda c: word(c, "verdict")),
    Column("explanation", lambda c: c.explanation),
)

CHANNEL: View[ChannelEconomics] = View(
    singular="channel",
    plural="channels",
    table=_FLAT,
    flat=_FLAT,
    facts=lambda _: (),
    name=_no_name,
    fields=message_fields,
)
