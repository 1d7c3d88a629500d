"""What docs/operations.md shows of backup, restore, verify and migrate comes as shown."""

import gzip
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_client.cli.main import run
from clientela_lab import cdnow
from tests.docs.copied import ROOT
from tests.docs.desk import Desk, Typed, typed
from tests.docs.test_typed_documents import blue_door
from tests.docs.walkthrough import agrees

SHOWN = {each.line: each for each in typed((ROOT / "docs/operations.md").read_text("utf-8")) if each.output}
OLD_LEDGER = ROOT / "tests/upkeep/fixtures/ledger-0001.db.gz"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A server with the sample in it."""
    (tmp_path / "backups").mkdir()
    cdnow.write_csv(tmp_path / "cdnow.csv")
    with Desk(tmp_path, monkeypatch).serving() as desk:
        assert run(shlex.split("purchases import cdnow.csv --currency USD")) == 0
        yield desk


def shown(command: str) -> Typed:
    """Return the one line that begins so, with what is shown of it."""
    [found] = [each for line, each in SHOWN.items() if line.startswith(command)]
    return found


def settled(text: str, home: Path) -> str:
    """Return the text without what differs from run to run: hashes, sizes, folders."""
    text = text.replace(f"{home}/backups", "/backups").replace(
        str(home / ".local/share/clientela"), "/home/..."
    )
    text = text.replace("/home/.../clientela", "/home/...")
    text = re.sub(r"\b(\d+):[0-9a-f]{8,}(\.\.\.)?", r"\1:HASH", text)
    return re.sub(r"\b[\d.]+ MiB|ok +[\d,]+(?=, each with its checksum)", "SIZE", text)


@pytest.mark.long
def test_a_backup_is_made_restored_and_verified_against_a_head_that_was_pinned(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def takes(each: Typed, line: str | None = None) -> str:
        ended, printed = desk.type((line or each.line).replace("/backups", f"{tmp_path}/backups"), capsys)
        assert ended == 0, printed
        assert agrees(settled(each.output, tmp_path), settled(printed, tmp_path)), printed
        return printed

    [pinned] = re.findall(r"^Head: (\S+)", takes(shown("clientela-server backup /")), re.MULTILINE)
    desk.server.stop()
    takes(shown("clientela-server restore /"))
    desk.server.start()
    desk.type_all(blue_door(), capsys)
    takes(shown("clientela-server verify --head"), f"clientela-server verify --head {pinned}")


def test_an_old_ledger_is_brought_to_this_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path, monkeypatch)
    (desk.server.folder / "ledger.db").write_bytes(gzip.decompress(OLD_LEDGER.read_bytes()))
    each = shown("clientela-server migrate")
    assert desk.type(each.line, capsys) == (0, each.output)


def test_another_figure_is_seen(tmp_path: Path) -> None:
    assert settled("totals  ok  2,357", tmp_path) != settled("totals  ok  2,358", tmp_path)
    assert settled("head  ok  9276:b0d1f6a3...", tmp_path) != settled("head  ok  9277:b0d1f6a3", tmp_path)
