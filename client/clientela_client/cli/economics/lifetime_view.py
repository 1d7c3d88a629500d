"""How predictions look: a row each in lists, and for one client an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clientela_client.cli.economics.economics_report import back_test_sentences
from clientela_client.cli.output.report_writer import Report, ReportWriter
from clientela_client.cli.output.views import (
    Column,
    Fact,
    View,
    about,
    date,
    message_fields,
    money,
    rounded_money,
    word,
)
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.cli.words.names import customer_id

if TYPE_CHECKING:
    from clientela_client.messages import LifetimeModel, LifetimePrediction, PredictLifetimeValueResponse


def _end(prediction: Any, field: str) -> str:
    return money(getattr(prediction, field)) if prediction.HasField(field) else ""


def interval_text(prediction: LifetimePrediction) -> str:
    """Return "12.00 to 95.10", "-" where there was no back-test to tell it by."""
    if not prediction.HasField("value_low"):
        return "-"
    return f"{rounded_money(prediction.value_low)} to {rounded_money(prediction.value_high)}"


_TABLE: tuple[Column[LifetimePrediction], ...] = (
    Column("CUSTOMER", lambda p: customer_id(p.customer), is_id=True),
    Column("WILL BRING", lambda p: money(p.value), lambda p: rounded_money(p.value), align_right=True),
    Column("FROM", lambda p: _end(p, "value_low"), for_people=False),
    Column("TO", lambda p: _end(p, "value_high"), for_people=False),
    Column("8 OF 10 LIE IN", interval_text, align_right=True),
    Column(
        "ON DAYS", lambda p: f"{p.purchase_days!r}", lambda p: f"{p.purchase_days:,.1f}", align_right=True
    ),
    Column("P(ALIVE)", lambda p: f"{p.p_alive!r}", lambda p: f"{p.p_alive:.3f}", align_right=True),
    Column("A DAY", lambda p: money(p.mean_spend), lambda p: rounded_money(p.mean_spend), align_right=True),
)
_FLAT: tuple[Column[LifetimePrediction], ...] = (
    Column("customer_id", lambda p: customer_id(p.customer)),
    Column("currency", lambda p: p.value.currency_code),
    Column("value", lambda p: money(p.value), is_number=True),
    Column("value_low", lambda p: _end(p, "value_low"), is_number=True),
    Column("value_high", lambda p: _end(p, "value_high"), is_number=True),
    Column("purchase_days", lambda p: f"{p.purchase_days!r}"),
    Column("p_alive", lambda p: f"{p.p_alive!r}"),
    Column("mean_spend", lambda p: money(p.mean_spend), is_number=True),
    Column("repeat_purchase_days", lambda p: f"{p.history.repeat_purchase_days}"),
    Column("recency_days", lambda p: f"{p.history.recency_days}"),
    Column("age_days", lambda p: f"{p.history.age_days}"),
    Column("mean_repeat_spend", lambda p: money(p.history.mean_repeat_spend), is_number=True),
)
PREDICTION: View[LifetimePrediction] = View(
    singular="prediction",
    plural="predictions",
    table=_TABLE,
    flat=_FLAT,
    facts=lambda _: (),
    name=lambda prediction: prediction.customer,
    fields=message_fields,
)


def lifetime_report(
    response: PredictLifetimeValueResponse, horizon_days: int, *, of_one: bool
) -> Report[LifetimePrediction]:
    """Return the report of an answer; of_one: it is about one client."""
    write = _explain if of_one else _list
    return Report(
        response, list(response.predictions), PREDICTION, lambda writer: write(response, horizon_days, writer)
    )


def _list(response: PredictLifetimeValueResponse, horizon_days: int, writer: ReportWriter) -> None:
    writer.text(summary(response, horizon_days))
    if response.predictions:
        writer.line()
        writer.table(response.predictions, _TABLE)
    left = response.customer_count - len(response.predictions)
    if response.predictions and left > 0:
        writer.text(f"... and {left:,} more (--all)")
    _model(response.model, writer)


def summary(response: PredictLifetimeValueResponse, horizon_days: int) -> str:
    """Return the prediction for all clients together, as a sentence."""
    if not response.customer_count:
        return "There is nobody who bought until then, so nothing is predicted."
    who = pluralized(response.customer_count, "client")
    all_of_them = f"{who} will bring {about(response.total_value)} (discounted)"
    when = f"on {pluralized(round(response.total_purchase_days), 'day')}"
    alive = pluralized(
        round(response.total_p_alive), "of them still is a client", "of them still are clients"
    )
    said = f"In the next {pluralized(horizon_days, 'day')} {all_of_them}, {when}; about {alive}."
    if not response.HasField("total_value_low"):
        return said
    low, high = rounded_money(response.total_value_low), about(response.total_value_high)
    return f"{said} In 8 of 10 cases it is {low} to {high}, all together."


def _explain(response: PredictLifetimeValueResponse, horizon_days: int, writer: ReportWriter) -> None:
    for prediction in response.predictions:
        writer.facts(explanation(prediction, horizon_days))
    if not response.predictions:
        writer.text("This client bought nothing until then, so nothing is predicted.")
    _model(response.model, writer)


def explanation(prediction: LifetimePrediction, horizon_days: int) -> list[Fact]:
    """Return the prediction for one client, and the history that it is made from."""
    history = prediction.history
    first = f"{pluralized(history.age_days, 'day')} ago"
    bought = f"on one day, {first}"
    if history.repeat_purchase_days:
        last = f"{pluralized(history.age_days - history.recency_days, 'day')} ago"
        days = pluralized(history.repeat_purchase_days + 1, "day")
        bought = f"on {days}, the first {first}, the last {last}"
        bought += f"; those after the first brought {about(history.mean_repeat_spend)} each"
    alive = f"{prediction.p_alive:.3f}"
    if not history.repeat_purchase_days:
        alive += ": it is 1 for everybody who bought on one day only, and says nothing then"
    likely = "not known: there is too little history to try the models on"
    if prediction.HasField("value_low"):
        likely = f"{interval_text(prediction)}: {_likely(prediction)}"
    return [
        Fact("customer", prediction.customer),
        Fact(
            "will_bring",
            f"{about(prediction.value)} in {pluralized(horizon_days, 'day')}",
        ),
        Fact("likely", likely),
        Fact(
            "how",
            f"{prediction.purchase_days:,.1f} days with a purchase, {about(prediction.mean_spend)} each",
        ),
        Fact("still_a_client", alive),
        Fact("has_bought", bought),
    ]


def _likely(prediction: LifetimePrediction) -> str:
    """Return what the limits say."""
    if not (prediction.value_high.units or prediction.value_high.nanos):
        return "more than 8 of 10 such clients bring nothing"
    if prediction.value_low.units or prediction.value_low.nanos:
        return "8 of 10 such clients bring as much; 1 brings less, and 1 more"
    return "8 of 10 such clients bring as much, or nothing; 2 bring more"


def _model(model: LifetimeModel, writer: ReportWriter) -> None:
    if not model.customer_count:
        return
    writer.title("What it is from")
    writer.facts(parameters(model))
    writer.line()
    writer.text(back_test_sentences(model))


def parameters(model: LifetimeModel) -> list[Fact]:
    """Return what was fitted, on whom."""
    unit = word(model, "time_unit") or "week"
    bg = model.bg_nbd
    return [
        Fact("clients", f"{model.customer_count:,}, what they bought until {date(model.as_of)}"),
        Fact(
            "how_often",
            f"BG/NBD: r = {bg.r:.4f}, alpha = {bg.alpha:.4f} {unit}s, a = {bg.a:.4f}, b = {bg.b:.4f}; "
            f"log-likelihood {bg.log_likelihood:,.2f}",
        ),
        Fact("how_much", _how_much(model)),
    ]


def _how_much(model: LifetimeModel) -> str:
    if not model.HasField("gamma_gamma"):
        return "amounts do not tell clients apart: a day is taken to be worth what it was on average"
    gg = model.gamma_gamma
    return (
        f"Gamma-Gamma: p = {gg.p:.4f}, q = {gg.q:.4f}, v = {gg.v:.4f}; "
        f"log-likelihood {gg.log_likelihood:,.2f}, on {gg.customer_count:,} who came back; "
        f"correlation of amount and frequency {gg.correlation:.3f}"
    )
