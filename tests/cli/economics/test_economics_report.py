"""What reports look like to people: the chart, the shaded grids, the tables and the sentences."""

import datetime
import io
import re
from typing import Any

import click
import pytest

from clientela_client.cli.economics.cohort_view import cohorts_report
from clientela_client.cli.economics.economics_chart import bars
from clientela_client.cli.economics.economics_questions import Question, period_of
from clientela_client.cli.economics.economics_report import report_of
from clientela_client.cli.economics.lifetime_view import lifetime_report
from clientela_client.cli.economics.rfm_view import rfm_report
from clientela_client.cli.output.report_writer import Drawing, Report, ReportWriter
from clientela_client.cli.words.report_options import day_type, discount_type
from clientela_client.messages import Date, GetCohortsResponse, GetUnitEconomicsResponse, from_dict
from tests.cli import economics_samples as samples

# 28 columns are 61.40.
BLOCKS = """\
advertising  CAC  ████████████████████████████ 61.40
             LTV  ███████████░░░░░░░░░░░ 24.10, predicted 47.80
  marketing  CAC  ██████▉ 15.00
             LTV  ██████████████████▉░░░░░ 41.33, predicted 52.00
   referral  CAC  █████████████▋ 30.00
             LTV  ████████████▌░░ 27.50, predicted 33.10"""
PLAIN = """\
advertising  CAC  ############################ 61.40
             LTV  ###########........... 24.10, predicted 47.80
  marketing  CAC  ####### 15.00
             LTV  ###################..... 41.33, predicted 52.00
   referral  CAC  ############## 30.00
             LTV  #############.. 27.50, predicted 33.10"""


def question(**more: Any) -> Question:
    first = Date(year=1997, month=1, day=1)
    return Question("EUR", first, first, None, **more)


def written(report: Report[Any], drawing: Drawing = "", width: int = 100, *, color: bool = False) -> str:
    stdout = io.StringIO()
    writer = ReportWriter(stdout, color=color)
    writer.drawing, writer.width = drawing, width
    report.write(writer)
    return stdout.getvalue()


@pytest.mark.parametrize(("plain", "picture"), [(False, BLOCKS), (True, PLAIN)])
def test_bars_of_cost_and_value_have_one_scale(plain: bool, picture: str) -> None:
    channels = [each for each in samples.economics().channels if each.HasField("cac")]
    assert "\n".join(bars(channels, 69, plain=plain)) == picture


def test_no_bar_is_wider_than_the_terminal() -> None:
    for width in (60, 80, 200):
        assert max(map(len, bars(samples.economics().channels, width, plain=False))) <= width


def test_there_is_no_chart_of_nothing_and_none_in_a_pipe() -> None:
    assert bars(GetUnitEconomicsResponse().channels, 80, plain=False) == []
    report = report_of(samples.economics(), question())
    assert "█" not in written(report, "") and "█" in written(report, "blocks")
    assert "##" in written(report, "plain")


def test_a_report_shows_each_verdict_its_reason_and_the_error_beside_what_is_predicted() -> None:
    text = written(report_of(samples.economics(), question(margin=0.4)))
    [row] = [line.split() for line in text.splitlines() if line.startswith("advertising ")]
    assert row == ["advertising", *"12,280.00 200 61.40 24.10 0.39 47.80 -7.0 % 0.77 UNPROFITABLE".split()]
    assert "not known" in text and "pays later" in text and "profitable" in text
    assert "Marketing    What marketing costs, and what it brings." in text
    assert "Gross margin 40 %." in text
    assert "Winning one (34.72) cost 13.4 times as much." in " ".join(text.split())
    assert "came: forecast error 7.0 % too low." in " ".join(text.split())


def test_a_margin_that_nobody_gave_is_named() -> None:
    answer = samples.economics()
    answer.gross_margin = 1.0
    assert "Gross margin 100 %, as none was given" in written(report_of(answer, question()))


def test_without_predictions_all_else_is_there_with_the_reason() -> None:
    text = written(report_of(samples.economics(predicted=False), question(margin=0.4)))
    assert "BACK-TEST" not in text and "61.40" in text
    assert "Predicted: nothing. There are too few clients who came back." in text


def test_a_narrow_terminal_gets_fewer_columns_not_broken_ones() -> None:
    text = written(report_of(samples.economics(), question()), width=80)
    figures, ratios, *_ = re.findall(r"^CHANNEL.*", text, re.MULTILINE)
    assert "LTV/CAC" not in figures and "BACK-TEST" in figures
    assert ratios.split() == ["CHANNEL", "LTV/CAC", "PREDICTED/CAC"]
    assert max(map(len, text.splitlines())) <= 80


def test_recency_by_frequency_is_shaded_and_its_scores_explained() -> None:
    text = written(rfm_report(samples.rfm()), "blocks")
    assert "recency 5       16 ▒▒       26 ▒▒       36 ▓▓       46 ██       56 ██" in text
    assert "recency 1        8 ░░       10 ░░       12 ░░       14 ▒▒        0" in text
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "5 to 142 over 4 over 130.90" in rows
    assert "2 over 484.6, to 515 nobody over 14.37, to 29.32" in rows
    assert "\x1b[" in written(rfm_report(samples.rfm()), "blocks", color=True)


