"""Texts of others drive neither a terminal nor a spreadsheet; in a file or a pipe they are what they are."""

import csv
import json
from io import StringIO

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.customers.customer_view import CUSTOMER
from clientela_client.cli.economics import economics_commands  # noqa: F401  all views
from clientela_client.cli.error_output import ErrorReport
from clientela_client.cli.output.answer_writer import AnswerWriter
from clientela_client.cli.purchases import purchase_view  # noqa: F401  all views
from clientela_client.cli.spends import spend_view  # noqa: F401  all views
from clientela_client.cli.words.cell_lists import join_values, split_values
from clientela_client.harmless import guarded, is_harmful, unguarded
from clientela_client.messages import Customer, from_dict
from tests.cli.running import Cli, new_id

ESC, CSI, OVERRIDE, TAG = "\x1b[31m", "\x9b31m", "\u202e", "\U000e0041"
EVIL = [
    f"a{text}b" for text in (ESC, CSI, OVERRIDE, TAG, "\u2066", "\u200f", "\x7f", "\u2028", "\x00", "\x07")
]
FORMS = ["csv", "json", "ndjson", "yaml", "table", "name"]
edges = st.text(st.sampled_from(list("ab;\\ \t\n\r'=-+@\uff1d\u3000ł\"")), max_size=8)


class Terminal(StringIO):
    """A terminal, as far as the output can tell."""

    def isatty(self) -> bool:
        return True


def written(form: str, customer: Customer, stdout: StringIO, *, raw: bool = False, one: bool = False) -> str:
    output = AnswerWriter(form, color=False, raw=raw, stdout=stdout)
    if one:
        output.write_one(customer, CUSTOMER)
    else:
        output.write_many([customer], CUSTOMER)
    return stdout.getvalue()


def somebody(text: str) -> Customer:
    return Customer(
        name=f"customers/{text}",
        display_name=text,
        patron=text,
        labels={"k": text},
        emails=[text],
        uid=text,
        etag=text,
    )


@pytest.mark.parametrize("one", [True, False])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", EVIL)
def test_no_form_sends_a_control_character_of_others_to_a_terminal(form: str, text: str, one: bool) -> None:
    shown = written(form, somebody(text), Terminal(), one=one)

    assert not is_harmful(shown.replace("\n", ""))
    assert "a" in shown


@pytest.mark.parametrize("text", EVIL)
def test_on_a_terminal_json_and_yaml_still_mean_the_same(text: str) -> None:
    customer = somebody(text)

    assert from_dict(Customer, json.loads(written("json", customer, Terminal()))[0]) == customer
    assert from_dict(Customer, json.loads(written("ndjson", customer, Terminal()))) == customer
    assert from_dict(Customer, yaml.safe_load(written("yaml", customer, Terminal()))[0]) == customer


@pytest.mark.parametrize("text", EVIL)
def test_to_a_pipe_the_bytes_are_exact(text: str) -> None:
    customer = somebody(text)

    assert from_dict(Customer, json.loads(written("ndjson", customer, StringIO()))) == customer
    assert (text in written("ndjson", customer, StringIO())) == (ord(text[1]) > 0x1F)
    assert text in written("csv", customer, StringIO())


@pytest.mark.parametrize("stdout", [StringIO, Terminal])
@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a"],
)
def test_a_cell_is_no_formula_unless_raw_is_asked_for(text: str, stdout: type[StringIO]) -> None:
    [row] = csv.DictReader(StringIO(written("csv", somebody(text), stdout(newline="")), newline=""))

    for column in ("display_name", "patron"):
        assert row[column].startswith("'")
    assert row["emails"].startswith(("'", "\\"))
    if stdout is StringIO:
        assert unguarded(row["display_name"]) == text
        [row] = csv.DictReader(
            StringIO(written("csv", somebody(text), stdout(newline=""), raw=True), newline="")
        )
        assert row["display_name"] == text


def test_a_telephone_number_is_no_formula_either() -> None:
    customer = Customer(display_name="Ann", phones=["+37052123456", "+48221234567"])
    [row] = csv.DictReader(StringIO(written("csv", customer, StringIO())))

    assert row["phones"] == "'+37052123456;+48221234567"


def test_a_number_of_ours_below_zero_needs_no_guard(cli: Cli) -> None:
    who = new_id("ann")
    cli.done("customers", "create", "--id", who, "--name", "Ann")
    cli.done("purchases", "record", who, "5", "EUR", "--id", "p")
    cli.done("purchases", "refund", f"{who}/p", "--reason", "=broken")

    rows = list(csv.DictReader(StringIO(cli.done("purchases", "list", who, "-o", "csv").stdout)))

    assert [row["amount"] for row in rows] == ["5.00", "-5.00"]
    assert rows[1]["note"] == "'=broken"
    raw = cli.done("purchases", "list", who, "-o", "csv", "--raw").stdout
    assert list(csv.DictReader(StringIO(raw)))[1]["note"] == "=broken"


@given(edges)
def test_a_guard_is_taken_away_as_it_was_put(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(edges.filter(bool), max_size=4))
def test_values_in_one_cell_are_the_values(values: list[str]) -> None:
    assert split_values(join_values(values)) == values
    assert split_values(unguarded(guarded(join_values(values)))) == values


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("a; b ;;c", ["a", "b", "c"]),
        ("AC\\DC;x", ["AC\\DC", "x"]),
        ("c\\;d", ["c;d"]),
        ("", []),
        ("'x", ["'x"]),
    ],
)
def test_cells_of_others_are_read_as_before(cell: str, values: list[str]) -> None:
    assert split_values(unguarded(cell)) == values


def test_what_went_wrong_does_not_drive_a_terminal_either() -> None:
    error_report = ErrorReport(
        6,
        f"said {ESC}",
        fields=[(f"f{CSI}", OVERRIDE)],
        facts={ESC: CSI},
        next_step=f"clientela get {ESC}{OVERRIDE}",
    )

    assert not is_harmful(error_report.as_text().replace("\n", ""))
