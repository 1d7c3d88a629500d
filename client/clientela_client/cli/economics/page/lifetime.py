"""What clients will bring: all together, the back-test's forecast error, and the most valuable of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.economics.economics_chart import float_of
from clientela_client.cli.economics.economics_report import back_test_sentences
from clientela_client.cli.economics.lifetime_view import interval_text, parameters, summary
from clientela_client.cli.economics.page.findings import CLIENTS_MAX
from clientela_client.cli.economics.page.markup import Markup, details, joined, percent, section, table, tag
from clientela_client.cli.economics.page.scales import short
from clientela_client.cli.output.views import about, date, rounded_money
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.cli.words.names import customer_id
from clientela_client.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clientela_client.cli.economics.page.findings import Findings
    from clientela_client.messages import BackTest, LifetimePrediction, PredictLifetimeValueResponse

_TITLE = "What will they bring?"


def lifetime(findings: Findings) -> Markup:
    """Return the section of predictions, or why there are none."""
    response = findings.lifetime
    if response is None or not response.predictions:
        why = findings.why_no_lifetime or "There is nobody yet of whom anything could be predicted."
        return section("lifetime", _TITLE, f"Nothing is predicted. {why}")
    model = response.model
    test = _back_test(model.back_test) if model.HasField("back_test") else joined()
    facts = tag(
        "dl", *(tag("div", tag("dt", each.label), tag("dd", each.plain)) for each in parameters(model))
    )
    return section(
        "lifetime",
        _TITLE,
        summary(response, findings.question.horizon_days),
        tag("h3", "Forecast error"),
        test,
        tag("p", back_test_sentences(model)),
        tag("h3", "The most valuable"),
        _clients(response, findings.names),
        details("The models", facts),
    )


def _back_test(test: BackTest) -> Markup:
    """Return the back-test's prediction and the actual amount, as two bars on one scale."""
    predicted, came = float_of(test.predicted_amount), float_of(test.actual_amount)
    most = max(predicted, came) or 1.0
    since = f"{pluralized(test.day_count, 'day')} from {date(test.fitted_until)}"
    lines = (
        (f"Predicted, {since}", predicted, about(test.predicted_amount), "later"),
        ("Came", came, about(test.actual_amount), "now"),
    )
    rows = (
        tag("div", tag("dt", name), tag("dd", _bar(value / most, kind), tag("span", figure)))
        for name, value, figure, kind in lines
    )
    return tag("dl", *rows, class_="bars")


def _bar(share: float, kind: str) -> Markup:
    bar = tag("rect", x=0, y=1, width=percent(max(share, 0.0)), height=16, class_=f"{kind}-bar")
    return tag("svg", bar, width="100%", height="18", aria_hidden="true")


def _clients(response: PredictLifetimeValueResponse, names: dict[str, str]) -> Markup:
    shown = response.predictions[:CLIENTS_MAX]
    most = (
        max(float_of(each.value_high if each.HasField("value_high") else each.value) for each in shown) or 1.0
    )
    head = (
        "Client",
        "Will bring",
        "8 of 10 lie in",
        f"0 to {short(most)}",
        "Days with a purchase",
        "P(alive)",
    )
    rows = [_client(each, names, most) for each in shown]
    return table(head, rows, "The most valuable clients", class_="figures clients")


def _client(prediction: LifetimePrediction, names: dict[str, str], most: float) -> list[str]:
    name = one_line(names.get(prediction.customer, ""))
    known = customer_id(prediction.customer)
    who = joined(tag("span", name), " ", tag("small", known)) if name and name != known else known
    return [
        who,
        rounded_money(prediction.value),
        interval_text(prediction),
        _range(prediction, most),
        f"{prediction.purchase_days:,.1f}",
        f"{prediction.p_alive:.3f}",
    ]


def _range(prediction: LifetimePrediction, most: float) -> Markup:
    """Return the interval as a line with a point at the value; the figures stand beside it."""
    at = percent(float_of(prediction.value) / most)
    parts: Sequence[Markup] = ()
    if prediction.HasField("value_low"):
        low, high = float_of(prediction.value_low) / most, float_of(prediction.value_high) / most
        parts = (tag("line", x1=percent(low), x2=percent(high), y1=9, y2=9, class_="between"),)
    point = tag("circle", cx=at, cy=9, r=4, class_="now")
    return tag("svg", *parts, point, width="100%", height="18", aria_hidden="true", class_="range")
