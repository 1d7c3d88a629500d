"""What winning a client costs against what it brings, channel by channel, as bars in a terminal.

    advertising  CAC  ████████████████▌      61.40
                 LTV  ██████▎░░░░░░░         24.10, predicted 47.80

One scale for all. What has come is full, what is predicted is light; figures stand beside each bar, so that
neither colour nor blocks are needed to read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from clientela_client.cli.economics.economics_view import channel_name
from clientela_client.cli.output.views import rounded_money

if TYPE_CHECKING:
    from clientela_client.messages import ChannelEconomics, Money

_NARROWEST, _WIDEST = 10, 60
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bars(channels: Iterable[ChannelEconomics], width: int, *, plain: bool) -> list[str]:
    """Return the lines, at most `width` wide; none where there is nothing to show, or no room."""
    shown = [each for each in channels if each.HasField("cac") or each.HasField("ltv_realized")]
    largest = max((max(_figures(each)) for each in shown), default=0.0)
    if largest <= 0:
        return []
    labels = max(len(channel_name(each)) for each in shown) + len("  LTV  ")
    room = width - labels - max(len(_said_of_value(each)) for each in shown) - 1
    if room < _NARROWEST:
        return []
    scale = min(_WIDEST, room) / largest
    return [line for each in shown for line in _lines(each, labels, scale, plain)]


def _lines(channel: ChannelEconomics, labels: int, scale: float, plain: bool) -> list[str]:
    name = channel_name(channel)
    cost = rounded_money(channel.cac) if channel.HasField("cac") else "not known"
    value = _said_of_value(channel)
    now = float_of(channel.ltv_realized) * scale
    later = float_of(channel.ltv_predicted) * scale
    return [
        f"{name}  CAC  ".rjust(labels) + _bar(float_of(channel.cac) * scale, plain) + f" {cost}",
        "LTV  ".rjust(labels) + _bar(now, plain) + _rest(now, later, plain) + f" {value}",
    ]


def _said_of_value(channel: ChannelEconomics) -> str:
    if not channel.HasField("ltv_realized"):
        return "not known"
    predicted = (
        f", predicted {rounded_money(channel.ltv_predicted)}" if channel.HasField("ltv_predicted") else ""
    )
    return rounded_money(channel.ltv_realized) + predicted


def _bar(length: float, plain: bool) -> str:
    if plain:
        return "#" * round(length)
    whole, eighths = divmod(round(max(length, 0) * 8), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")


def _rest(now: float, later: float, plain: bool) -> str:
    """Return the bar of the predicted amount, from where the bar of the realized one ends."""
    return ("." if plain else "░") * (round(later) - len(_bar(now, plain)))


def _figures(channel: ChannelEconomics) -> tuple[float, float, float]:
    return float_of(channel.cac), float_of(channel.ltv_realized), float_of(channel.ltv_predicted)


def float_of(amount: Money) -> float:
    """Return about how much it is, to be drawn; nothing is counted with it."""
    return float(amount.units) + float(amount.nanos) / 1e9
