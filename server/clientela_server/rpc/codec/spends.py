"""Convert spends."""

from clientela.v1 import spends_pb2 as pb
from clientela.v1.customers_pb2 import AcquisitionChannel
from clientela_server.domain.money import Money
from clientela_server.domain.spends import ACQUISITION, Spend
from clientela_server.rpc.codec.values import from_date, from_money, from_time, to_date, to_money, to_time


def to_spend(spend: Spend) -> pb.Spend:
    """Return the message of a spend; only the name if it was deleted."""
    if not spend.channel:
        return pb.Spend(name=spend.name)
    return pb.Spend(
        name=spend.name,
        channel=AcquisitionChannel.ValueType(spend.channel),
        campaign=spend.campaign or None,
        start_date=to_date(spend.start_day),
        end_date=to_date(spend.end_day),
        amount=to_money(spend.amount),
        purpose=pb.SpendPurpose.ValueType(spend.purpose),
        create_time=to_time(spend.create_us),
        recorded_by=spend.recorded_by,
    )


def from_spend(message: pb.Spend) -> Spend:
    """Return a stored spend."""
    spend_id = message.name.partition("/")[2]
    if not message.channel:
        return Spend(spend_id, 0, 0, 0, Money("", 0))
    return Spend(
        spend_id,
        message.channel,
        from_date(message.start_date, "spend.start_date"),
        from_date(message.end_date, "spend.end_date"),
        from_money(message.amount),
        campaign=message.campaign,
        purpose=message.purpose,
        create_us=from_time(message.create_time),
        recorded_by=message.recorded_by,
    )


def spend_draft(message: pb.Spend) -> Spend:
    """Return a spend as the caller stated it, without output-only fields."""
    start = from_date(message.start_date, "spend.start_date")
    return Spend(
        "",
        message.channel,
        start,
        from_date(message.end_date, "spend.end_date") if message.HasField("end_date") else start,
        from_money(message.amount),
        campaign=message.campaign,
        purpose=message.purpose or ACQUISITION,
    )
