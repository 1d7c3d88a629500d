"""How standings look: alone as an explanation, label by label; in lists a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.output.fields import Field, field, view_of
from clientela_client.cli.output.views import (
    Fact,
    View,
    enum_word,
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


def _reasons(standing: Standing) -> list[Fact]:
    """Return the reason of each label, of those that hold first."""
    return [_reason(each) for holds in (True, False) for each in standing.findings if each.holds == holds]


_FIELDS: tuple[Field[Standing], ...] = (
    field(lambda s: customer_id(s.customer), table="CUSTOMER", flat="customer_id", is_id=True),
    field(lambda s: s.customer, fact="customer"),
    field(_stage, table="STAGE", flat="stage", fact="stage"),
    field(_kinds, _kinds_for_people, table="KINDS", flat="kinds", fact="kinds", truncatable=True),
    field(lambda s: time(s, "read_time"), flat="read_time"),
    Field(facts=lambda s: [time_fact(s, "read_time", title="As of")]),
    # A fact without text is left out.
    Field(facts=lambda s: [time_fact(s, "market_time", title="Compared")]),
    Field(facts=_reasons),
)

STANDING: View[Standing] = view_of("standing", "standings", _FIELDS, name=lambda standing: standing.customer)
