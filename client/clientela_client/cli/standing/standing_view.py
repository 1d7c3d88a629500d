"""How standings look: alone as an explanation, label by label; in lists a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.output.views import (
    Column,
    Fact,
    View,
    enum_word,
    message_fields,
    stage_word,
    time,
    time_fact,
)
from clientela_client.cli.words.names import customer_id

if TYPE_CHECKING:
    from clientela_client.messages import Finding, Standing


def _stage(standing: Standing) -> str:
    return stage_word(standing, "stage")


def _kinds(standing: Standing, separator: str = ";") -> str:
    return separator.join(enum_word(standing, "kinds", kind).upper() for kind in standing.kinds)


def _kinds_for_people(standing: Standing) -> str:
    return _kinds(standing, ", ")


_TABLE: tuple[Column[Standing], ...] = (
    Column("CUSTOMER", lambda s: customer_id(s.customer), is_id=True),
    Column("STAGE", _stage),
    Column("KINDS", _kinds, _kinds_for_people, truncatable=True),
)

_FLAT: tuple[Column[Standing], ...] = (
    Column("customer_id", lambda s: customer_id(s.customer)),
    Column("stage", _stage),
    Column("kinds", _kinds),
    Column("read_time", lambda s: time(s, "read_time")),
)


def _reason(finding: Finding) -> Fact:
    """Return whether a label holds, why, and what would turn it: for programs all in one line."""
    turn = f"{finding.flips_if[:1].upper()}{finding.flips_if[1:]}."
    return Fact(
        finding.label.lower(),
        f"{'yes' if finding.holds else 'no'}. {finding.explanation} {turn}",
        finding.explanation,
        title=finding.label,
        below=turn,
        under="It is" if finding.holds else "It is not",
    )


def _facts(standing: Standing) -> list[Fact]:
    held = [each for each in standing.findings if each.holds]
    others = [each for each in standing.findings if not each.holds]
    return [
        Fact("customer", standing.customer),
        Fact("stage", _stage(standing)),
        Fact("kinds", _kinds(standing), _kinds_for_people(standing)),
        time_fact(standing, "read_time", title="As of"),
        *([time_fact(standing, "market_time", title="Compared")] if standing.HasField("market_time") else []),
        *map(_reason, (*held, *others)),
    ]


STANDING: View[Standing] = View(
    singular="standing",
    plural="standings",
    table=_TABLE,
    flat=_FLAT,
    facts=_facts,
    name=lambda standing: standing.customer,
    fields=message_fields,
)
