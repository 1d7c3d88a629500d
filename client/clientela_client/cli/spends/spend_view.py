"""How spending looks: what was spent, on which channel, over which days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.output.views import (
    Column,
    Fact,
    View,
    date,
    message_fields,
    money,
    pretty_money,
    time_fact,
    word,
)
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client.messages import Spend


def _last_day(spend: Spend) -> str:
    return date(spend.end_date if spend.HasField("end_date") else spend.start_date)


def purpose(spend: Spend) -> str:
    """Return what it was for, "acquisition" or "retention"."""
    return word(spend, "purpose") or "acquisition"


_TABLE: tuple[Column[Spend], ...] = (
    Column("ID", lambda s: last_part(s.name), is_id=True),
    Column("CHANNEL", lambda s: word(s, "channel"), truncatable=True),
    Column("CAMPAIGN", lambda s: s.campaign, truncatable=True, drop_priority=3),
    Column("FROM", lambda s: date(s.start_date), drop_priority=1),
    Column("TO", _last_day, drop_priority=2),
    Column(
        "AMOUNT",
        lambda s: money(s.amount),
        lambda s: pretty_money(s.amount),
        align_right=True,
        is_number=True,
    ),
    Column("CURRENCY", lambda s: s.amount.currency_code, for_people=False),
    Column("FOR", purpose, drop_priority=2),
)


def _facts(spend: Spend) -> list[Fact]:
    return [
        Fact("name", spend.name),
        Fact("channel", word(spend, "channel")),
        Fact("campaign", spend.campaign),
        Fact("start_date", date(spend.start_date)),
        Fact("end_date", _last_day(spend)),
        Fact("amount", money(spend.amount), pretty_money(spend.amount)),
        Fact("currency_code", spend.amount.currency_code, ""),
        Fact("purpose", purpose(spend)),
        time_fact(spend, "create_time"),
        Fact("recorded_by", spend.recorded_by),
    ]


SPEND: View[Spend] = View(
    singular="spend",
    plural="spends",
    table=_TABLE,
    flat=_TABLE,
    facts=_facts,
    name=lambda spend: spend.name,
    fields=message_fields,
)
