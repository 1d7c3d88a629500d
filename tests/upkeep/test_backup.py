"""A backup is whole and names its revision; a restore gives back what was backed up, or nothing."""

import os
import stat
from pathlib import Path

import grpc
import pytest

from clientela.v1 import feed_pb2 as pb
from clientela_lab.servers.local_server import LocalServer
from clientela_server.store.database.files import atomic_files
from tests.faults.ledger import read_ledger
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, read_customer
from tests.rpc.refusals import Refused
from tests.rpc.watching import changes_after, head, watch
from tests.upkeep.commands import Command
from tests.upkeep.some_of_everything import BUYER, known_request


def test_a_backup_is_one_file_for_this_account_only_and_says_its_revision(
    ledger: Path, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "kept").mkdir()
    copy = tmp_path / "kept" / "copy.db"
    said = command.done("backup", copy, "--database", ledger).stdout

    assert said.startswith(f"Backed up to {copy}: revision 103, ")
    assert [each.name for each in copy.parent.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert read_ledger(copy) == read_ledger(ledger)
    command.done("verify", "--database", copy)


def test_a_backup_beside_a_server_that_was_killed_holds_what_its_log_held(
    ledger: Path, tmp_path: Path, command: Command
) -> None:
    with LocalServer(folder=tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        name = new_customer(Caller(channel, server.token)).name
        server.kill()
        said = command.done("backup", tmp_path / "copy.db", "--database", ledger).stdout
    assert "revision 104" in said
    assert name in {row.id for row in read_ledger(tmp_path / "copy.db")[0]}


def test_a_backup_replaces_nothing_unless_told_to(ledger: Path, tmp_path: Path, command: Command) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("of yesterday")
    refused = command("backup", copy, "--database", ledger)
    assert (refused.exit_code, "--force" in refused.stderr, copy.read_text()) == (1, True, "of yesterday")

    command.done("backup", copy, "--database", ledger, "--force")
    assert read_ledger(copy) == read_ledger(ledger)


def test_a_backup_does_not_take_the_place_of_the_ledger(ledger: Path, command: Command) -> None:
    before = ledger.stat().st_ino
    refused = command("backup", ledger, "--database", ledger, "--force")
    assert (refused.exit_code, "give another FILE" in refused.stderr) == (1, True)
    assert ledger.stat().st_ino == before


def test_a_backup_that_fails_leaves_what_was_there(
    ledger: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("of yesterday")
    monkeypatch.setattr(atomic_files, "sync", _full)
    ended = command("backup", copy, "--database", ledger, "--force")
    assert (ended.exit_code, "No space left" in ended.stderr) == (1, True)
    assert copy.read_text() == "of yesterday"
    assert not list(tmp_path.glob(".copy.db.*"))


def _full(_: Path) -> None:
    raise OSError(28, os.strerror(28))


def test_a_folder_that_is_not_there_is_named(ledger: Path, command: Command) -> None:
    ended = command("backup", "/nowhere/copy.db", "--database", ledger)
    assert ended.stderr == "clientela-server: /nowhere/copy.db: No such file or directory\n"


# ---- restore


def backed_up(ledger: Path, command: Command) -> Path:
    copy = ledger.with_name("copy.db")
    command.done("backup", copy, "--database", ledger)
    return copy


def test_what_is_restored_is_what_was_backed_up(ledger: Path, tmp_path: Path, command: Command) -> None:
    copy = backed_up(ledger, command)
    folder = tmp_path / "new"
    folder.mkdir()
    said = command.done("restore", copy, "--database", folder / "ledger.db").stdout

    assert "revision 103, epoch " in said
    assert read_ledger(folder / "ledger.db") == read_ledger(ledger)
    assert stat.S_IMODE((folder / "ledger.db").stat().st_mode) == 0o600
    with LocalServer(folder=folder) as server, grpc.insecure_channel(server.address) as channel:
        # Tokens come along; the file that holds the administrator's does not.
        caller = Caller(channel, (tmp_path / "admin.token").read_text().strip())
        assert read_customer(caller, BUYER).patron == "Ewa"
        assert new_customer(caller).etag == '"104"'


def test_after_a_restore_a_request_that_was_done_is_still_done_once(ledger: Path, command: Command) -> None:
    copy = backed_up(ledger, command)
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        first = Caller(channel, server.token).purchases.RecordPurchase(known_request())
    command.done("restore", copy, "--database", ledger, "--force")
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        assert admin.purchases.RecordPurchase(known_request()) == first
        assert head(admin) == 103


def test_a_request_that_the_backup_does_not_know_is_done_again_and_once(
    ledger: Path, command: Command
) -> None:
    """What a client had queued, and had no answer to, is written anew, and not twice."""
    copy = backed_up(ledger, command)
    queued = known_request()
    queued.request_id, queued.purchase_id = "7b1c8a52-8f0a-4a0e-9d0c-2c1f5f0f7a12", "queued"
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        Caller(channel, server.token).purchases.RecordPurchase(queued)
    command.done("restore", copy, "--database", ledger, "--force")
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        again = [admin.purchases.RecordPurchase(queued) for _ in range(3)]
        assert again == 3 * again[:1]
        assert head(admin) == 104
    command.done("verify", "--database", ledger)


@pytest.mark.long
def test_who_watched_before_a_restore_is_told_to_begin_anew(ledger: Path, command: Command) -> None:
    copy = backed_up(ledger, command)
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        new_customer(admin)
        with watch(admin) as stream:
            seen = next(stream)
    assert seen.bookmark_revision == 104
    command.done("restore", copy, "--database", ledger, "--force")

    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        for _ in range(3):
            new_customer(admin)
        resumed = pb.WatchRequest(after_revision=seen.bookmark_revision, epoch=seen.epoch)
        with pytest.raises(grpc.RpcError) as caught:
            next(admin.feed.Watch(resumed))
        refused = Refused.of(caught.value)
        assert (refused.code, refused.reason) == (grpc.StatusCode.OUT_OF_RANGE, "EPOCH_CHANGED")
        assert refused.facts["head"] == "106"
        with watch(admin, after_revision=0, epoch=refused.facts["epoch"]) as stream:
            assert next(stream).epoch == refused.facts["epoch"] != seen.epoch
        # A client of before there were epochs is served as it was.
        assert len(changes_after(admin, seen.bookmark_revision, 106)) == 2


def test_a_ledger_that_is_there_is_replaced_only_when_told_to(ledger: Path, command: Command) -> None:
    copy = backed_up(ledger, command)
    before = ledger.read_bytes()
    refused = command("restore", copy, "--database", ledger)
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    assert ledger.read_bytes() == before


def test_nothing_is_restored_under_a_server(ledger: Path, command: Command) -> None:
    copy = backed_up(ledger, command)
    with LocalServer(folder=ledger.parent):
        refused = command("restore", copy, "--database", ledger, "--force")
    assert (refused.exit_code, "another server has it open" in refused.stderr) == (1, True)


@pytest.mark.parametrize("damage", ["flipped", "cut", "none", "missing", "foreign"])
def test_what_is_not_whole_is_not_restored(ledger: Path, command: Command, damage: str) -> None:
    copy = backed_up(ledger, command)
    content = bytearray(copy.read_bytes())
    content[content.rindex(b"two bags of beans")] ^= 1
    made = {"flipped": content, "cut": copy.read_bytes()[: 20 * 4096], "none": b"x" * 9999, "foreign": b""}
    copy.unlink() if damage == "missing" else copy.write_bytes(made[damage])
    before = ledger.read_bytes()

    refused = command("restore", copy, "--database", ledger, "--force")

    said = {
        "flipped": "damaged",
        "cut": "damaged",
        "none": "no backup",
        "missing": "no such file",
        "foreign": "no backup",
    }
    assert (refused.exit_code, said[damage] in refused.stderr) == (1, True), refused.stderr
    assert "nothing was changed" in refused.stderr
    assert ledger.read_bytes() == before
    assert not list(ledger.parent.glob(".ledger.db.*"))


def test_a_restore_that_fails_leaves_the_old_ledger_with_all_that_was_in_its_log(
    ledger: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backed_up(ledger, command)
    with LocalServer(folder=tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        name = new_customer(Caller(channel, server.token)).name
        server.kill()
    with monkeypatch.context() as patched:
        patched.setattr(atomic_files, "sync", _full)
        assert command("restore", copy, "--database", ledger, "--force").exit_code == 1
    assert name in {row.id for row in read_ledger(ledger)[0]}
    command.done("verify", "--database", ledger)

    # As a restore leaves it that was killed.
    ledger.with_name(".ledger.db.abc.part-wal").touch()
    command.done("restore", copy, "--database", ledger, "--force")
    assert len(read_ledger(ledger)[0]) == 103
    assert not list(tmp_path.glob(".ledger.db.*"))


def test_a_damaged_ledger_is_replaced(ledger: Path, command: Command) -> None:
    copy = backed_up(ledger, command)
    kept = read_ledger(copy)
    ledger.write_bytes(b"x" * 4096 + ledger.read_bytes()[4096:])
    command.done("restore", copy, "--database", ledger, "--force")
    assert read_ledger(ledger) == kept
