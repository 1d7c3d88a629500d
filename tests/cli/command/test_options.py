"""Each global option has its variable: what is on the line wins; a wrong value is refused by its name."""

import io
import json

import pytest

from clientela_client.cli.command.options import RunOptions, global_options
from tests.cli.running import Cli, Ended, new_id

REQUEST_ID = "7c11d1a2-6f0f-4d58-9d5b-8a5f5e3f0b1d"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_each_global_option_has_its_variable_and_help_names_it(bare: Cli) -> None:
    shown = " ".join(bare.done("--help").stdout.split())
    names = [str(option.name) for option in global_options() if option.name != "version"]
    assert len(names) > 15
    for name in names:
        assert f"env var: CLIENTELA_{name.upper()}" in shown


def test_variables_do_what_their_options_do(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "=1+1")

    def with_variable(name: str, value: str, *words: str) -> Ended:
        with monkeypatch.context() as patched:
            patched.setenv(f"CLIENTELA_{name}", value)
            return cli.done(*words)

    get = ("customers", "get", anna)
    assert with_variable("OUTPUT", "name", *get).stdout == f"customers/{anna}\n"
    assert ",=1+1," in with_variable("RAW", "1", *get, "-o", "csv").stdout
    assert "▶ POST" in with_variable("WIRE", "true", *get).stderr
    record = ("purchases", "record", anna, "5", "EUR", "-o", "name")
    assert "wrote nothing" in with_variable("DRY_RUN", "1", *record).stderr
    once, again = (with_variable("REQUEST_ID", REQUEST_ID, *record) for _ in range(2))
    assert once.stdout == again.stdout
    none = ("customers", "list", "--limit", "0", "-o", "table")
    assert with_variable("QUIET", "yes", *none).stderr == ""
    assert with_variable("QUIET", "0", *none).stderr != ""
    assert "NEW" in with_variable("LANG", "lt", "standing", "get", anna).stdout


def test_a_time_limit_may_come_from_the_environment(
    bare: Cli, black_hole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTELA_TIMEOUT", "0.2")
    monkeypatch.setenv("CLIENTELA_SERVER", black_hole)
    assert "(0.2 s)" in bare("customers", "get", "anna").stderr


@pytest.mark.parametrize(
    "line",
    ["-o ndjson customers list --limit 1", "customers -o json list --limit 1", "customers list -o json"],
)
def test_an_option_anywhere_on_the_line_wins_over_its_variable(
    cli: Cli, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.done("customers", "create", "--id", new_id("anna"), "--name", "Anna")
    monkeypatch.setenv("CLIENTELA_OUTPUT", "csv")
    monkeypatch.setenv("CLIENTELA_CA", "/nowhere/ca.pem")
    assert json.loads(cli.done(*line.split(), "--plaintext").stdout)


@pytest.mark.parametrize(
    ("variable", "value", "fact"),
    [
        ("OUTPUT", "xml", "'xml' is not one of"),
        ("LANG", "de", '"de" is none of en, pl, ru, lt'),
        ("TIMEOUT", "soon", '"soon" is no number'),
        ("TIMEOUT", "0", "not more than 0"),
        ("QUIET", "perhaps", "'perhaps' is not a valid boolean"),
    ],
)
def test_a_variable_that_holds_nonsense_is_refused_by_its_name(
    bare: Cli, variable: str, value: str, fact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CLIENTELA_{variable}", value)
    refused = bare("customers", "list")
    assert refused.exit_code == 2 and fact in refused.stderr
    assert f"CLIENTELA_{variable}" in refused.stderr


@pytest.mark.parametrize(("variable", "value"), [("DRY_RUN", "1"), ("REQUEST_ID", REQUEST_ID)])
def test_a_variable_that_would_do_nothing_is_refused_by_its_name(
    bare: Cli, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CLIENTELA_{variable}", value)
    refused = bare("purchases", "import", "f.csv")
    assert refused.exit_code == 2 and f"CLIENTELA_{variable}" in refused.stderr


def test_no_tls_and_whom_to_trust_cannot_both_be_in_the_environment(
    bare: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTELA_PLAINTEXT", "1")
    monkeypatch.setenv("CLIENTELA_CA", "/nowhere/ca.pem")
    refused = bare("customers", "list")
    assert refused.exit_code == 2 and "CLIENTELA_PLAINTEXT" in refused.stderr


def test_an_unknown_language_is_refused_with_those_that_there_are(bare: Cli) -> None:
    refused = bare("customers", "list", "--lang", "de")
    assert refused.exit_code == 2 and '"de" is none of en, pl, ru, lt' in refused.stderr


@pytest.mark.parametrize("language", ["pl", "PL", "pl-PL", "pl_PL.UTF-8"])
def test_a_language_is_taken_as_it_is_written_elsewhere(cli: Cli, language: str) -> None:
    refused = cli("customers", "get", "nobody-here", "--lang", language)
    assert refused.exit_code == 3 and "Nie ma" in refused.stderr


def test_the_option_of_the_language_says_what_it_covers(bare: Cli) -> None:
    shown = " ".join(bare.done("--help").stdout.split())
    assert "Of what the server says, its reasons and refusals: en, pl, ru or lt." in shown
    assert "What the command line says by itself is English." in shown


@pytest.mark.parametrize(
    ("variables", "terminal", "colors"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colours_are_as_the_environment_says(
    variables: dict[str, str], terminal: bool, colors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert RunOptions().colors_on(Terminal() if terminal else io.StringIO()) is colors
    assert RunOptions(no_color=True).colors_on(Terminal()) is False
