"""Output where no answer came: in doubt where the write may be done, never "failed"."""

import os
import pty
import re
import shlex
import signal
import subprocess

import pytest

from tests.cli.running import TIMEOUT_S, Cli, command, new_id


def test_a_write_into_a_black_hole_is_in_doubt(bare: Cli, black_hole: str) -> None:
    words = ("purchases", "record", "anna", "5", "EUR", "--timeout", "0.3", "--server", black_hole)
    ended = bare(*words)
    assert ended.exit_code == 8
    assert ended.stderr.startswith(
        "In doubt: no answer came (0.3 s): it isn't known whether the purchase was"
    )
    again = shlex.split(ended.stderr.partition("Try: ")[2].splitlines()[0])
    assert again[:-2] == ["clientela", *words]
    assert re.fullmatch(r"[0-9a-f-]{36}", again[-1])


def test_asking_again_by_the_line_that_is_shown_keeps_the_request_id(bare: Cli, black_hole: str) -> None:
    first = bare("customers", "delete", "anna", "--timeout", "0.2", "--server", black_hole)
    shown = shlex.split(first.stderr.partition("Try: ")[2].splitlines()[0])
    second = bare(*shown[1:])
    assert second.exit_code == 8
    assert second.stderr == first.stderr


def test_a_read_from_a_black_hole_changed_nothing(bare: Cli, black_hole: str) -> None:
    ended = bare("customers", "get", "anna", "--timeout", "0.3", "--server", black_hole)
    assert ended.exit_code == 7
    assert ended.stderr.startswith("Unavailable: no answer came in time (0.3 s); nothing was changed.")


def test_a_dry_run_without_an_answer_changed_nothing(bare: Cli, black_hole: str) -> None:
    ended = bare(
        "purchases", "record", "a", "5", "EUR", "--dry-run", "--timeout", "0.3", "--server", black_hole
    )
    assert ended.exit_code == 7


def test_where_nobody_listens_nothing_was_done_and_it_is_said_at_once(bare: Cli, nobody: str) -> None:
    ended = bare("purchases", "record", "anna", "5", "EUR", "--server", nobody)
    assert ended.exit_code == 7
    assert ended.stderr.startswith(f"Unavailable: no server was reached at {nobody}; nothing was changed.")
    assert "clientela-server" in ended.stderr.partition("Try: ")[2]


def test_without_a_token_it_is_said_how_to_give_one(bare: Cli, env: dict[str, str]) -> None:
    ended = bare("customers", "list", "--server", env["CLIENTELA_SERVER"])
    assert ended.exit_code == 4
    assert "CLIENTELA_TOKEN" in ended.stderr


def test_a_wrong_token_is_not_allowed_and_not_shown(cli: Cli) -> None:
    ended = cli("customers", "list", "--token", "clt_wrong_and_secret")
    assert ended.exit_code == 4
    assert "secret" not in ended.stderr


def test_an_address_that_is_none_is_wrong_usage(bare: Cli) -> None:
    ended = bare("customers", "list", "--server", "nowhere")
    assert ended.exit_code == 2 and "host:port" in ended.stderr


@pytest.mark.parametrize("form", ["json", "csv", "table", "ndjson"])
def test_a_reader_that_leaves_early_is_no_trouble(cli: Cli, env: dict[str, str], form: str) -> None:
    cli.done("customers", "create", "--id", new_id("anna"), "--name", "Anna")
    words = ("watch", "--after", "0", "--limit", "1", "-o", form)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ended = subprocess.run(
            command(*words),
            env=env,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_ctrl_c_in_a_watch_just_ends_it(cli: Cli, env: dict[str, str]) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    words = ("watch", anna, "--after", "0", "-o", "ndjson")
    with subprocess.Popen(
        command(*words), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        assert anna in watching.stdout.readline(), "what happened is there before it is interrupted"
        watching.send_signal(signal.SIGINT)
        _, stderr = watching.communicate(timeout=TIMEOUT_S)
    assert watching.returncode == 130
    assert "Traceback" not in stderr


def test_ctrl_c_in_a_write_leaves_it_in_doubt(env: dict[str, str], black_hole: str) -> None:
    words = ("purchases", "record", "anna", "5", "EUR", "--wire", "--server", black_hole)
    with subprocess.Popen(command(*words), env=env, stderr=subprocess.PIPE, text=True) as recording:
        assert recording.stderr is not None
        for line in recording.stderr:
            if "request_id:" in line:
                request_id = line.split('"')[1]
                break
        recording.send_signal(signal.SIGINT)
        _, stderr = recording.communicate(timeout=TIMEOUT_S)
    assert recording.returncode == 130
    assert "Interrupted: stopped while waiting for the answer: it isn't known whether" in stderr
    assert f"--request-id {request_id}" in stderr


def _in_terminal(env: dict[str, str], *words: str) -> str:
    """Run a command at a pseudo-terminal and return all that it showed there."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        command(*words), env=env, stdin=follower, stdout=follower, stderr=follower
    ) as process:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 65536):
                shown += part
        except OSError:
            pass  # how a pseudo-terminal says that the other side is gone
        process.wait(TIMEOUT_S)
    os.close(leader)
    return shown.decode()


def test_a_terminal_gets_a_table_and_a_pipe_gets_tabs(cli: Cli, env: dict[str, str]) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    words = ("customers", "list", "--filter", f'name = "customers/{anna}"')
    shown = _in_terminal(env | {"TERM": "xterm"}, *words)
    assert "\x1b[1m" in shown and "NAME" in shown and "1 customer" in shown
    plain = _in_terminal(env | {"TERM": "xterm", "NO_COLOR": "1"}, *words)
    assert "\x1b" not in plain and "NAME" in plain
    assert cli.done(*words).stdout == f"{anna}\tAnna\t\t\t\t\t\t\n"


def test_a_progress_bar_is_for_terminals_only(
    env: dict[str, str], tmp_path_factory: pytest.TempPathFactory, cli: Cli
) -> None:
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    path.write_text(f"customer_id,date,amount\n{new_id('anna')},1997-01-01,1\n")
    words = ("purchases", "import", str(path), "--currency", "EUR")
    assert "Importing" in _in_terminal(env | {"TERM": "xterm"}, *words)
    plain = _in_terminal(env | {"TERM": "xterm"}, *words, "--no-color")
    assert "Importing" in plain and not re.search(r"\x1b\[[0-9;]*3[0-9]", plain), "no colours"
    assert "Importing" not in _in_terminal(env | {"TERM": "xterm"}, *words, "--quiet")
    assert "Importing" not in cli.done(*words).stderr
