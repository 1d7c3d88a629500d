"""Tables whose cells are shaded by how much is in them; the figure stands in each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.economics.cohort_view import RetentionCell, retention_cells, summary
from clientela_client.cli.economics.page.markup import Markup, details, joined, scrolled, section, table, tag
from clientela_client.cli.economics.rfm_view import SCORES, counts_of, limits
from clientela_client.cli.output.views import date, word
from clientela_client.cli.words.enum_choices import pluralized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clientela_client.cli.economics.page.findings import Findings
    from clientela_client.messages import GetRfmResponse

# Three years: `clientela economics cohorts -o csv` has all.
MONTHS_MAX = 36
_SHADES = 6


def shade(share: float) -> str:
    """Return the class for a share of the most: s0 for nothing, s1 to s6."""
    return "s0" if share <= 0 else f"s{min(_SHADES, int(share * _SHADES) + 1)}"


def cohorts(findings: Findings) -> Markup:
    """Return the section of retention."""
    response = findings.cohorts
    if response is None:
        return section("cohorts", "Who comes back?", findings.why_no_reports)
    shown = [retention_cells(each)[: MONTHS_MAX + 1] for each in list(response.cohorts)[-MONTHS_MAX:]]
    if not shown:
        return section("cohorts", "Who comes back?", summary(response))
    cut = f" The last {MONTHS_MAX} of them." if len(response.cohorts) > len(shown) else ""
    lead = f"Of the clients won in a month, the percentage who bought again so many months later.{cut}"
    return section("cohorts", "Who comes back?", lead, _triangle(shown), tag("p", summary(response)))


def _triangle(shown: Sequence[Sequence[RetentionCell]]) -> Markup:
    longest = max(map(len, shown))
    most = max((cell.share for cells in shown for cell in cells[1:]), default=0.0) or 1.0
    later = range(1, longest)
    head = tag(
        "tr",
        tag("th", "Won in", scope="col"),
        tag("th", "Clients", scope="col"),
        *(tag("th", f"+{place}", scope="col", title=f"{place} months later") for place in later),
    )
    rows = (
        tag(
            "tr",
            tag("th", cells[0].month, scope="row"),
            tag("td", f"{cells[0].customer_count:,}", class_="count"),
            *(_retention_cell(cell, most) for cell in cells[1:]),
            *(tag("td", class_="never") for _ in range(longest - len(cells))),
        )
        for cells in shown
    )
    heat = tag("table", tag("thead", head), tag("tbody", *rows), class_="heat triangle")
    return scrolled(heat, "Retention by month of the first purchase")


def _retention_cell(cell: RetentionCell, most: float) -> Markup:
    words = f"{cell.active_customer_count:,} of {cell.customer_count:,}"
    return tag("td", f"{cell.share * 100:.0f}", class_=shade(cell.share / most), title=words)


def rfm(findings: Findings) -> Markup:
    """Return the section of RFM."""
    response = findings.rfm
    if response is None:
        return section("rfm", "Who bought lately, and often?", findings.why_no_reports)
    if not response.cells:
        return section("rfm", "Who bought lately, and often?", f"Nobody bought in {response.currency_code}.")
    lead = (
        f"{pluralized(response.customer_count, 'client')} by how recently and how often they bought until "
        f"{date(response.as_of)}, scored by {word(response, 'scoring') or 'quintile'}; 5 is best."
    )
    meaning = details("What a score means", _limits(response)) if response.HasField("cutpoints") else joined()
    return section("rfm", "Who bought lately, and often?", lead, _grid(response), meaning)


def _grid(response: GetRfmResponse) -> Markup:
    counts = counts_of(response)
    most, total = max(counts.values()), sum(counts.values())
    head = tag("tr", tag("td", ""), *(tag("th", f"Freq. {each}", scope="col") for each in SCORES[::-1]))
    rows = (
        tag(
            "tr",
            tag("th", f"Recency {recency}", scope="row"),
            *(
                tag(
                    "td",
                    tag("b", f"{counts[recency, each]:,}"),
                    tag("span", f"{counts[recency, each] / total * 100:.1f} %"),
                    class_=shade(counts[recency, each] / most),
                )
                for each in SCORES[::-1]
            ),
        )
        for recency in SCORES
    )
    heat = tag("table", tag("thead", head), tag("tbody", *rows), class_="heat rfm")
    return scrolled(heat, "Clients by recency and frequency")


def _limits(response: GetRfmResponse) -> Markup:
    head = ("Score", "Last bought, days ago", "Purchases", f"Brought, {response.currency_code}")
    rows = [[f"{score}", *rest] for score, *rest in limits(response)]
    return table(head, rows, "What a score means", class_="figures")
