"""The view of changes of the feed: who wrote what and when, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clientela_client.cli.output.views import (
    Column,
    Fact,
    View,
    message_fields,
    pretty_money,
    stage_word,
    time,
    time_column,
)
from clientela_client.cli.words.names import customer_id, short_name

if TYPE_CHECKING:
    from clientela_client.messages import Change

_NAMED_MAX = 3
# Texts that the server sets.
_NOT_WRITTEN = {"name", "uid", "etag", "recorded_by"}


def _what(change: Change) -> str:
    """Return a summary of the resource after the write."""
    if change.HasField("customer"):
        return change.customer.display_name
    if change.HasField("purchase"):
        return f"{'-' if change.purchase.refund_of else ''}{pretty_money(change.purchase.amount)}"
    if change.HasField("segment"):
        return change.segment.display_name
    if change.HasField("spend"):
        return pretty_money(change.spend.amount) if change.spend.HasField("amount") else ""
    if change.HasField("membership_change"):
        moved = change.membership_change
        parts = _listed("came", moved.joined_customers), _listed("left", moved.left_customers)
        return "; ".join(filter(None, parts))
    noun = change.WhichOneof("resource")
    return first_text(getattr(change, noun)) if noun else ""


def first_text(resource: Any) -> str:
    """Return what people wrote first in a resource of any noun, "" if nothing."""
    texts = (
        value
        for field, value in resource.ListFields()
        if isinstance(value, str) and field.name not in _NOT_WRITTEN
    )
    return next(texts, "")


def _listed(did: str, customers: Sequence[str]) -> str:
    """Return "came: anna, blue-door, kim and 37 more", or "" without customers."""
    names = ", ".join(customer_id(name) for name in customers[:_NAMED_MAX])
    more = len(customers) - _NAMED_MAX
    return f"{did}: {names}{f' and {more} more' if more > 0 else ''}" if customers else ""


def _stages(change: Change) -> str:
    """Return "NEW -> REGULAR" where the stage changed, else ""."""
    if not change.HasField("stage_change"):
        return ""
    return f"{stage_word(change.stage_change, 'from_stage')} -> {stage_word(change.stage_change, 'to_stage')}"


def _now(change: Change) -> str:
    """Return the summary of the resource, and the stage change if there is one."""
    return ", ".join(filter(None, (_what(change), _stages(change))))


def _verb(change: Change) -> str:
    """Return the method without its service, or the name of a change by the server itself."""
    if change.method != "server":
        return change.method.rpartition(".")[2]
    return "members changed" if change.HasField("membership_change") else "stage changed"


_COLUMNS: tuple[Column[Change], ...] = (
    Column("REVISION", lambda c: f"{c.revision}", align_right=True, live_width=8),
    time_column("TIME", lambda c: [time(c, "commit_time")], live_width=19, drop_priority=2),
    Column("WHO", lambda c: c.actor, truncatable=True, drop_priority=1),
    Column("DID", lambda c: c.method, _verb, truncatable=True, live_width=15),
    Column("TO", lambda c: c.name, lambda c: short_name(c.name), is_id=True, live_width=38),
    Column("NOW", _now, truncatable=True),
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