def test_retention_is_a_triangle_that_fits() -> None:
    text = written(cohorts_report(samples.cohorts()), "plain")
    assert "1997-03      751     100     29 ##  22 ##  20 ++" in text
    narrow = written(cohorts_report(samples.cohorts()), "plain", width=40)
    assert max(map(len, narrow.splitlines()[5:9])) <= 40
    assert "more columns do not fit here" in narrow


def test_nothing_bought_is_said_and_not_drawn() -> None:
    today = {"year": 2026, "month": 11, "day": 22}
    nobody = from_dict(GetCohortsResponse, {"currency_code": "EUR", "as_of": today})
    assert written(cohorts_report(nobody), "blocks") == "Nobody bought in EUR until 2026-11-22.\n"


def test_one_client_is_explained() -> None:
    answer = samples.predictions()
    del answer.predictions[1:]
    text = " ".join(written(lifetime_report(answer, 365, of_one=True)).split())
    assert "Will bring 1,234.50 EUR in 365 days" in text
    assert "Likely 800.00 to 1,700.25: 8 of 10 such clients bring as much; 1 brings less, and 1 more" in text
    assert "on 53 days, the first 545 days ago, the last 15 days ago" in text
    assert "r = 0.2430, alpha = 4.4140 weeks" in text


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("0", "21", "0.00 to 21.00: 8 of 10 such clients bring as much, or nothing; 2 bring more"),
        ("0", "0", "0.00 to 0.00: more than 8 of 10 such clients bring nothing"),
    ],
)
def test_limits_say_what_they_mean_where_nothing_may_come(low: str, high: str, said: str) -> None:
    answer = samples.predictions()
    del answer.predictions[1:]
    answer.predictions[0].value_low.units, answer.predictions[0].value_low.nanos = int(low), 0
    answer.predictions[0].value_high.units, answer.predictions[0].value_high.nanos = int(high), 0
    assert said in " ".join(written(lifetime_report(answer, 365, of_one=True)).split())


def test_beside_what_is_predicted_stands_how_often_limits_held_and_of_how_many_days() -> None:
    text = " ".join(written(lifetime_report(samples.predictions(), 365, of_one=False)).split())
    assert "In 8 of 10 cases it is 41,000.00 to 72,000.50 EUR, all together." in text
    assert "for 273 days (not all 365: for these there is too little history)" in text
    assert "held for 82 % of all clients (71 % brought nothing), for 79 % of those with more than 0" in text
    assert "for 76 % of the 50 of whom most was predicted; those of today are wider, made for 84 %." in text


def test_who_came_once_is_not_called_certain() -> None:
    answer = samples.predictions(tried=False)
    del answer.predictions[:1]
    text = written(lifetime_report(answer, 365, of_one=True))
    assert "it is 1 for everybody who bought on one day only" in text
    assert "there is too little history to try the models on" in text
    assert "There is too little history for a back-test" in text


day = datetime.date


def months(*counts: tuple[int, int, int]) -> GetCohortsResponse:
    answer = {
        "as_of": {"year": 2026, "month": 11, "day": 22},
        "months": [
            {"month": {"year": year, "month": month, "day": 1}, "new_customer_count": str(won)}
            for year, month, won in counts
        ],
    }
    return from_dict(GetCohortsResponse, answer)


@pytest.mark.parametrize(
    ("answer", "start", "why"),
    [
        (months((2024, 3, 9), (2026, 2, 1)), day(2025, 12, 1), "the last twelve months"),
        (months((2025, 12, 9)), day(2025, 12, 1), "all that there is (--from"),
        (
            months((2024, 3, 9), (2025, 11, 1)),
            day(2024, 3, 1),
            "is: nobody was won in the last twelve months",
        ),
        (months(), day(2025, 12, 1), "all that there is (--from"),
    ],
)
def test_the_period_is_the_last_twelve_months_or_all(
    answer: GetCohortsResponse, start: datetime.date, why: str
) -> None:
    first, last, said = period_of(answer, None, None)
    assert (first, last) == (start, day(2026, 11, 22))
    assert why in said


def test_all_that_there_is_begins_with_what_was_spent_before() -> None:
    first, last, _ = period_of(months((2024, 3, 9)), day(2024, 12, 31), day(2024, 2, 10))
    assert (first, last) == (day(2024, 2, 10), day(2024, 12, 31))


def test_twelve_months_are_counted_on_a_leap_day_too() -> None:
    first, last, _ = period_of(months((2020, 1, 1), (2024, 2, 1)), day(2024, 2, 29), None)
    assert (first, last) == (day(2023, 3, 1), day(2024, 2, 29))


@pytest.mark.parametrize(
    ("text", "share"), [("40%", 0.4), ("0.4", 0.4), ("100%", 1.0), ("1", 1.0), ("0", 0.0)]
)
def test_a_share_is_typed_as_percent_or_as_a_part(text: str, share: float) -> None:
    assert discount_type.convert(text, None, None) == share


@pytest.mark.parametrize("text", ["40", "much", "", "%"])
def test_what_may_be_meant_in_two_ways_is_no_share(text: str) -> None:
    with pytest.raises(click.BadParameter):
        discount_type.convert(text, None, None)


@pytest.mark.parametrize("text", ["yesterday", "1997-02-29", "1997-02-28T08:26:00Z"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no day"):
        day_type.convert(text, None, None)
