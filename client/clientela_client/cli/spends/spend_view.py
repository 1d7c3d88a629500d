"""How spending looks: what was spent, on which channel, over which days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.output.fields import Field, field, view_of
from clientela_client.cli.output.views import View, date, money, pretty_money, time_fact, word
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client.messages import Spend


def _last_day(spend: Spend) -> str:
    return date(spend.end_date if spend.HasField("end_date") else spend.start_date)


def purpose(spend: Spend) -> str:
    """Return what it was for, "acquisition" or "retention"."""
    return word(spend, "purpose") or "acquisition"


_FIELDS: tuple[Field[Spend], ...] = (
    field(lambda s: s.name, fact="name"),
    field(lambda s: last_part(s.name), table="ID", flat="ID", is_id=True),
    field(lambda s: word(s, "channel"), table="CHANNEL", flat="CHANNEL", fact="channel", truncatable=True),
    field(
        lambda s: s.campaign,
        table="CAMPAIGN",
        flat="CAMPAIGN",
        fact="campaign",
        truncatable=True,
        drop_priority=3,
    ),
    field(lambda s: date(s.start_date), table="FROM", flat="FROM", fact="start_date", drop_priority=1),
    field(_last_day, table="TO", flat="TO", fact="end_date", drop_priority=2),
    field(
        lambda s: money(s.amount),
        lambda s: pretty_money(s.amount),
        table="AMOUNT",
        flat="AMOUNT",
        fact="amount",
        align_right=True,
        is_number=True,
    ),
    field(lambda s: s.amount.currency_code, table="CURRENCY", flat="CURRENCY", for_people=False),
    field(lambda s: s.amount.currency_code, lambda _: "", fact="currency_code"),
    field(purpose, table="FOR", flat="FOR", fact="purpose", drop_priority=2),
    Field(facts=lambda s: [time_fact(s, "create_time")]),
    field(lambda s: s.recorded_by, fact="recorded_by"),
)

SPEND: View[Spend] = view_of("spend", "spends", _FIELDS)
