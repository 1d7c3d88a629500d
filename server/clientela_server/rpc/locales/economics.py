"""Explanations of a channel's verdict, in four languages.

Numbers stand behind a colon where a language would want another ending for each.
"""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files

from clientela_server.domain.economics import UNKNOWN_CHANNEL, ChannelEconomics, Economics, Verdict
from clientela_server.domain.money import Money
from clientela_server.rpc.locales.standing import singular


@cache
def load(language: str) -> Mapping[str, str]:
    """Return the texts of a language, cached."""
    return tomllib.loads(files(__package__).joinpath(f"economics_{language}.toml").read_text("utf-8"))


def no_horizon(language: str) -> str:
    """Return that nothing is predicted because the horizon is 0."""
    return load(language)["no_horizon"]


def explanation(
    channel: ChannelEconomics, found: Economics, currency: str, horizon_days: int, language: str
) -> str:
    """Return the explanation of a channel's verdict, or the total's."""
    says = _case(channel, found)
    return singular(load(language)[says].format_map(_facts(channel, currency, horizon_days)), language)


def _case(channel: ChannelEconomics, found: Economics) -> str:
    if channel.channel == UNKNOWN_CHANNEL and channel is not found.total:
        return "not_known" if channel.won else "all_known" if found.total.won else "nobody_came"
    if channel.cac is None and channel.won:
        return "unrecorded"
    if channel.cac is None:
        return "nobody" if channel.spend else "nothing"
    if not channel.recorded and channel.verdict is Verdict.NONE:
        return "unrecorded_partly"
    match channel.verdict:
        case Verdict.PROFITABLE:
            return "profitable" if channel.cac else "free"
        case Verdict.PAYS_LATER:
            return "pays_later"
    return "unprofitable" if channel.predicted is not None else "unprofitable_so_far"


def _facts(channel: ChannelEconomics, currency: str, horizon_days: int) -> Mapping[str, str]:
    best = channel.realized if channel.predicted is None else channel.predicted
    figures = {
        "spend": channel.spend,
        "cac": channel.cac,
        "ltv": channel.realized,
        "ltv_predicted": channel.predicted,
        "loss": None if channel.cac is None or best is None else channel.cac - best,
    }
    money = {name: _money(currency, nanos) for name, nanos in figures.items()}
    return {**money, "won": str(channel.won), "ratio": _ratio(channel.ratio), "days": str(horizon_days)}


def _money(currency: str, nanos: Fraction | None) -> str:
    return "" if nanos is None else str(Money(currency, round(nanos)))


def _ratio(ratio: Fraction | None) -> str:
    """Return a ratio with two digits, rounded down, so that less than 1 is not shown as 1."""
    if ratio is None:
        return ""
    hundredths = ratio * 100 // 1
    return f"{hundredths // 100}.{hundredths % 100:02}"
