"""Help is printed however it is requested, with exit code 0."""

import pytest

from clientela_client.cli.command.installed_version import version
from tests.cli.running import Cli


@pytest.mark.parametrize("line", ["", "-h", "--help", "help"])
def test_help_is_printed_however_it_is_asked_for(bare: Cli, line: str) -> None:
    ended = bare.done(*line.split())
    assert ended.stdout.startswith("Usage: clientela [OPTIONS] COMMAND")
    assert "  purchases   The ledger" in ended.stdout and ended.stderr == ""


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("purchases -h", "Usage: clientela purchases [OPTIONS] COMMAND"),
        ("help purchases", "Usage: clientela purchases [OPTIONS] COMMAND"),
        ("purchases record -h", "Usage: clientela purchases record [OPTIONS] CUSTOMER"),
        ("help purchases record", "Usage: clientela purchases record [OPTIONS] CUSTOMER"),
        ("help lab run", "Usage: clientela lab run [OPTIONS] NAME"),
        ("lab run -h", "Usage: clientela lab run [OPTIONS] NAME"),
        ("help help", "Usage: clientela help [OPTIONS] [COMMAND]..."),
    ],
)
def test_each_command_is_explained(bare: Cli, line: str, usage: str) -> None:
    assert bare.done(*line.split()).stdout.startswith(usage)


def test_help_of_what_has_no_commands_is_refused(bare: Cli) -> None:
    refused = bare("help", "watch", "closely")
    assert refused.exit_code == 2 and "`clientela watch` has no commands of its own" in refused.stderr


@pytest.mark.parametrize("line", ["version", "--version"])
def test_the_version_is_printed_however_it_is_asked_for(bare: Cli, line: str) -> None:
    assert bare.done(line).stdout == f"clientela {version()}\n"


def test_a_noun_without_a_verb_tells_its_verbs(bare: Cli) -> None:
    refused = bare("segments")
    assert refused.exit_code == 2
    assert "a command is missing: create, get, list, members, update, delete." in refused.stderr
