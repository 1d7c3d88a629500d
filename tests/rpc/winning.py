"""Clients acquired by a channel, and requests for their cost and value."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2 as pb
from tests.rpc.callers import Caller
from tests.rpc.making import day, money, new_customer, new_purchase, new_spend

ADVERTISING, MARKETING, PUBLIC_RELATIONS, REFERRAL, ORGANIC = range(1, 6)
Channels = dict[int, pb.ChannelEconomics]


def when(text: str) -> Timestamp:
    """Noon of a day."""
    return Timestamp(seconds=int(datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC).timestamp()))


def won(caller: Caller, channel: int, currency: str, *bought: tuple[str, int]) -> str:
    """Register a client who came by a channel, with what it bought on which days."""
    acquisition = cpb.Acquisition(channel=channel) if channel else None
    name = new_customer(caller, acquisition=acquisition).name
    for on, units in bought:
        new_purchase(caller, name, amount=money(units, currency=currency), purchase_time=when(on))
    return name


def spent(caller: Caller, channel: int, currency: str, units: int, **fields: Any) -> None:
    new_spend(caller, channel=channel, amount=money(units, currency=currency), **fields)


def asked(currency: str, **fields: Any) -> pb.GetUnitEconomicsRequest:
    """March 2026, with a margin of 40 percent, and nothing predicted."""
    plain = {"start": day("2026-03-01"), "end": day("2026-03-31"), "gross_margin": 0.4, "horizon_days": 0}
    return pb.GetUnitEconomicsRequest(**{**plain, "currency_code": currency, **fields})


def answer(caller: Caller, currency: str, **fields: Any) -> pb.GetUnitEconomicsResponse:
    found: pb.GetUnitEconomicsResponse = caller.economics.GetUnitEconomics(asked(currency, **fields))
    return found


def by_channel(found: pb.GetUnitEconomicsResponse) -> Channels:
    return {each.channel: each for each in found.channels}
