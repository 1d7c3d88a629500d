"""The top of the page: what it is about, what was taken for granted, and the figures of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.economics.economics_report import notes as notes_of
from clientela_client.cli.economics.economics_view import forecast_error, ratio_text, rounded, verdict
from clientela_client.cli.economics.page.markup import Markup, joined, tag
from clientela_client.cli.output.views import date, rounded_money
from clientela_client.cli.words.enum_choices import pluralized

if TYPE_CHECKING:
    from clientela_client.cli.economics.page.findings import Findings
    from clientela_client.messages import ChannelEconomics, GetCohortsResponse


def title(findings: Findings) -> str:
    """Return what the window is called."""
    response = findings.economics
    return f"Economics, {date(response.start)} to {date(response.end)}, {response.currency_code}"


def notes(findings: Findings) -> Markup:
    """Return what was taken for granted."""
    response, known = findings.economics, findings.cohorts
    until = f", with all that was bought until {date(known.as_of)}" if known else ""
    period = f"{date(response.start)} to {date(response.end)}, in {response.currency_code}{until}."
    return joined(*(tag("p", each) for each in (period, *notes_of(response, findings.question))))


def tiles(findings: Findings) -> Markup:
    """Return the figures of all clients together."""
    total = findings.economics.total
    return joined(
        *(_bought(findings.cohorts) if findings.cohorts else ()),
        _tile("Won in this time", f"{total.acquired_count:,}", f"for {rounded_money(total.spend)} spent"),
        _tile("Winning one costs (CAC)", rounded(total, "cac"), "all channels"),
        _tile("One brings (LTV)", rounded(total, "ltv_realized"), _later(findings)),
        _tile("So all channels together", verdict(total) or "-", _ratio(total)),
    )


def _bought(cohorts: GetCohortsResponse) -> tuple[Markup, ...]:
    back = cohorts.repeat_customer_count / cohorts.customer_count if cohorts.customer_count else 0.0
    return (
        _tile(
            "Clients who bought",
            f"{cohorts.customer_count:,}",
            pluralized(cohorts.purchase_count, "purchase"),
        ),
        _tile("Revenue", rounded_money(cohorts.amount), "less refunds"),
        _tile("Came back", f"{back * 100:.0f} %", f"{cohorts.repeat_customer_count:,} bought more than once"),
    )


def _tile(name: str, figure: str, note: str) -> Markup:
    return tag("div", tag("dt", name), tag("dd", tag("b", figure), tag("span", note)))


def _later(findings: Findings) -> str:
    total, model = findings.economics.total, findings.economics.model
    if not total.HasField("ltv_predicted"):
        return "nothing is predicted"
    return f"predicted {rounded_money(total.ltv_predicted)}, back-test {forecast_error(model)}"


def _ratio(total: ChannelEconomics) -> str:
    return f"LTV is {ratio_text(total, 'ratio')} of CAC" if total.HasField("ratio") else "LTV against CAC"
