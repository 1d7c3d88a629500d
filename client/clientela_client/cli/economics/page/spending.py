"""What was spent, by channel and campaign: the page's own words for what somebody typed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from clientela_client.cli.economics.page.findings import SPENDS_MAX
from clientela_client.cli.economics.page.markup import Markup, section, table, tag
from clientela_client.cli.output.views import date, word
from clientela_client.cli.spends.spend_view import purpose
from clientela_client.cli.words.amounts import NANOS, rounded_amount
from clientela_client.harmless import one_line

if TYPE_CHECKING:
    from clientela_client.cli.economics.page.findings import Findings

_TITLE = "What was spent?"


def spending(findings: Findings) -> Markup:
    """Return the section of spending, added up by channel, campaign and purpose."""
    response = findings.economics
    period = f"{date(response.start)} to {date(response.end)}"
    if not findings.spends:
        record = f"clientela spends record advertising 500 {response.currency_code} --from DATE --to DATE"
        return section(
            "spending", _TITLE, f"Nothing is recorded for {period}.", tag("p", tag("code", record))
        )
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for each in findings.spends:
        key = word(each, "channel").replace("_", " "), one_line(each.campaign), purpose(each)
        sums[key] += each.amount.units * NANOS + each.amount.nanos
    largest_first = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    rows = [
        [channel, campaign or "-", what, rounded_amount(*divmod(nanos, NANOS), response.currency_code)]
        for (channel, campaign, what), nanos in largest_first
    ]
    cut = f" The first {SPENDS_MAX:,} entries." if len(findings.spends) == SPENDS_MAX else ""
    lead = f"In {response.currency_code}: all that touches {period}, with what reaches beyond it.{cut}"
    head = ("Channel", "Campaign", "For", "Spent")
    return section("spending", _TITLE, lead, table(head, rows, "Spending", class_="figures words"))
