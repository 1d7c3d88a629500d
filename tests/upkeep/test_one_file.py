"""One file, one server, by whatever name: links, copies, logs that are another's, and files that go away.

Servers here are processes, and so are those that must be refused: a lock is a thing between processes.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rpc.making import new_customer, read_customer, to_create
from tests.rpc.processes import WITHIN_S, Process, run, serving
from tests.rpc.refusals import refusal
from tests.upkeep.commands import Command

pytestmark = pytest.mark.sqlite
SERVE = ("--listen", "127.0.0.1:0", "--web", "off")
COMMANDS = {
    "serve": lambda ledger, _: (*SERVE, "--database", str(ledger)),
    "backup": lambda ledger, copy: ("backup", str(copy), "--database", str(ledger)),
    "restore": lambda ledger, copy: ("restore", str(copy), "--database", str(ledger), "--force"),
    "verify": lambda ledger, _: ("verify", "--database", str(ledger)),
    "migrate": lambda ledger, _: ("migrate", "--database", str(ledger)),
    "token list": lambda ledger, _: ("token", "list", "--database", str(ledger)),
    "token create": lambda ledger, _: (
        *("token", "create", "--role", "clerk", "--name", "till"),
        *("--database", str(ledger)),
    ),
    "token revoke": lambda ledger, _: ("token", "revoke", "admin", "--database", str(ledger)),
}
EACH = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
Words = Callable[[Path, Path], tuple[str, ...]]


def ended(words: tuple[str, ...], command: Command, folder: Path) -> tuple[int, str]:
    """Run a command, a server as a process: give how it ended, and what it said on stderr."""
    if words[:2] != SERVE[:2]:
        done = command(*words)
        return done.exit_code, done.stderr
    try:
        process = run(folder, *words)
    except subprocess.TimeoutExpired:
        return 0, "serves"
    return process.returncode, process.stderr


def written(process: Process) -> str:
    with process.admin() as caller:
        name: str = new_customer(caller).name
    return name


def is_there(process: Process, name: str) -> bool:
    with process.admin() as caller:
        return bool(read_customer(caller, name).name == name)


@pytest.fixture
def linked(ledger: Path) -> Path:
    """A hard link to a ledger, in a folder of its own."""
    (ledger.parent / "elsewhere").mkdir()
    link = ledger.parent / "elsewhere" / "ledger.db"
    link.hardlink_to(ledger)
    return link


# ---- while it is served


@pytest.mark.long
def test_a_second_server_is_refused_by_every_name_of_the_file(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        file = tmp_path / "data" / "ledger.db"
        (tmp_path / "soft").symlink_to(file)
        (tmp_path / "folder").symlink_to(file.parent)
        for name in (tmp_path / "soft", tmp_path / "folder" / "ledger.db"):
            refused = run(tmp_path, *SERVE, "--database", str(name))
            assert refused.returncode == 1
            assert f"clientela-server: {name}: another server has it open; stop that one" in refused.stderr
        # A link that is made while it is served: neither it nor the file's own name are opened any more.
        (tmp_path / "hard").hardlink_to(file)
        for name in (tmp_path / "hard", file):
            refused = run(tmp_path, *SERVE, "--database", str(name))
            assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
            assert f"clientela-server: {name}: the file has 2 names (hard links)" in refused.stderr
        name = written(first)
        (tmp_path / "hard").unlink()
        assert first.stop(signal.SIGTERM) == 0
    with serving(tmp_path) as again:
        assert is_there(again, name)
    assert run(tmp_path, "verify", "--database", str(file)).returncode == 0


@pytest.mark.long
def test_a_server_that_reads_the_file_by_a_symbolic_link_serves_what_is_in_it(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        name = written(first)
        first.popen.kill()  # what it acknowledged is in the log, beside the file's real name
        first.popen.wait(WITHIN_S)
    (tmp_path / "other" / "data").mkdir(parents=True)
    (tmp_path / "other" / "data" / "ledger.db").symlink_to(tmp_path / "data" / "ledger.db")
    shutil.copy(tmp_path / "data" / "admin.token", tmp_path / "other" / "data")
    with serving(tmp_path / "other") as second:
        assert is_there(second, name)
        later = written(second)
        (tmp_path / "other" / "data" / "ledger.db").unlink()  # its own name stays
        assert is_there(second, written(second))
        assert second.stop(signal.SIGTERM) == 0
    with serving(tmp_path) as third:
        assert is_there(third, later)


@EACH
def test_a_file_with_two_names_is_opened_by_no_command(
    words: Words, linked: Path, ledger: Path, command: Command, tmp_path: Path
) -> None:
    before = ledger.read_bytes()
    code, said = ended(words(linked, tmp_path / "copy.db"), command, tmp_path)
    assert code == 1
    assert f"clientela-server: {linked}: the file has 2 names (hard links), and its log only one" in said
    assert ledger.read_bytes() == before
    assert [each.name for each in linked.parent.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize("words", list(COMMANDS.values())[1:], ids=list(COMMANDS)[1:])
def test_every_command_works_by_a_symbolic_link_as_by_the_name_itself(
    words: Words, ledger: Path, command: Command, tmp_path: Path
) -> None:
    link = tmp_path / "soft" / "link.db"
    link.parent.mkdir()
    link.symlink_to(ledger)
    copy = tmp_path / "copy.db"
    if words is COMMANDS["restore"]:
        command.done("backup", copy, "--database", ledger)
    command.done(*words(link, copy))
    assert link.is_symlink()
    assert [each.name for each in link.parent.iterdir()] == ["link.db"]
    assert not ledger.is_symlink()
    command.done("verify", "--database", ledger)


@EACH
def test_a_symbolic_link_to_nothing_is_refused_and_nothing_is_made(
    words: Words, command: Command, tmp_path: Path
) -> None:
    gone = tmp_path / "unmounted" / "ledger.db"
    (tmp_path / "link.db").symlink_to(gone)
    (tmp_path / "link").symlink_to(gone.parent)
    for name in (tmp_path / "link.db", tmp_path / "link" / "ledger.db"):
        code, said = ended(words(name, tmp_path / "copy.db"), command, tmp_path)
        assert code == 1
        assert "is a symbolic link to" in said or "there is no" in said
    assert not gone.parent.exists()


@pytest.mark.parametrize("kind", ["fifo", pytest.param("device", marks=pytest.mark.long)])
def test_what_is_no_file_is_refused(command: Command, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pipe" if kind == "fifo" else Path("/dev/null")
    if kind == "fifo":
        os.mkfifo(path)
    for words in COMMANDS.values():
        code, said = ended(words(path, tmp_path / "copy.db"), command, tmp_path)
        assert (code, said.count("\n")) == (1, 1)


def test_a_file_that_is_mounted_by_itself_is_refused(
    ledger: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    monkeypatch.setattr("clientela_server.store.database.files.place._MOUNTS", mounts)
    mounts.write_text(f"36 35 98:0 /a {ledger.parent} rw - ext4 /dev/x rw\n")
    command.done("verify", "--database", ledger)
    spaced = ledger.rename(tmp_path / "my ledger.db")
    shown = str(spaced).replace(" ", "\\040")
    mounts.write_text(f"36 35 98:0 /a.db {shown} rw - ext4 /dev/x rw\n")
    assert "mounted by itself" in command("verify", "--database", spaced).stderr


# ---- logs that are another's, and files that go away


@EACH
def test_a_log_without_its_database_is_kept(words: Words, command: Command, tmp_path: Path) -> None:
    log = tmp_path / "ledger.db-wal"
    log.write_bytes(b"acknowledged" * 1000)
    code, said = ended(words(tmp_path / "ledger.db", tmp_path / "copy.db"), command, tmp_path)
    assert code == 1
    assert "its log is there" in said or "there is no" in said
    assert log.read_bytes() == b"acknowledged" * 1000


@pytest.mark.long
def test_a_backup_that_was_copied_by_hand_over_a_ledger_is_not_mixed_with_its_log(
    tmp_path: Path, command: Command
) -> None:
    file = tmp_path / "data" / "ledger.db"
    with serving(tmp_path) as server:
        command.done("backup", tmp_path / "old.db", "--database", file)
        written(server)
        server.popen.kill()
        server.popen.wait(WITHIN_S)
    shutil.copy(tmp_path / "old.db", file)
    code, said = ended((*SERVE, "--database", str(file)), command, tmp_path)
    assert (code, f"the log {file}-wal beside it is not its own" in said) == (1, True)

    command.done("restore", tmp_path / "old.db", "--database", file, "--force")
    command.done("verify", "--database", file)


def test_a_restore_where_only_the_log_is_left_asks_first_and_mixes_nothing(
    ledger: Path, tmp_path: Path, command: Command
) -> None:
    command.done("backup", tmp_path / "copy.db", "--database", ledger)
    ledger.unlink()
    log = tmp_path / "ledger.db-wal"
    log.write_bytes(b"of another" * 1000)
    assert "its log is there" in command("restore", tmp_path / "copy.db", "--database", ledger).stderr
    command.done("restore", tmp_path / "copy.db", "--database", ledger, "--force")
    assert not log.exists()
    command.done("verify", "--database", ledger)


def test_a_ledger_that_is_moved_while_it_is_served_takes_no_more_writes_and_has_all_that_were_answered(
    tmp_path: Path, command: Command
) -> None:
    file = tmp_path / "data" / "ledger.db"
    with serving(tmp_path) as server:
        name = written(server)
        file.rename(tmp_path / "data" / "moved.db")
        with server.admin() as caller:
            assert refusal(caller.customers.CreateCustomer, to_create()).reason == "STORE_UNAVAILABLE"
        assert server.popen.wait(WITHIN_S) == 1
        assert any("the ledger was moved" in line["event"] for line in server.log_lines())
    moved = shutil.move(tmp_path / "data" / "moved.db", tmp_path / "moved.db")
    command.done("verify", "--database", moved)
    assert file.with_name("ledger.db-wal").stat().st_size == 0
    shutil.copy(moved, file)
    with serving(tmp_path) as again:
        assert is_there(again, name)
    command.done("verify", "--database", file)


def test_a_ledger_that_is_replaced_while_it_is_served_is_not_written_any_more(
    tmp_path: Path, command: Command
) -> None:
    file = tmp_path / "data" / "ledger.db"
    with serving(tmp_path) as server:
        command.done("backup", tmp_path / "copy.db", "--database", file)
        written(server)
        (tmp_path / "copy.db").replace(file)
        with server.admin() as caller:
            assert refusal(caller.customers.CreateCustomer, to_create()).reason == "STORE_UNAVAILABLE"
        assert server.popen.wait(WITHIN_S) == 1
    # The one that was replaced had no name any more, and was kept.
    [kept] = file.parent.glob("ledger.db.removed-*")
    command.done("verify", "--database", file)
    assert "as of revision 1" in command.done("verify", "--database", kept).stdout


# ---- what a backup may replace


def test_a_backup_replaces_neither_a_log_nor_a_ledger_that_is_served(
    tmp_path: Path, ledger: Path, command: Command
) -> None:
    with serving(tmp_path) as server:
        file = tmp_path / "data" / "ledger.db"
        for beside in ("-wal", "-shm", "-journal", ".lock"):
            refused = command("backup", f"{file}{beside}", "--database", file, "--force")
            assert "can't take the place of what it is a copy of" in refused.stderr
        refused = command("backup", file, "--database", ledger, "--force")
        assert (refused.exit_code, "another server has it open" in refused.stderr) == (1, True)
        assert is_there(server, written(server))


def test_a_backup_by_a_symbolic_link_is_kept_where_the_link_leads(
    tmp_path: Path, ledger: Path, command: Command
) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "copy.db"
    link.symlink_to(tmp_path / "disk" / "copy.db")
    command.done("backup", link, "--database", ledger)
    command.done("backup", link, "--database", ledger, "--force")
    assert link.is_symlink()
    command.done("verify", "--database", tmp_path / "disk" / "copy.db")


def test_a_backup_with_two_names_is_restored(tmp_path: Path, ledger: Path, command: Command) -> None:
    copy = tmp_path / "monday.db"
    command.done("backup", copy, "--database", ledger)
    (tmp_path / "newest.db").hardlink_to(copy)
    command.done("restore", tmp_path / "newest.db", "--database", tmp_path / "new.db")


def test_the_unfinished_file_of_another_is_left(tmp_path: Path, ledger: Path, command: Command) -> None:
    own, others = tmp_path / ".ledger.db.abcdef12.part", tmp_path / ".ledger.db.bak.abcdef12.part"
    own.touch()
    others.touch()
    command.done("migrate", "--database", ledger)
    assert (own.exists(), others.exists()) == (False, True)
