"""LTV against CAC: a point for each channel, the line where both are equal, a sentence for each verdict."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING

from clientela_client.cli.economics.economics_chart import float_of
from clientela_client.cli.economics.economics_report import retention_sentence, verdicts
from clientela_client.cli.economics.economics_view import (
    channel_name,
    channel_or_all,
    forecast_error,
    has_predictions,
    ratio_text,
    rounded,
    verdict,
)
from clientela_client.cli.economics.page.markup import Markup, percent, section, table, tag
from clientela_client.cli.economics.page.scales import lines_of, short

if TYPE_CHECKING:
    from clientela_client.cli.economics.page.findings import Findings
    from clientela_client.messages import ChannelEconomics, GetUnitEconomicsResponse

_HEIGHT = 360
_SIGNS = {"profitable": "✓ ", "pays later": "◷ ", "UNPROFITABLE": "✗ "}


def channels(findings: Findings) -> Markup:
    """Return the section of channels."""
    response = findings.economics
    return section(
        "channels",
        "Does a channel pay?",
        "A client should bring at least what it costs to win one: LTV not below CAC.",
        _plot(response),
        _table(response),
        tag("h3", "What follows"),
        tag("dl", *(_verdict_row(each.label, each.plain) for each in verdicts(response)), class_="said"),
        tag("p", retention_sentence(response.retention, response.total)),
    )


def _verdict_row(name: str, sentence: str) -> Markup:
    return tag("div", tag("dt", name), tag("dd", sentence or "Nothing can be said."))


def verdict_with_sign(channel: ChannelEconomics) -> str:
    """Return the verdict with a sign before it: it is never told by a colour alone."""
    said = verdict(channel)
    return f"{_SIGNS.get(said, '')}{said or '-'}"


def _table(response: GetUnitEconomicsResponse) -> Markup:
    predicted = has_predictions(response)
    head: tuple[str, ...] = ("Channel", "Spent", "Won", "CAC", "LTV", "LTV/CAC")
    head += ("Predicted LTV", "Back-test", "Predicted/CAC") if predicted else ()
    rows = [
        [
            channel_or_all(response, each),
            rounded(each, "spend"),
            f"{each.acquired_count:,}",
            rounded(each, "cac"),
            rounded(each, "ltv_realized"),
            ratio_text(each, "ratio"),
            *(_predicted(response, each) if predicted else ()),
            verdict_with_sign(each),
        ]
        for each in (*response.channels, response.total)
    ]
    return table((*head, "Verdict"), rows, "Channels, in figures", class_="figures totalled")


def _predicted(response: GetUnitEconomicsResponse, channel: ChannelEconomics) -> tuple[str, str, str]:
    error = forecast_error(response.model) if channel.HasField("ltv_predicted") else "-"
    return rounded(channel, "ltv_predicted"), error, ratio_text(channel, "ratio_predicted")


def _plot(response: GetUnitEconomicsResponse) -> Markup:
    shown = [each for each in response.channels if each.HasField("cac") and each.HasField("ltv_realized")]
    if not shown:
        return tag(
            "p", "No channel has both a cost and clients, so there is nothing to compare.", class_="none"
        )
    across = lines_of(max(float_of(each.cac) for each in shown))
    up = lines_of(max(max(float_of(each.ltv_realized), float_of(each.ltv_predicted)) for each in shown))
    lettered = list(zip(ascii_uppercase, shown, strict=False))
    drawing = tag(
        "svg",
        _ground(across[-1], up[-1]),
        *_lines(across, up),
        *(_point(letter, each, across[-1], up[-1]) for letter, each in lettered),
        height=f"{_HEIGHT + 24}",
        role="img",
        aria_label=_in_words(shown),
    )
    predicted = " ○ with what is predicted." if any(each.HasField("ltv_predicted") for each in shown) else ""
    key = (
        f"● what a client has brought so far.{predicted} Below the line a channel costs more than it brings."
    )
    axes = f"Upwards: LTV, to the right: CAC, both in {response.currency_code}."
    names = tag("ul", *(_named(letter, each) for letter, each in lettered), class_="legend")
    return tag("figure", drawing, names, tag("figcaption", f"{key} {axes}"), class_="plot")


def _ground(most_across: float, most_up: float) -> Markup:
    """Return the ground below the line, and the line: stretched with the drawing, as nothing else is."""
    end = min(most_across, most_up)
    x, y = end / most_across * 100, 100 - end / most_up * 100
    loss = f"0,100 {x:.3f},{y:.3f} {f'100,{y:.3f} ' if x < 100 else ''}100,100"
    return tag(
        "svg",
        tag("polygon", points=loss, class_="loss"),
        tag("line", x1=0, y1=100, x2=x, y2=y, class_="equal"),
        width="100%",
        height=f"{_HEIGHT}",
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
    )


def _lines(across: list[float], up: list[float]) -> list[Markup]:
    drawn = []
    for value in up:
        y = _HEIGHT * (1 - value / up[-1])
        drawn += [tag("line", x1=0, x2="100%", y1=y, y2=y, class_="grid")]
        drawn += [tag("text", short(value), x=-8, y=y + 4, class_="tick", text_anchor="end")]
    for value in across[1:]:
        anchor = "end" if value == across[-1] else "middle"
        x = percent(value / across[-1])
        drawn.append(tag("text", short(value), x=x, y=_HEIGHT + 18, class_="tick", text_anchor=anchor))
    return drawn


def _point(letter: str, channel: ChannelEconomics, most_across: float, most_up: float) -> Markup:
    """Return a channel's marks: its place is a share of the drawing, what stands there is not stretched."""
    y = _height(float_of(channel.ltv_realized), most_up)
    marks = [
        tag("circle", tag("title", _point_in_words(channel)), cx=0, cy=y, r=10, class_="now"),
        tag("text", letter, x=0, y=y + 4, text_anchor="middle", class_="letter"),
    ]
    if channel.HasField("ltv_predicted"):
        later = _height(float_of(channel.ltv_predicted), most_up)
        way = tag("line", x1=0, x2=0, y1=y, y2=later, class_="way")
        marks = [way, tag("circle", cx=0, cy=later, r=6, class_="later"), *marks]
    return tag("svg", *marks, x=percent(float_of(channel.cac) / most_across), class_="point")


def _height(value: float, most_up: float) -> float:
    return _HEIGHT * (1 - max(0.0, value) / most_up)


def _named(letter: str, channel: ChannelEconomics) -> Markup:
    return tag("li", tag("i", letter), " ", tag("b", channel_name(channel)), f" {verdict_with_sign(channel)}")


def _point_in_words(channel: ChannelEconomics) -> str:
    predicted = rounded(channel, "ltv_predicted")
    return (
        f"{channel_name(channel)}: CAC {rounded(channel, 'cac')}, LTV {rounded(channel, 'ltv_realized')}"
        f"{'' if predicted == '-' else f', predicted {predicted}'}, {verdict(channel) or 'no verdict'}"
    )


def _in_words(shown: list[ChannelEconomics]) -> str:
    return "LTV against CAC. " + "; ".join(_point_in_words(each) for each in shown)
