"""A value that gRPC or stdout can't hold is a usage error that names the option and its bounds.

And what stdout's encoding has not is written as an escape where there are some, or refused.
"""

import json
import re
import shlex
import subprocess
from collections.abc import Mapping

import click
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2, economics_pb2, feed_pb2
from clientela_client.cli.main import root
from clientela_client.cli.words.numbers import INT32_MAX, INT64_MAX, Seconds, WholeFrom
from clientela_client.cli.words.report_options import discount_type, margin_type
from tests.cli.running import TIMEOUT_S, Cli, Ended, command, new_id

CUT = b"caf\xc3".decode("utf-8", "surrogateescape")


def commands(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command of the tree but those of the lab, with the words that lead to it."""
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in group.list_commands(context):
        each = group.get_command(context, name)
        if isinstance(each, click.Group) and name != "lab":
            found += commands(each, (*words, name))
        elif each is not None and not isinstance(each, click.Group):
            found.append(((*words, name), each))
    return found


ALL = commands(root)
BOUNDED = [
    (words, param)
    for words, each in ALL
    for param in each.params
    if isinstance(param.type, WholeFrom) and param.name
]


def test_every_number_of_the_command_line_has_bounds() -> None:
    unbounded = [
        f"{' '.join(words)} {param.name}"
        for words, each in ALL
        for param in each.params
        if isinstance(param.type, click.types.IntParamType | click.types.FloatParamType)
    ]
    assert unbounded == []
    assert {param.name for _, param in BOUNDED} >= {"page_size", "limit", "after", "horizon_days"}


def test_a_number_beyond_its_field_is_refused_with_the_option_and_its_bounds(bare: Cli) -> None:
    for words, param in BOUNDED:
        kind = param.type
        assert isinstance(kind, WholeFrom)
        for beyond in (str(kind.max + 1), "1" * 41, "9" * 5000):
            ended = bare(*words, param.opts[0], beyond)
            assert ended.exit_code == 2
            assert f"'{param.opts[0]}'" in ended.stderr
            assert f"is not from {kind.min} to {kind.max}" in ended.stderr


@given(number=st.integers())
def test_whatever_a_bound_lets_through_fits_its_field(number: int) -> None:
    for most, field in (
        (INT32_MAX, (customers_pb2.ListCustomersRequest, "page_size")),
        (INT64_MAX, (feed_pb2.WatchRequest, "after_revision")),
    ):
        try:
            read = WholeFrom(min=0, max=most).convert(str(number), None, None)
        except click.BadParameter:
            assert not 0 <= number <= most
        else:
            kind, name = field
            assert getattr(kind(**{name: read}), name) == number


def test_the_horizon_has_the_bound_of_the_contract() -> None:
    from buf.validate import validate_pb2

    rules = economics_pb2.PredictLifetimeValueRequest.DESCRIPTOR.fields_by_name["horizon_days"].GetOptions()
    most = rules.Extensions[validate_pb2.field].int32.lte
    assert [param.type.max for _, param in BOUNDED if param.name == "horizon_days"] == [most] * 3


def test_shares_have_the_bounds_of_the_contract() -> None:
    from buf.validate import validate_pb2

    fields = economics_pb2.GetUnitEconomicsRequest.DESCRIPTOR.fields_by_name
    margin, discount = (
        fields[name].GetOptions().Extensions[validate_pb2.field].double
        for name in ("gross_margin", "discount_rate_annual")
    )
    assert (margin.gt, margin.lte) == (0, margin_type.most) and margin_type.above_zero
    assert (discount.gte, discount.lte) == (0, discount_type.most) and not discount_type.above_zero


@pytest.mark.parametrize("text", ["0", "-1", "31536001", "99999999999", "9" * 400])
def test_a_time_span_that_grpc_would_take_for_none_is_refused(bare: Cli, text: str) -> None:
    ended = bare("--timeout", text, "customers", "list")
    assert (ended.exit_code, "--timeout" in ended.stderr) == (2, True)
    assert "at most 31536000" in ended.stderr


def test_a_time_span_of_a_year_is_taken() -> None:
    assert Seconds().convert("31536000", None, None) == 31_536_000


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["policy", "update", "new_days=99999999999"], "new_days has at most 9 digits"),
        (["purchases", "record", "a", "99999999999999999999", "EUR"], "is more than money can hold"),
        (["purchases", "record", "a", "1", "EUR", "--time", "99999-01-01"], "--time"),
        (
            ["purchases", "record", "a", "1", "EUR", "--time", "2024-01-31T12:00:00.123456789Z"],
            "finer than a microsecond",
        ),
    ],
)
def test_other_words_that_no_field_holds_are_refused(bare: Cli, words: list[str], says: str) -> None:
    ended = bare(*words)
    assert (ended.exit_code, says in ended.stderr) == (2, True), ended.stderr


def test_nanoseconds_that_say_no_more_than_microseconds_are_read(cli: Cli) -> None:
    name = new_id("nanos")
    cli.done("customers", "create", "--id", name, "--name", "x")
    cli.done("purchases", "record", name, "1", "EUR", "--id", "p", "--time", "2024-01-31T12:00:00.123456000Z")
    facts = cli.done("purchases", "get", f"{name}/p").facts
    assert facts["purchase_time"] == "2024-01-31T12:00:00.123456Z"


# ---- words that are no text


TEXTS = [
    (words, each, param)
    for words, each in ALL
    for param in each.params
    if param.name
    and param.expose_value
    and isinstance(param.type, click.types.StringParamType)
    and words[0] not in {"help", "completion"}
]


def test_a_word_that_is_cut_is_refused_by_its_name(bare: Cli) -> None:
    for words, each, param in TEXTS:
        ended = bare(*words, *_line(each, param))
        assert ended.exit_code == 2
        assert param.name
        named = param.opts[0] if isinstance(param, click.Option) else param.make_metavar(click.Context(each))
        assert named in ended.stderr, words
        # Some kinds of words are refused for what they are, before it is asked whether they are texts.
        assert re.search(
            r"caf\\(xc3\S* is not UTF-8: it was cut, or is in another encoding|udcc3)", ended.stderr
        ), words


def _line(each: click.Command, cut: click.Parameter) -> list[str]:
    """Write what a command needs, and one word that is cut."""
    line: list[str] = []
    for param in each.params:
        choices = getattr(param.type, "choices", None)
        word = (
            f"k={CUT}"
            if param is cut
            else choices[0]
            if choices
            else "2024-01-31"
            if "date" in param.type.name
            else "EUR"
        )
        if isinstance(param, click.Argument):
            line.append(word)
        elif param is cut or param.required:
            line += [param.opts[0], word]
    return line


def test_a_request_id_that_is_cut_is_refused(bare: Cli) -> None:
    ended = bare("customers", "create", "--name", "x", "--request-id", CUT)
    assert (ended.exit_code, "'--request-id'" in ended.stderr) == (2, True)


def test_a_file_may_have_any_name(env: Mapping[str, str]) -> None:
    assert b"is no file" in asked(env, "utf-8", "purchases", "import", CUT)[2]


# ---- an stdout that has not all letters


def asked(env: Mapping[str, str], encoding: str, *words: str) -> tuple[int, bytes, bytes]:
    ended = subprocess.run(
        command(*words),
        env={**env, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def named(cli: Cli) -> str:
    """A customer whose name has letters that neither ASCII nor Windows' western pages have."""
    name = new_id("letters")
    cli.done("customers", "create", "--id", name, "--name", "Łukasz é")
    return name


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_stdout_has_not_is_written_as_an_escape(
    env: Mapping[str, str], named: str, encoding: str
) -> None:
    as_json = asked(env, encoding, "customers", "get", named, "-o", "json")
    as_yaml = asked(env, encoding, "customers", "get", named, "-o", "yaml")
    as_lines = asked(env, encoding, "customers", "get", named)
    assert [as_json[0], as_yaml[0], as_lines[0]] == [0, 0, 0]
    assert json.loads(as_json[1].decode(encoding))["display_name"] == "Łukasz é"
    assert yaml.safe_load(as_yaml[1].decode(encoding))["display_name"] == "Łukasz é"
    assert "\\u0141ukasz" in as_lines[1].decode(encoding)


def test_csv_that_stdout_can_not_hold_is_refused_with_what_to_do(env: Mapping[str, str], named: str) -> None:
    code, _, stderr = asked(env, "cp1252", "customers", "get", named, "-o", "csv")
    assert code == 2
    assert 'cp1252 has no "\\u0141": set PYTHONIOENCODING=utf-8, or use -o json' in stderr.decode("cp1252")


def test_order_by_is_read_in_any_case_and_in_either_spelling(cli: Cli, named: str) -> None:
    for amount in ("5", "7"):
        cli.done("purchases", "record", named, amount, "EUR", "--id", f"p-{amount}")
    orders = {
        "amount DESC": "75",
        "Amount Desc": "75",
        "amount  desc": "75",
        "AMOUNT ASC": "57",
        "amount": "57",
    }
    orders |= {"purchaseTime": "57", "createTime DESC": "75", "purchase_time asc, AMOUNT DESC": "57"}
    for order, wanted in orders.items():
        ended = cli.done("purchases", "list", named, "--order-by", order, "-o", "name")
        assert "".join(line[-1] for line in ended.stdout.split()) == wanted, order


@pytest.mark.parametrize(
    "order", ["amount downwards", "amount desc desc", "nothing", "amount desc,", "-amount"]
)
def test_an_order_that_can_not_be_read_is_refused_with_what_there_is(cli: Cli, order: str) -> None:
    ended: Ended = cli("purchases", "list", "--order-by", order)
    assert ended.exit_code == 6
    assert "there are amount, create_time, name, purchase_time, revision, and desc behind one" in ended.stderr


def test_an_stdout_that_is_closed_is_no_fault_of_the_program(env: Mapping[str, str], named: str) -> None:
    line = shlex.join(command("customers", "get", named))
    ended = subprocess.run(
        ["sh", "-c", f"{line} >&-"], env=dict(env), capture_output=True, timeout=TIMEOUT_S, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
