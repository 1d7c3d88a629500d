"""Months: what was bought, and by how many clients, new and returning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from clientela_client.cli.economics.cohort_view import month as month_name
from clientela_client.cli.economics.economics_chart import float_of
from clientela_client.cli.economics.page.markup import Markup, details, joined, percent, section, table, tag
from clientela_client.cli.economics.page.scales import lines_of, short
from clientela_client.cli.output.views import rounded_money
from clientela_client.cli.words.enum_choices import pluralized

if TYPE_CHECKING:
    from clientela_client.cli.economics.page.findings import Findings
    from clientela_client.messages import Month

# Ten years: more bars than that are no bars any more.
MONTHS_MAX = 120
_HEIGHT = 150
_TITLES_MAX = 4
# With more bars than that, the first is too narrow to stand over its name.
_BROAD_MAX = 8
_HATCH = tag(
    "defs",
    tag(
        "pattern",
        tag("rect", width=6, height=6, class_="hatch-ground"),
        tag("path", d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", class_="hatch-line"),
        id="hatch",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
    ),
)


def months(findings: Findings) -> Markup:
    """Return the section of months."""
    response = findings.cohorts
    if response is None:
        return section("months", "Month by month", findings.why_no_reports)
    shown = list(response.months)[-MONTHS_MAX:]
    if not shown:
        return section("months", "Month by month", "Nothing was bought yet.")
    cut = "" if len(shown) == len(response.months) else f" The last {MONTHS_MAX} months."
    return section(
        "months",
        "Month by month",
        f"What was bought, less refunds, and by how many clients.{cut}",
        tag(
            "div",
            _figure(f"Revenue, {response.currency_code}", _revenue(shown)),
            _figure("Clients: ▨ new, ■ returning", _clients(shown)),
            class_="pair",
        ),
        details("The same as a table", _table(shown)),
    )


def _figure(title: str, drawing: Markup) -> Markup:
    return tag("figure", tag("figcaption", title), drawing, class_="plot")


def _revenue(shown: Sequence[Month]) -> Markup:
    values = [max(0.0, float_of(each.amount)) for each in shown]
    bars = [
        _bar(
            place,
            len(shown),
            low=0,
            height=value / (lines_of(max(values))[-1]),
            kind="revenue",
            words=_words(each),
        )
        for place, (each, value) in enumerate(zip(shown, values, strict=True))
    ]
    return _drawing(shown, max(values), bars, f"Revenue in each of {pluralized(len(shown), 'month')}")


def _clients(shown: Sequence[Month]) -> Markup:
    largest = max(each.active_customer_count for each in shown)
    top = lines_of(largest)[-1]
    bars = [_HATCH]
    for place, each in enumerate(shown):
        back, new = each.returning_customer_count / top, each.new_customer_count / top
        at, words = (place, len(shown)), _words(each)
        bars.append(_bar(*at, low=0, height=back, kind="returning", words=words))
        bars.append(_bar(*at, low=back, height=new, kind="", words=words, fill="url(#hatch)"))
    return _drawing(
        shown, largest, bars, f"New and returning clients in each of {pluralized(len(shown), 'month')}"
    )


def _bar(
    place: int, count: int, *, low: float, height: float, kind: str, words: str, fill: str | None = None
) -> Markup:
    """Return a bar from `low` on, both in shares of the drawing's height."""
    return tag(
        "rect",
        tag("title", words),
        x=percent((place + 0.1) / count),
        width=percent(0.8 / count),
        y=_HEIGHT * (1 - low - height),
        height=_HEIGHT * height,
        class_=kind or None,
        fill=fill,
    )


def _drawing(shown: Sequence[Month], largest: float, bars: Sequence[Markup], label: str) -> Markup:
    lines = lines_of(largest)
    grid: list[Markup] = []
    for value in lines:
        y = _HEIGHT * (1 - value / lines[-1])
        grid.append(tag("line", x1=0, x2="100%", y1=y, y2=y, class_="grid"))
        grid.append(tag("text", short(value), x=-8, y=y + 4, class_="tick", text_anchor="end"))
    return tag(
        "svg",
        *grid,
        joined(*bars),
        *_titles(shown),
        height=f"{_HEIGHT + 22}",
        role="img",
        aria_label=f"{label}; the table below has the figures.",
    )


def _titles(shown: Sequence[Month]) -> list[Markup]:
    """Return the names of a few months, evenly apart."""
    drawn = []
    for place in range(0, len(shown), math.ceil(len(shown) / _TITLES_MAX)):
        x, anchor = (place + 0.5) / len(shown), "middle"
        if place == 0 and len(shown) > _BROAD_MAX:
            x, anchor = 0.0, "start"
        name = month_name(shown[place].month)
        drawn.append(tag("text", name, x=percent(x), y=_HEIGHT + 18, text_anchor=anchor, class_="tick"))
    return drawn


def _words(month: Month) -> str:
    bought = pluralized(month.purchase_count, "purchase")
    return (
        f"{month_name(month.month)}: {rounded_money(month.amount)} {month.amount.currency_code} in {bought}; "
        f"{pluralized(month.new_customer_count, 'new client')}, {month.returning_customer_count:,} returning"
    )


def _table(shown: Sequence[Month]) -> Markup:
    head = ("Month", "Revenue", "Purchases", "Clients", "New", "Returning")
    rows = [
        [
            month_name(each.month),
            rounded_money(each.amount),
            f"{each.purchase_count:,}",
            f"{each.active_customer_count:,}",
            f"{each.new_customer_count:,}",
            f"{each.returning_customer_count:,}",
        ]
        for each in shown
    ]
    return table(head, rows, "Months, in figures", class_="figures")
