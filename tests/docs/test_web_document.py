"""The calls of docs/web.md from a shell are answered as it shows."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.docs.copied import ROOT
from tests.docs.desk import Desk
from tests.docs.walkthrough import Command, agrees, steps

SHELL = (ROOT / "docs/web.md").read_text("utf-8").partition("## From a shell")[2].partition("\n## ")[0]
# Stands for curl, which not everybody has: -s, -H and -d, as far as the document uses them.
_CURL = """
import argparse, sys, urllib.error, urllib.request
parser = argparse.ArgumentParser()
parser.add_argument("-s", action="store_true")
parser.add_argument("-H", action="append")
parser.add_argument("-d")
parser.add_argument("url")
asked = parser.parse_args()
headers = dict(each.split(": ", 1) for each in asked.H)
request = urllib.request.Request(asked.url, asked.d and asked.d.encode(), headers)
try:
    answer = urllib.request.urlopen(request, timeout=60)
except urllib.error.HTTPError as refusal:
    answer = refusal
print(answer.read().decode())
"""


def test_the_calls_from_a_shell_are_answered_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [variables] = re.findall(r"^    (export .*)$", SHELL, re.MULTILINE)
    [block] = re.findall(r"^```console\n.*?^```$", SHELL, re.MULTILINE | re.DOTALL)
    commands = [each for each in steps(re.sub(r"\\\n *", "", block) + "\n") if isinstance(each, Command)]
    assert len(commands) == 3
    desk = Desk(tmp_path, monkeypatch)
    curl = tmp_path / "bin/curl"
    curl.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(_CURL)} "$@"\n')
    curl.chmod(0o755)
    with desk.serving():
        variables = variables.replace("http://127.0.0.1:8080", desk.server.url)
        for each in commands:
            ended, printed = desk.shell(["bash", "-c", f"{variables}; {each.line}"])
            assert ended == 0 and agrees(each.output, printed), f"{each}\n{printed}"
