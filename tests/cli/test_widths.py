"""What people see fits their terminal, at 40, 80 and 120 columns; what is piped is whole."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from rich.cells import cell_len

from clientela_client import Client
from clientela_client.cli.command.command_context import CommandContext
from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.customers.customer_view import CUSTOMER
from clientela_client.cli.economics.cohort_view import cohorts_report
from clientela_client.cli.economics.economics_questions import Question
from clientela_client.cli.economics.economics_report import report_of
from clientela_client.cli.economics.lifetime_view import lifetime_report
from clientela_client.cli.economics.rfm_view import rfm_report
from clientela_client.cli.output.answer_writer import AnswerWriter
from clientela_client.cli.output.change_view import CHANGE
from clientela_client.cli.output.report_writer import Report
from clientela_client.cli.output.views import View
from clientela_client.cli.purchases.purchase_view import PURCHASE
from clientela_client.cli.segments.segment_view import SEGMENT
from clientela_client.cli.spends.spend_view import SPEND
from clientela_client.cli.standing.policy_commands import POLICY
from clientela_client.cli.standing.standing_view import STANDING
from clientela_client.messages import (
    Change,
    Customer,
    CustomerTotals,
    Date,
    Money,
    Policy,
    Purchase,
    Segment,
    Spend,
    Standing,
    Timestamp,
)
from tests.cli import economics_samples as samples
from tests.cli.running import Cli

WIDTHS = (40, 80, 120)
MORNING = Timestamp(seconds=1_795_323_228)
MADE_ID = "0123456789abcdef0123"
LONG = "Blue Door Café and Roastery of the Upper Old Town, by appointment only"
WIDE = "東京都千代田区丸の内一丁目珈琲店 e\u0301té"


def money(units: int, currency: str = "EUR") -> Money:
    return Money(currency_code=currency, units=units, nanos=900_000_000)


CUSTOMERS = [
    Customer(
        name=f"customers/{MADE_ID}",
        display_name=LONG,
        emails=["roastery.of.the.upper.old.town@blue-door.example"],
        totals=[
            CustomerTotals(
                currency_code=currency,
                purchase_count=1234,
                amount=money(1_234_567, currency),
                first_purchase_time=MORNING,
                last_purchase_time=MORNING,
            )
            for currency in ("EUR", "USD")
        ],
        delete_time=MORNING,
    ),
    Customer(name="customers/tokyo", display_name=WIDE),
]
PURCHASES = [
    Purchase(
        name=f"customers/{MADE_ID}/purchases/{MADE_ID}",
        amount=money(1_234_567),
        refunded_amount=money(5),
        purchase_time=MORNING,
        note=LONG,
    ),
    Purchase(name="customers/tokyo/purchases/1", amount=money(1), purchase_time=MORNING, note=WIDE),
]
CHANGES = [
    Change(
        revision=123_456,
        commit_time=MORNING,
        actor="till-at-the-market",
        method="CustomerService.UndeleteCustomer",
        name=f"customers/{MADE_ID}",
        customer=CUSTOMERS[1],
    ),
    Change(
        revision=7,
        commit_time=MORNING,
        actor="admin",
        method="PurchaseService.RecordPurchase",
        name=PURCHASES[0].name,
        purchase=PURCHASES[0],
    ),
]
SEGMENTS = [Segment(name=f"segments/{MADE_ID}", display_name=LONG, filter=LONG, strategy=WIDE)]
SPENDS = [
    Spend(
        name=f"spends/{MADE_ID}",
        channel="ACQUISITION_CHANNEL_PUBLIC_RELATIONS",
        campaign=WIDE,
        start_date=Date(year=2026, month=3, day=1),
        amount=money(1_234_567),
    )
]
STANDINGS = [
    Standing(customer=f"customers/{MADE_ID}", kinds=["KIND_BUYER", "KIND_BUSINESS", "KIND_STRATEGIC"])
]
LISTS: dict[str, tuple[View[Any], Sequence[Any]]] = {
    "customers list": (CUSTOMER, CUSTOMERS),
    "purchases list": (PURCHASE, PURCHASES),
    "customers history": (CHANGE, CHANGES),
    "segments list": (SEGMENT, SEGMENTS),
    "spends list": (SPEND, SPENDS),
    "standing list": (STANDING, STANDINGS),
}
ONES: list[tuple[View[Any], Any]] = [
    *((view, items[0]) for view, items in LISTS.values()),
    (CUSTOMER, CUSTOMERS[1]),
    (POLICY, Policy(new_days=90)),
]
FIRST = Date(year=1997, month=1, day=1)
REPORTS: dict[str, Report[Any]] = {
    "show": report_of(samples.economics(), Question("EUR", FIRST, FIRST, None)),
    "ltv": lifetime_report(samples.predictions(), 365, of_one=False),
    "ltv of one": lifetime_report(samples.predictions(), 365, of_one=True),
    "rfm": rfm_report(samples.rfm()),
    "cohorts": cohorts_report(samples.cohorts()),
}


class Terminal(io.StringIO):
    """A terminal as far as an output can tell."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How wide the terminal is."""
    columns: int = request.param
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    return columns


def shown(items: Sequence[Any], view: View[Any], *, live: bool = False) -> list[str]:
    terminal = Terminal()
    AnswerWriter(None, color=False, stdout=terminal).write_many(iter(items), view, live=live)
    return terminal.getvalue().splitlines()


def widest(lines: Sequence[str]) -> int:
    return max(map(cell_len, lines))


