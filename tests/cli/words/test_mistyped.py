"""A mistyped command gets a suggestion, as a line to type; no request is sent for it."""

import pytest

from tests.cli.running import Cli


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("customer list", "clientela customers list"),
        ("Purchases list blue-door", "clientela purchases list blue-door"),
        ("purchase record blue-door 19.90 EUR --note x", "clientela purchases record blue-door 19.90 EUR"),
        ("segmnts list", "clientela segments list"),
        ("standings get 42", "clientela standing get 42"),
        ("wach", "clientela watch"),
        ("purchases recrod blue-door", "clientela purchases record blue-door"),
        ("customers lst", "clientela customers list"),
        ("spnds list", "clientela spends list"),
        ("policy set", "clientela policy get"),
        ("list customers", "clientela customers list"),
        ("record purchases", "clientela purchases record"),
        ("help purchase", "clientela help purchases"),
        ("help purchases recrd", "clientela help purchases record"),
    ],
)
def test_a_mistyped_command_gets_its_suggestion(bare: Cli, line: str, meant: str) -> None:
    refused = bare(*line.split())
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Did you mean " in refused.stderr
    assert f"Try: {meant}\n" in refused.stderr


def test_what_is_like_no_command_gets_them_all(bare: Cli) -> None:
    refused = bare("xyzzy")
    assert refused.exit_code == 2 and "There are: customers, purchases, standing" in refused.stderr
    refused = bare("customers", "xyzzy")
    assert refused.exit_code == 2 and "There are: create, get, list" in refused.stderr


def test_a_mistyped_option_gets_its_suggestion(bare: Cli) -> None:
    refused = bare("customers", "list", "--fliter", "x")
    assert refused.exit_code == 2 and "--filter" in refused.stderr


def test_a_scenarios_command_gets_its_suggestion_too(bare: Cli) -> None:
    refused = bare("lab", "rnu", "first-call")
    assert refused.exit_code == 2 and "Did you mean 'run'?" in refused.stderr
