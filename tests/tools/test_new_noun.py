"""`make noun` refuses what no noun can be made of, before it writes anything; what it writes is whole."""

import ast
import shutil
from pathlib import Path

import pytest

from tools.new_noun.__main__ import main
from tools.new_noun.noun import TYPES, NotANoun, read_noun
from tools.new_noun.writing import changes

ROOT = Path(__file__).parents[2]
FIELDS = ["customer:name", "subject:text"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of this checkout that the tool reads."""
    steps = "server/clientela_server/store/database/migrations/versions/0001_registry_and_ledger.py"
    taken = "protos/clientela/v1/purchases.proto"
    for path in (*changes(ROOT, read_noun("complaints", FIELDS)), steps, taken):
        if (ROOT / path).exists():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tmp_path / path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "NAME is missing"),
        (["purchases", *FIELDS], "exists already"),
        (["facts", *FIELDS], "there is a table of that name"),
        (["classs", *FIELDS], "must be a plural"),
        (["complaint", *FIELDS], "must be a plural"),
        (["gift_cards", *FIELDS], "must be one word"),
        (["Complaints", *FIELDS], "must be one word"),
        (["imports", *FIELDS], "is a reserved word"),
        (["requests", *FIELDS], "is a reserved word"),
        (["complaints"], "must begin with customer:name"),
        (["complaints", "subject:text"], "must begin with customer:name"),
        (["complaints", "customer:name"], "needs a field beside"),
        (["complaints", "customer:name", "subject"], "is not written NAME:TYPE"),
        (["complaints", "customer:name", "Subject:text"], "is not written NAME:TYPE"),
        (["complaints", "customer:name", "subject:emoji"], "is of no known type"),
        (["complaints", "customer:name", "price:money"], "is of no known type"),
        (["complaints", "customer:name", "class:text"], "is a reserved name"),
        (["complaints", "customer:name", "revision:int"], "is a reserved name"),
        (["complaints", "customer:name", "create_time:time"], "is a reserved name"),
        (["complaints", "customer:name", "mood:text", "mood:int"], "is there twice"),
        (["complaints", "customer:name", "complaint:text"], "is there twice"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_no_noun_is_refused_and_nothing_is_written(
    arguments: list[str],
    said: str,
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = contents(checkout)
    monkeypatch.chdir(checkout)
    assert main(arguments) == 2
    assert contents(checkout) == before
    error = capsys.readouterr().err
    assert said in error and error.endswith("; nothing was written\n")


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", TYPES)
def test_a_noun_of_any_field_is_written_whole(kind: str) -> None:
    made = changes(ROOT, read_noun("complaints", ["customer:name", f"detail:{kind}"]))
    for path, text in made.items():
        assert "%{" not in text
        if path.endswith(".py"):
            ast.parse(text)
            assert "omplaint" in text


def test_what_a_file_is_no_longer_like_is_said(checkout: Path) -> None:
    (checkout / "server/clientela_server/nouns.py").write_text("NOUNS = 1\n")
    with pytest.raises(NotANoun, match=r"nouns.py has 0 lines .*bring the tool to what it is now"):
        changes(checkout, read_noun("complaints", FIELDS))
