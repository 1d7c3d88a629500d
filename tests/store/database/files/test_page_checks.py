"""Checksums of pages: a byte that changed on the disk is an error when it is read, never an answer."""

import random
from pathlib import Path

import apsw
import pytest

from clientela_server.store.database.connection import StoreDamaged
from clientela_server.store.database.files import page_checks
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.nouns.tokens import list_all
from clientela_server.usecases.tokens import create

WRITE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
READ = apsw.SQLITE_OPEN_READONLY
ROWS = 400

pytestmark = pytest.mark.sqlite


def filled(path: Path) -> apsw.Connection:
    """Make a file with some pages of rows."""
    connection = page_checks.connect(path, WRITE)
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON t (b)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"row {n} " * 20) for n in range(ROWS)])
    return connection


def all_of(path: Path) -> list[object]:
    """Read everything, by the table and by the index."""
    connection = page_checks.connect(path, READ)
    try:
        return [
            connection.execute("SELECT a, b FROM t ORDER BY a").fetchall(),
            connection.execute("SELECT b FROM t ORDER BY b").fetchall(),
        ]
    finally:
        connection.close()


def test_every_flipped_bit_is_an_error_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    filled(path).close()
    whole, answer = path.read_bytes(), all_of(path)
    chance, errors = random.Random(20), 0
    # All of the header, in which each byte has a meaning of its own, and some of the rest.
    for place in [*range(100), *(chance.randrange(len(whole)) for _ in range(100))]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            assert all_of(path) == answer, f"byte {place}"
        except apsw.Error:
            errors += 1
    assert errors > 180


def test_without_checksums_a_flipped_bit_is_served(tmp_path: Path) -> None:
    """What the test above guards against is real."""
    path = tmp_path / "ledger.db"
    connection = apsw.Connection(str(path), vfs="unix")
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    connection.execute("INSERT INTO t VALUES (1, 'paid 19.90')")
    connection.close()
    path.write_bytes(path.read_bytes().replace(b"19.90", b"99.90"))

    connection = page_checks.connect(path, READ)
    assert connection.execute("SELECT b FROM t").fetchall() == [("paid 99.90",)]
    connection.close()
    assert not page_checks.has_checksums(path)


def test_a_log_that_a_crash_left_is_taken_up_and_its_pages_get_checksums(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    connection = SqliteConnection(path)
    migrate(connection)
    create(connection, "till-1", "clerk", 1)
    left = tmp_path / "left.db"
    for suffix in ("", "-wal"):
        Path(f"{left}{suffix}").write_bytes(Path(f"{path}{suffix}").read_bytes())
    connection.close()

    reopened = SqliteConnection(left)
    assert [token.name for token in list_all(reopened)] == ["till-1"]
    reopened.close()
    assert left.read_bytes()[20] == 8
    assert not Path(f"{left}-wal").exists()
    page = bytearray(left.read_bytes())
    page[page.rindex(b"till-1")] ^= 1
    left.write_bytes(page)
    reopened = SqliteConnection(left)
    with pytest.raises(StoreDamaged, match="not what was written"):
        list_all(reopened)
    reopened.close()


def test_a_file_that_says_it_has_checksums_and_has_none_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    filled(path).close()
    without = bytearray(path.read_bytes())
    without[20] = 0
    path.write_bytes(without)
    with pytest.raises(apsw.CorruptError, match="header"):
        page_checks.connect(path, WRITE)


def test_a_build_without_the_extension_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apsw.sqlite_extra.has", lambda _: None)
    page_checks._vfs.cache_clear()
    with pytest.raises(page_checks.ChecksumsUnavailable, match="wheel"):
        page_checks.connect(tmp_path / "ledger.db", WRITE)
