"""What the README shows of one's own server is what a real one prints."""

import re
import shlex
import subprocess
import sys

from clientela_lab.local_server import LocalServer
from clientela_lab.patience import HANG_S
from tests.docs.copied import ROOT
from tests.docs.walkthrough import Command, agrees, steps

_WITHIN_S = HANG_S


def shown() -> list[Command]:
    """Read the commands of the section, each with what it prints."""
    section = (ROOT / "README.md").read_text("utf-8").partition("## Your own server")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    found = [step for block in blocks for step in steps(f"```console\n{block}```\n")]
    return [step for step in found if isinstance(step, Command)]


def printed(server: LocalServer, line: str) -> str:
    env = server.env | {"CLIENTELA_SERVER": server.address, "CLIENTELA_OUTPUT": "table"}
    ended = subprocess.run(
        [sys.executable, "-m", "clientela_client", *shlex.split(line)[1:]],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    return ended.stdout


def without_days(text: str) -> str:
    """Days differ from run to run, too."""
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", "DAY", text)


def test_what_the_readme_shows_is_what_is_printed() -> None:
    commands = shown()
    assert len(commands) >= 5
    with LocalServer() as server:
        for command in commands:
            came = printed(server, command.line)
            assert not command.output or agrees(without_days(command.output), without_days(came)), came


def test_another_answer_is_seen() -> None:
    assert not agrees("Stage NEW\n...\n", "Stage LOST\nKinds BUYER\n")
