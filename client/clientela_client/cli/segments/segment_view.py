"""How segments look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.output.fields import Field, field, time_field, view_of
from clientela_client.cli.output.views import View
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client.messages import Segment

_FIELDS: tuple[Field[Segment], ...] = (
    field(lambda s: s.name, fact="name"),
    field(lambda s: last_part(s.name), table="ID", flat="segment_id", is_id=True),
    field(lambda s: s.display_name, table="NAME", flat="display_name", fact="display_name", truncatable=True),
    field(lambda s: s.filter, table="FILTER", flat="filter", fact="filter", truncatable=True),
    field(
        lambda s: s.strategy,
        table="STRATEGY",
        flat="strategy",
        fact="strategy",
        truncatable=True,
        drop_priority=1,
    ),
    time_field("create_time"),
    time_field("update_time"),
    field(lambda s: s.etag, flat="etag", fact="etag"),
)

SEGMENT: View[Segment] = view_of("segment", "segments", _FIELDS)