@pytest.mark.parametrize("command", LISTS)
def test_a_list_is_no_wider_than_the_terminal(command: str, width: int) -> None:
    view, items = LISTS[command]
    lines = shown(items, view)
    assert widest(lines) <= width, "\n".join(lines)
    assert len(lines) == 1 + len(items), "a row is one line"


def test_the_id_of_a_spend_is_whole_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    made = "0190c5a1-7b1e-7c3a-9d52-3f1f0e6b8a44"
    short = [Spend(name=f"spends/{number}", amount=money(1)) for number in range(500)]
    spends = [*short, Spend(name=f"spends/{made}", amount=money(1_234_567), campaign=LONG)]
    lines = shown(spends, SPEND)
    assert lines[-1].startswith(f"{made}  ") and "1,234,567.90 EUR" in lines[-1]
    assert "0190c5a1" not in "".join(lines[:-1]) and widest(lines) <= 80


@pytest.mark.parametrize("command", LISTS)
def test_figures_are_whole_or_left_out_and_never_cut(command: str, width: int) -> None:
    view, items = LISTS[command]
    header, *rows = shown(items, view)
    for column in view.table:
        if column.align_right and column.title in header.split():
            for item, row in zip(items, rows, strict=True):
                assert column.for_terminal(item) in row


def test_a_watch_is_no_wider_than_the_terminal(width: int) -> None:
    assert widest(shown(CHANGES, CHANGE, live=True)) <= width


@pytest.mark.parametrize("item", range(len(ONES)))
def test_one_resource_is_no_wider_than_the_terminal(item: int, width: int) -> None:
    view, resource = ONES[item]
    terminal = Terminal()
    AnswerWriter(None, color=False, stdout=terminal).write_one(resource, view)
    assert widest(terminal.getvalue().splitlines()) <= width, terminal.getvalue()


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_no_wider_than_the_terminal(report: str, width: int) -> None:
    terminal = Terminal()
    AnswerWriter(None, color=False, stdout=terminal).write_report(REPORTS[report])
    lines = terminal.getvalue().splitlines()
    assert widest(lines) <= width, "\n".join(line for line in lines if cell_len(line) > width)


def test_the_ratios_of_channels_are_shown_at_any_width(width: int) -> None:
    terminal = Terminal()
    AnswerWriter(None, color=False, stdout=terminal).write_report(REPORTS["show"])
    text = terminal.getvalue()
    assert "LTV/CAC" in text and "PREDICTED/CAC" in text
    tables = sum(line.startswith("CHANNEL") for line in text.splitlines())
    assert tables == (1 if width == 120 else 2)


def test_the_scenarios_are_listed_no_wider_than_the_terminal(
    width: int, bare: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", terminal := Terminal())
        bare.done("--no-color", "lab", "list")
    lines = terminal.getvalue().splitlines()
    assert widest(lines) <= width
    assert sum("clientela lab run" in line for line in lines) > 10


@pytest.mark.usefixtures("width")
def test_what_is_cut_says_so_and_what_is_piped_is_whole() -> None:
    lines = shown([Customer(name="customers/a", display_name=LONG * 3)], CUSTOMER)
    assert lines[1].endswith("…")
    for form in ("table", None):
        pipe = io.StringIO()
        AnswerWriter(form, color=False, stdout=pipe).write_many(iter(CUSTOMERS), CUSTOMER)
        assert LONG in pipe.getvalue() and WIDE in pipe.getvalue() and "…" not in pipe.getvalue()


def test_columns_without_a_text_are_left_out_until_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    many = [Customer(name=f"customers/{number}", display_name="Ann") for number in range(600)]
    many[599].emails.append("ann@example.org")
    lines = shown(many, CUSTOMER)
    assert lines[0].split() == ["ID", "NAME"]
    assert lines[501].split() == ["ID", "NAME", "E-MAIL"]
    assert lines[-1].split() == ["599", "Ann", "ann@example.org"] and len(lines) == 602


def test_later_rows_that_need_more_room_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    paid = [Purchase(name=f"customers/a/purchases/{number}", amount=money(1)) for number in range(501)]
    paid[500].amount.units = 1_234_567_890
    lines = shown(paid, PURCHASE)
    assert lines[-1].endswith("1,234,567,890.90 EUR") and widest(lines) <= 80


@pytest.mark.parametrize(
    ("columns", "time"), [(79, "2026-11-22 04:53:48"), (76, "2026-11-22 04:53"), (70, "2026-11-22")]
)
def test_times_are_as_short_as_they_have_to_be(
    columns: int, time: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    paid = Purchase(
        name=f"customers/anna/purchases/{MADE_ID}", amount=money(1), purchase_time=MORNING, note="x" * 16
    )
    row = shown([paid], PURCHASE)[1]
    assert row == f"anna      {MADE_ID}  {time}  1.90 EUR  {'x' * 16}"


def test_columns_without_room_are_named_and_an_amount_is_the_last_to_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal, noted = Terminal(), Terminal()
    monkeypatch.setattr("sys.stderr", noted)
    context = CommandContext(RunOptions(), AnswerWriter(None, color=False, stdout=terminal), Client)
    context.show_all(PURCHASES, PURCHASE)
    header = terminal.getvalue().splitlines()[0].split()
    assert header == ["CUSTOMER", "TIME", "AMOUNT"]
    told = " ".join(noted.getvalue().split())
    assert "No room here for ID, REFUNDED, WHAT: --columns picks others, -o csv has all." in told
    assert widest(noted.getvalue().splitlines()) <= 40


def test_a_report_names_the_columns_without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    AnswerWriter(None, color=False, stdout=terminal).write_report(REPORTS["show"])
    assert "No room here for " in terminal.getvalue()
