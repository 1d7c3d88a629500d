"""Files with data or secrets are readable by their owner only, whatever there was and the umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_client.private_files import private, write_private


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o277], ids=oct)
def umask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_its_accounts_own(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_private(path, "Blue Door Café")
    assert (mode(path), path.read_text("utf-8")) == (0o600, "Blue Door Café")


def test_a_file_that_others_could_read_is_closed_to_them_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("a longer page of yesterday")
    path.chmod(0o666)
    with open(path, "w", opener=private) as file:
        assert mode(path) == 0o600
        file.write("new")
    assert (mode(path), path.read_text()) == (0o600, "new")


def test_what_is_appended_to_is_closed_to_others_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text("one\n")
    path.chmod(0o644)
    with open(path, "a", opener=private) as file:
        file.write("two\n")
    assert (mode(path), path.read_text()) == (0o600, "one\ntwo\n")


def test_what_is_no_file_stays_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_private(pipe, "through")
        assert os.read(reading, 100) == b"through"
    finally:
        os.close(reading)
    assert mode(pipe) == 0o644
