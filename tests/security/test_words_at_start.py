"""Startup errors are logged with their messages; errors after the start, or of the ledger, without.

See test_log_without_words.py for the rule.
"""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.rpc.making import new_customer
from tests.rpc.processes import FREE_PORTS, ROOT, WITHIN_S, command, private, serving
from tests.security.failing_server import WORDS
from tests.stores import database_in

FAILING = "tests.security.failing_server"


def said_at_start(folder: Path, fault: str) -> str:
    """What a server says that can't begin, because of a planted fault."""
    ended = subprocess.run(
        command(*FREE_PORTS, "--database", str(database_in(folder)), module=FAILING),
        cwd=ROOT,
        env=private(folder) | {"CLIENTELA_TEST_FAULT": fault},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr


def line_of(log: str) -> dict[str, Any]:
    """The one line that tells what nobody caught."""
    [line] = [line for line in map(json.loads, log.splitlines()) if line["event"] == "not caught"]
    return dict(line)


def test_an_rpc_without_a_rule_is_reported_in_one_sentence(tmp_path: Path) -> None:
    missing = (
        "clientela.v1.CustomerService.EraseCustomer has no row in clientela_server.rpc.gate.authorization"
    )
    assert said_at_start(tmp_path, "a_rule_is_missing") == f"clientela-server: {missing}\n"


def test_what_the_code_lacks_is_reported_with_its_words_and_its_place(tmp_path: Path) -> None:
    told = line_of(said_at_start(tmp_path, "a_method_is_missing"))["exception"]
    assert told.startswith(f"AttributeError: nobody wrote {WORDS}\n  ")
    assert "failing_server.py:" in told


def test_what_fails_at_the_ledger_is_reported_without_words_though_nothing_is_served_yet(
    tmp_path: Path,
) -> None:
    said = said_at_start(tmp_path, "a_record_is_none")
    assert line_of(said)["exception"].startswith("ValueError\n  ")
    assert WORDS not in said


def test_what_fails_after_a_request_is_reported_without_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTELA_TEST_FAULT", "the_end_fails")
    with serving(tmp_path, module=FAILING) as process:
        with process.admin() as caller:
            new_customer(caller)
        assert process.stop(signal.SIGTERM) == 1
    said = (tmp_path / "log").read_text("utf-8")
    assert line_of(said)["exception"].startswith("ValueError\n  ")
    assert WORDS not in said
