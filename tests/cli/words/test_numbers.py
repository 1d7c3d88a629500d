"""Numbers are read as people write them: what Python takes besides is refused by its option."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.words.amounts import NotAnAmount, parse_amount
from clientela_client.cli.words.numbers import Seconds, WholeFrom
from clientela_client.cli.words.report_options import discount_type
from clientela_server.__main__ import main as serve
from clientela_server.config import ConfigError, read_address
from tests.cli.running import Cli

STRANGE = ["1_0", "\uff11\uff10", "\u0661\u0660", "\u0967", "0x10", "nan", "inf", "1e5", "1e400", "9" * 400]
STRANGE += ["", "+-1", "1."]
TYPES = {"whole": WholeFrom(min=0), "seconds": Seconds(), "share": discount_type}


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("kind", TYPES)
def test_what_nobody_writes_is_no_number(kind: str, text: str) -> None:
    with pytest.raises(click.BadParameter):
        TYPES[kind].convert(text, None, None)


@pytest.mark.parametrize("text", [*STRANGE, "1_0.00", "19,90"])
def test_what_nobody_writes_is_no_amount(text: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_amount(text)


@pytest.mark.parametrize("text", ["1_0", "\uff11\uff10"])
def test_what_nobody_writes_is_no_port(text: str) -> None:
    with pytest.raises(ConfigError):
        read_address(f"127.0.0.1:{text}")


@pytest.mark.parametrize(
    "line",
    [
        ["customers", "list", "--limit", "1_0"],
        ["customers", "list", "--page-size", "\uff11\uff10"],
        ["--timeout", "1_0", "customers", "list"],
        ["economics", "show", "--margin", "\uff14\uff10%"],
        ["economics", "show", "--horizon", "3_65"],
        ["watch", "--after", "1_0"],
        ["policy", "update", "new_days=1_0"],
    ],
    ids=" ".join,
)
def test_the_option_is_named(cli: Cli, line: list[str]) -> None:
    ended = cli(*line)
    assert ended.exit_code == 2
    assert line[-1].partition("=")[2] in ended.stderr


@pytest.mark.parametrize(
    "line",
    [
        ["--calls-per-second", "1_0"],
        ["--unread-seconds", "\uff11"],
        ["token", "create", "--role", "clerk", "--name", "x", "--expires-in-days", "9_0"],
    ],
    ids=" ".join,
)
def test_the_servers_option_is_named(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        serve(line)
    assert line[-2] in capsys.readouterr().err


@given(number=st.integers(-(10**18) + 1, 10**18 - 1))
def test_a_whole_number_is_taken_as_it_is_written(number: int) -> None:
    assert WholeFrom(min=-(10**18)).convert(str(number), None, None) == number


@given(units=st.integers(0, 2**63 - 1), digits=st.text("0123456789", min_size=1, max_size=9))
def test_an_amount_is_taken_to_the_nano(units: int, digits: str) -> None:
    assert parse_amount(f"{units}.{digits}") == (units, int(digits.ljust(9, "0")))


@given(percent=st.integers(0, 100))
def test_a_share_is_taken_as_it_is_written(percent: int) -> None:
    assert discount_type.convert(f"{percent}%", None, None) == percent / 100
