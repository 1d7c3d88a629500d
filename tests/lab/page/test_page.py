"""The file itself: what is in it, and what a stranger's text may do to it."""

import json
import re
import stat
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from clientela_lab.cli import lab
from clientela_lab.page import page as module
from clientela_lab.page.page import SCRIPTS, STYLES, page
from clientela_lab.wire.decode.events import to_line
from tests.lab.page import samples

SIZE_MAX = 300 * 1024
PARTS = Path(module.__file__).parent


def data_of(text: str) -> str:
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert found
    return found[1]


def test_the_page_is_small_beside_its_data() -> None:
    text = page(samples.lost_reply())
    assert len(text.encode()) - len(data_of(text).encode()) < SIZE_MAX


def test_the_data_is_the_recording_as_it_was() -> None:
    events = samples.lost_reply()
    assert json.loads(data_of(page(events))) == json.loads(orjson.dumps(events))


def test_the_data_of_an_empty_recording_is_a_list_too() -> None:
    assert json.loads(data_of(page([]))) == []


@pytest.mark.parametrize(
    "hostile", [samples.HOSTILE, "<!--<script>", "\u2028]]>", "$title ${events}", "\\u003c"]
)
def test_a_text_can_neither_end_the_data_nor_begin_markup(hostile: str) -> None:
    events = [{"event": "say", "n": 1, "t": 0.0, "text": hostile}]
    data = data_of(page(events))
    assert "<" not in data
    assert json.loads(data) == events


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_is_and_is_short(name: str) -> None:
    text = (PARTS / f"js/{name}.js").read_text("utf-8")
    assert text.startswith("// ")
    assert text.count("\n") <= 300


def test_every_script_and_style_is_in_the_page() -> None:
    assert {path.stem for path in PARTS.glob("js/*")} == set(SCRIPTS)
    assert {path.name for path in PARTS.glob("*.css")} == set(STYLES)


def test_the_title_is_escaped() -> None:
    assert "<title>&lt;/script&gt;" in page(samples.hostile())


def test_nothing_of_another_place_is_named() -> None:
    text = page([])
    assert not re.search(r"https?:|\bsrc=|\bhref=|@import|url\(", text)


def test_the_policy_lets_nothing_in_but_this_style_and_script() -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page([]))
    assert found
    policy = dict(part.split(" ", 1) for part in found[1].split("; "))
    assert policy["default-src"] == "'none'"
    assert all(policy[kind].startswith("'sha256-") for kind in ("script-src", "style-src"))
    assert "unsafe" not in found[1]


def recorded(folder: Path, data: bytes) -> Path:
    file = folder / "lost.jsonl"
    file.write_bytes(data)
    return file


def lines() -> bytes:
    return b"".join(map(to_line, samples.lost_reply()))


def made(*words: str | Path) -> Result:
    return CliRunner().invoke(lab, ["page", *map(str, words)])


def test_the_command_makes_the_page_beside_the_recording(tmp_path: Path) -> None:
    (tmp_path / "lost.html").touch(0o644)
    ended = made(recorded(tmp_path, lines()))
    assert ended.output.strip() == str(tmp_path / "lost.html")
    assert stat.S_IMODE((tmp_path / "lost.html").stat().st_mode) == 0o600
    assert (tmp_path / "lost.html").read_text("utf-8") == page(samples.lost_reply())


@pytest.mark.parametrize(("cut", "torn"), [(10, "yes"), (0, "no")])
def test_of_a_recording_that_is_cut_off_there_is_a_page(tmp_path: Path, cut: int, torn: str) -> None:
    data = lines()
    ended = made(recorded(tmp_path, data[: len(data) - cut]), "-o", tmp_path / "page.html")
    assert ended.exit_code == 0, ended.output
    text = (tmp_path / "page.html").read_text("utf-8")
    assert f'data-torn="{torn}"' in text
    assert len(json.loads(data_of(text))) == len(samples.lost_reply()) - bool(cut)


def test_of_an_empty_file_there_is_a_page(tmp_path: Path) -> None:
    made(recorded(tmp_path, b""), "-o", tmp_path / "page.html")
    assert json.loads(data_of((tmp_path / "page.html").read_text("utf-8"))) == []


def test_what_is_no_recording_is_refused_in_words(tmp_path: Path) -> None:
    ended = made(recorded(tmp_path, b"hello\n"))
    assert ended.exit_code == 2
    assert "line 1" in ended.output
    assert not (tmp_path / "lost.html").exists()
