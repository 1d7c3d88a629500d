"""Convert unit economics: acquisition and retention."""

from fractions import Fraction

from google.type.money_pb2 import Money

from clientela.v1 import economics_pb2 as pb
from clientela.v1.customers_pb2 import AcquisitionChannel
from clientela_server.domain.economics import ChannelEconomics, Economics, Retention, rounded
from clientela_server.rpc.codec.values import to_money
from clientela_server.rpc.locales.economics import explanation


def to_channels(
    found: Economics, currency: str, horizon_days: int, language: str
) -> tuple[list[pb.ChannelEconomics], pb.ChannelEconomics]:
    """Return the messages of each channel and of the total, with sentences in a language."""

    def message(channel: ChannelEconomics) -> pb.ChannelEconomics:
        sentence = explanation(channel, found, currency, horizon_days, language)
        return _to_channel(channel, currency, sentence)

    return [message(channel) for channel in found.channels], message(found.total)


def _to_channel(channel: ChannelEconomics, currency: str, sentence: str) -> pb.ChannelEconomics:
    return pb.ChannelEconomics(
        channel=AcquisitionChannel.ValueType(channel.channel),
        spend=_money(currency, channel.spend),
        acquired_count=channel.won,
        cac=_money(currency, channel.cac),
        ltv_realized=_money(currency, channel.realized),
        ltv_predicted=_money(currency, channel.predicted),
        ratio=_ratio(channel.ratio),
        ratio_predicted=_ratio(channel.ratio_predicted),
        verdict=pb.Verdict.ValueType(channel.verdict),
        explanation=sentence,
    )


def to_retention(retention: Retention, currency: str) -> pb.Retention:
    """Return the message of the cost of retention."""
    return pb.Retention(
        spend=_money(currency, retention.spend),
        retained_count=retention.retained,
        cost=_money(currency, retention.cost),
        acquisition_ratio=_ratio(retention.acquisition_ratio),
    )


def _money(currency: str, nanos: Fraction | None) -> Money | None:
    return None if nanos is None else to_money(rounded(currency, nanos))


def _ratio(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(ratio)
