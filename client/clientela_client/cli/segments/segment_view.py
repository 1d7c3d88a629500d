"""How segments look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.output.views import Column, Fact, View, message_fields, time, time_fact
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client.messages import Segment

_TABLE: tuple[Column[Segment], ...] = (
    Column("ID", lambda s: last_part(s.name), is_id=True),
    Column("NAME", lambda s: s.display_name, truncatable=True),
    Column("FILTER", lambda s: s.filter, truncatable=True),
    Column("STRATEGY", lambda s: s.strategy, truncatable=True, drop_priority=1),
)

_FLAT: tuple[Column[Segment], ...] = (
    Column("segment_id", lambda s: last_part(s.name)),
    Column("display_name", lambda s: s.display_name),
    Column("filter", lambda s: s.filter),
    Column("strategy", lambda s: s.strategy),
    Column("create_time", lambda s: time(s, "create_time")),
    Column("update_time", lambda s: time(s, "update_time")),
    Column("etag", lambda s: s.etag),
)


def _facts(segment: Segment) -> list[Fact]:
    return [
        Fact("name", segment.name),
        Fact("display_name", segment.display_name),
        Fact("filter", segment.filter),
        Fact("strategy", segment.strategy),
        time_fact(segment, "create_time"),
        time_fact(segment, "update_time"),
        Fact("etag", segment.etag),
    ]


SEGMENT: View[Segment] = View(
    singular="segment",
    plural="segments",
    table=_TABLE,
    flat=_FLAT,
    facts=_facts,
    name=lambda segment: segment.name,
    fields=message_fields,
)
