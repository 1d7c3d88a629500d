"""How changes look: who wrote what, when, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.names import short_name
from clientela_client.cli.views import (
    Column,
    Fact,
    View,
    enum_word,
    message_fields,
    pretty_money,
    time,
    time_for_people,
)

if TYPE_CHECKING:
    from clientela_client.messages import Change


def _what(change: Change) -> str:
    """Return the heart of the resource after the write."""
    if change.HasField("customer"):
        return change.customer.display_name
    if change.HasField("purchase"):
        return f"{'-' if change.purchase.refund_of else ''}{pretty_money(change.purchase.amount)}"
    if change.HasField("segment"):
        return change.segment.display_name
    if change.HasField("membership_change"):
        moved = change.membership_change
        return f"+{len(moved.joined_customers)} -{len(moved.left_customers)}"
    return ""


def _with_stage(change: Change) -> str:
    """Return the heart of the resource, and the stage where it changed."""
    if not change.HasField("stage_change"):
        return _what(change)
    moved = change.stage_change
    stages = [
        enum_word(moved, field, getattr(moved, field)) or "between" for field in ("from_stage", "to_stage")
    ]
    return f"{_what(change)} {' -> '.join(stages)}".strip()


def _verb(change: Change) -> str:
    return change.method.rpartition(".")[2]


_COLUMNS: tuple[Column[Change], ...] = (
    Column("REVISION", lambda c: f"{c.revision}", right=True, live_width=8),
    Column(
        "TIME", lambda c: time(c, "commit_time"), lambda c: time_for_people(c, "commit_time"), live_width=19
    ),
    Column("WHO", lambda c: c.actor),
    Column("DID", lambda c: c.method, _verb, live_width=15),
    Column("TO", lambda c: c.name, lambda c: short_name(c.name), live_width=38),
    Column("NOW", _with_stage),
    Column("REQUEST ID", lambda c: c.request_id, for_people=False),
)

_FLAT: tuple[Column[Change], ...] = (
    Column("revision", lambda c: f"{c.revision}"),
    Column("commit_time", lambda c: time(c, "commit_time")),
    Column("actor", lambda c: c.actor),
    Column("method", lambda c: c.method),
    Column("name", lambda c: c.name),
    Column("request_id", lambda c: c.request_id),
)


def _facts(change: Change) -> list[Fact]:
    return [Fact(column.title, column.plain(change), column.for_terminal(change)) for column in _FLAT]


CHANGE: View[Change] = View(
    singular="change",
    plural="changes",
    table=_COLUMNS,
    flat=_FLAT,
    facts=_facts,
    name=lambda change: change.name,
    fields=message_fields,
)
