"""`make noun` refuses invalid names and fields before it writes anything; what it writes is complete."""

import ast
import builtins
import keyword
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.command.options import GLOBAL_NAMES
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
    messages = "client/clientela_client/messages.py"
    for path in (*changes(ROOT, read_noun("complaints", FIELDS)), steps, taken, messages):
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
        (["complaints", "customer:name", "class:text"], "is a reserved word"),
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


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("nouns", '"noun" is the type Noun'),
        ("calls", '"calls" is the module client/clientela_client/'),
        ("items", '"items" is the module client/clientela_client/_async/items.py'),
        ("feeds", "exists already, protos/clientela/v1/feed.proto"),
        ("transactions", '"transaction" is the module server/clientela_server/'),
        ("versions", "an option of every command"),
        ("watchs", '"watch" is the module'),
        ("labs", '"lab" is the command `clientela lab`'),
        ("helps", "is a reserved word"),
        ("cohorts", "exists already, server/clientela_server/domain/cohorts.py"),
        ("persons", '"person" is the type Person'),
        ("dates", '"date" is the type Date'),
        ("servers", '"server" is a reserved word: an option of every command'),
        ("types", '"type" is a reserved word: a builtin of Python'),
        ("oneofs", '"oneof" is a reserved word of the contract'),
    ],
)
def test_a_name_that_is_used_already_is_refused_with_what_it_is(name: str, held: str) -> None:
    with pytest.raises(NotANoun, match=re.escape(held)):
        changes(ROOT, read_noun(name, FIELDS))


@pytest.mark.parametrize(
    "name",
    "policies series classes boxes branches dishes statuses analysis quizzes status news".split(),
)
def test_a_plural_that_is_not_the_singular_with_an_s_is_refused(name: str) -> None:
    with pytest.raises(NotANoun, match="must be a plural that is the singular with an s"):
        read_noun(name, FIELDS)


@pytest.mark.parametrize("name", "visits offers houses clauses leases movies invoices expenses".split())
def test_a_plural_with_an_s_is_taken(name: str) -> None:
    assert read_noun(name, FIELDS).plural == name


TAKEN_FIELDS = (
    "int str bool class match list filter type self etag oneof name parent customer request_id validate_only "
    "timeout_s page_token page_size order_by limit columns dry_run lang raw version quiet output server "
    "token wire recorded_by rerun_is_safe"
).split()


@pytest.mark.parametrize("field", [*(f"{each}:text" for each in TAKEN_FIELDS), "create:time", "order:int"])
def test_a_field_that_is_called_as_something_else_is_refused(field: str) -> None:
    with pytest.raises(NotANoun, match=r"is a reserved (name|word)"):
        read_noun("complaints", ["customer:name", field])


@given(st.sampled_from([*keyword.kwlist, *dir(builtins), *GLOBAL_NAMES]), st.sampled_from(TYPES))
def test_no_word_of_python_and_no_global_option_becomes_a_field(word: str, kind: str) -> None:
    with pytest.raises(NotANoun, match="FIELDS: "):
        read_noun("complaints", ["customer:name", f"{word}:{kind}"])


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
