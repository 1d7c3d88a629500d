"""`economics show` as people read it: the figures, the bars, and a sentence for each verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela_client.cli.economics.economics_chart import bars
from clientela_client.cli.economics.economics_view import CHANNEL, channel_name, columns, ratio_columns
from clientela_client.cli.output.report_writer import Report, ReportWriter
from clientela_client.cli.output.views import Fact, about, date, rounded_money
from clientela_client.cli.words.enum_choices import pluralized

if TYPE_CHECKING:
    from clientela_client.cli.economics.economics_questions import Question
    from clientela_client.messages import (
        BackTest,
        ChannelEconomics,
        GetUnitEconomicsResponse,
        LifetimeModel,
        Retention,
    )


# From here on one table has room for all columns.
_WIDE = 96
_NOBODY = "nobody bought in this time who had bought before it"


def report_of(response: GetUnitEconomicsResponse, question: Question) -> Report[ChannelEconomics]:
    """Return the report of the answer to a question."""
    return Report(
        response, list(response.channels), CHANNEL, lambda writer: _write(response, question, writer)
    )


def _write(response: GetUnitEconomicsResponse, question: Question, writer: ReportWriter) -> None:
    writer.text(heading(response))
    for note in notes(response, question):
        writer.text(note)
    writer.line()
    if is_empty(response):
        writer.text(empty_sentence(response))
    else:
        _write_channels(response, writer)
        _draw(response, writer)
        writer.title("What follows")
        writer.facts(verdicts(response))
    writer.line()
    for sentence in (retention_sentence(response.retention, response.total), prediction_sentence(response)):
        writer.text(sentence)


def _write_channels(response: GetUnitEconomicsResponse, writer: ReportWriter) -> None:
    """Write the channels' figures; in a narrow terminal the ratios are a table of their own."""
    rows = [*response.channels, response.total]
    wide = writer.width >= _WIDE
    writer.table(rows, columns(response, ratios=wide))
    if not wide:
        writer.line()
        writer.table(rows, ratio_columns(response))


def _draw(response: GetUnitEconomicsResponse, writer: ReportWriter) -> None:
    plain = writer.drawing == "plain"
    lines = bars(response.channels, writer.width, plain=plain) if writer.drawing else []
    legend = "# so far, . predicted" if plain else "█ so far, ░ predicted"
    if lines:
        writer.title(
            f"What winning a client costs (CAC), and what it brings (LTV: {legend}), {response.currency_code}"
        )
        for line in lines:
            writer.line(line)


def heading(response: GetUnitEconomicsResponse) -> str:
    """Return the heading: currency and period."""
    return f"Unit economics in {response.currency_code}, {date(response.start)} to {date(response.end)}"


def notes(response: GetUnitEconomicsResponse, question: Question) -> list[str]:
    """Return the assumptions: why this period, and the gross margin."""
    margin = f"Gross margin {response.gross_margin * 100:g} %"
    if question.margin is None:
        margin += ", as none was given: all revenue counts as earned (--margin 40%)"
    return [*([question.why] if question.why else []), f"{margin}."]


def is_empty(response: GetUnitEconomicsResponse) -> bool:
    """Return whether nothing was spent and no client was acquired."""
    total = response.total
    return not (total.acquired_count or total.spend.units or total.spend.nanos)


def empty_sentence(response: GetUnitEconomicsResponse) -> str:
    """Return the sentence for an empty report."""
    return f"Nothing was spent in {response.currency_code}, and nobody was won by it, in this time."


def verdicts(response: GetUnitEconomicsResponse) -> list[Fact]:
    """Return one sentence for each channel, and one for all."""
    of_channels = [Fact(channel_name(each), each.explanation) for each in response.channels]
    return [*of_channels, Fact("all", response.total.explanation)]


def retention_sentence(retention: Retention, total: ChannelEconomics) -> str:
    """Return the sentence on the cost of retention beside that of acquisition, from the ledger alone."""
    count = retention.retained_count
    who = f"{count:,} bought in this time who had bought before it" if count else _NOBODY
    if not (retention.spend.units or retention.spend.nanos):
        return f"Retention: {who}; nothing was recorded as spent on that (spends record ... --retention)."
    if not retention.HasField("cost"):
        return f"Retention: {who}, and {about(retention.spend)} was spent on that."
    said = f"Retention: {who}, for {about(retention.spend)}: {rounded_money(retention.cost)} each."
    if retention.HasField("acquisition_ratio"):
        said += (
            f" Winning one ({rounded_money(total.cac)}) cost {retention.acquisition_ratio:.1f} times as much."
        )
    return said


def prediction_sentence(response: GetUnitEconomicsResponse) -> str:
    """Return the data and the back-test of the predictions; or why there are none."""
    if not response.HasField("model"):
        return f"Predicted: nothing. {response.no_prediction}"
    model = response.model
    bought = f"what {pluralized(model.customer_count, 'client')} bought until {date(model.as_of)}"
    return f"Predicted from {bought}. {back_test_sentences(model)}"


def forecast_error_text(relative_error: float) -> str:
    """Return "forecast error 7.1 % too low" of -0.071."""
    return f"forecast error {abs(relative_error) * 100:.1f} % too {'low' if relative_error < 0 else 'high'}"


def back_test_sentences(model: LifetimeModel) -> str:
    """Return the result of the back-test, as sentences."""
    edge = ""
    if model.bg_nbd.at_the_edge or model.gamma_gamma.at_the_edge:
        edge = "The clients do not determine the model: what is predicted is not to be relied on. "
    if not model.HasField("back_test"):
        return f"{edge}There is too little history for a back-test: the forecast error is not known."
    test = model.back_test
    came = test.actual_amount.units or test.actual_amount.nanos
    days = pluralized(test.day_count, "day")
    if test.asked_day_count > test.day_count:
        days += f" (not all {test.asked_day_count}: for these there is too little history)"
    return (
        f"{edge}Back-test: from {date(test.fitted_until)} on, the same models predicted "
        f"{about(test.predicted_amount)} for {days}, and "
        + (
            f"{about(test.actual_amount)} came: {forecast_error_text(test.relative_error)}."
            if came
            else "nothing came."
        )
        + _limits_held(test)
    )


def _limits_held(test: BackTest) -> str:
    """Return the coverage of prediction intervals; "" from an older server, which does not report it."""
    if not test.limits_level:
        return ""
    held = (
        f" Limits within which 8 of 10 were to lie held for {_percent(test.limits_held)} of all clients "
        f"({_percent(test.brought_nothing)} brought nothing), for {_percent(test.open_limits_held)} of those "
        f"with more than 0 for limits, and for {_percent(test.top_limits_held)} of the 50 of whom most was "
        "predicted"
    )
    if test.limits_level > _PROMISED:
        return f"{held}; those of today are wider, made for {_percent(test.limits_level)}."
    return f"{held}."


_PROMISED = 0.8


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
