"""Every scenario passes with its protection and fails without: a check that cannot fail is none."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from clientela_client.cli.main import run
from clientela_lab import scenarios
from clientela_lab.catalogue import find, names
from clientela_lab.wire.record.recording import read

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(scenarios.__file__).parent
NAMES = names()
LINES = range(40, 121)
# Its checks are a table with a row for each thing that can be left out.
ONE_ROW_EACH = {"retry-storm"}
each_scenario = pytest.mark.parametrize("name", NAMES)
# Of each kind one is run every time; the others are left to `make test-all`.
QUICK = {"lost-reply"}
each_run = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in NAMES]
)
each_left_out = pytest.mark.parametrize(
    ("name", "without"),
    [
        pytest.param(name, without, marks=() if name in QUICK else pytest.mark.long)
        for name in NAMES
        for without in find(name).scenario.protections
    ],
)


def events_of(name: str, folder: Path, *more: str) -> tuple[int, list[Any]]:
    """Run a scenario from the command line; return its exit code, and the events of its recording."""
    if missing := find(name).scenario.missing:
        pytest.skip(f"needs {' and '.join(missing)}")
    page, record = folder / "page.html", folder / "recording.jsonl"
    exit_code = run(["lab", "run", name, "--page", str(page), "--record", str(record), *more])
    return exit_code, list(read(record))


def of_kind(kind: str, events: list[Any]) -> list[Any]:
    return [event for event in events if event["event"] == kind]


@each_run
def test_with_its_protection_it_comes_as_predicted(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, events = events_of(name, tmp_path)

    assert exit_code == 0, capsys.readouterr().out
    assert all(check["right"] for check in of_kind("check", events))
    assert [verdict["kept"] for verdict in of_kind("verdict", events)] == [True]
    assert all(belief["outcome"] != "in doubt" for belief in of_kind("belief", events)[-1:])


@each_left_out
def test_without_its_protection_it_comes_out_red(
    name: str, without: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, events = events_of(name, tmp_path, "--without", without)

    assert exit_code == 1, capsys.readouterr().out
    red = [check["what"] for check in of_kind("check", events) if not check["right"]]
    assert red, "red by a prediction, not by accident"
    assert [verdict["kept"] for verdict in of_kind("verdict", events)] == [False]
    [told] = of_kind("scenario", events)
    assert (told["protection"], told["without"]) == (without, find(name).scenario.protections[without])
    if name in ONE_ROW_EACH:
        assert [what.partition(":")[0] for what in red] == [without], "a row for each, and no other is red"


def wanting(name: str, source: str, document: str) -> list[str]:
    """List what a scenario's file lacks."""
    text = ast.get_docstring(ast.parse(source)) or ""
    needs = {
        "40 to 120 lines": source.count("\n") in LINES,
        "a question in its first line": text.splitlines()[:1] and text.splitlines()[0].endswith("?"),
        "what to look at": "\nLook at: " in text,
        "what to read next": "\nRead next: " in text,
        "a row in docs/lab.md": re.search(rf"^\|.*`clientela lab run {name}`", document, re.MULTILINE),
        "how to run it without, in docs/lab.md": all(
            f"`--without {each}`" in document for each in find(name).scenario.protections
        ),
    }
    return [need for need, met in needs.items() if not met]


@each_scenario
def test_a_scenario_is_whole(name: str) -> None:
    source = (FOLDER / f"{name.replace('-', '_')}.py").read_text("utf-8")
    assert wanting(name, source, (ROOT / "docs/lab.md").read_text("utf-8")) == []


def test_what_a_scenario_lacks_is_seen() -> None:
    assert wanting("first-call", '"""No question."""\n', "") == [
        "40 to 120 lines",
        "a question in its first line",
        "what to look at",
        "what to read next",
        "a row in docs/lab.md",
        "how to run it without, in docs/lab.md",
    ]


def told_next(name: str) -> str:
    """Return what a scenario's file tells to read next."""
    text = (FOLDER / f"{name.replace('-', '_')}.py").read_text("utf-8")
    return text.partition("\nRead next: ")[2].partition('"""')[0]


def test_who_reads_on_as_told_gets_from_the_first_to_the_last_and_never_back() -> None:
    order = list(scenarios.READING_ORDER)
    name = order[0]
    while name != order[-1]:
        match = re.match(r"(\w+)\.py", told_next(name))
        assert match, name
        then = match[1].replace("_", "-")
        assert order.index(then) > order.index(name), f"{name} leads back to {then}"
        name = then


@each_scenario
def test_what_it_says_to_read_next_is_there(name: str) -> None:
    for file in re.findall(r"[\w/]+\.(?:py|md)", told_next(name)):
        assert (FOLDER / file).exists() or (ROOT / file).exists(), file


@each_scenario
def test_it_says_what_it_is(name: str) -> None:
    scenario = find(name).scenario
    assert all((scenario.question, scenario.prediction, *scenario.protections.values()))
    assert len(scenario.protections) == 1 + len(scenario.further)
    for protection in scenario.protections:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", protection)


@each_scenario
def test_a_policy_differs_by_one_setting_where_a_protection_is_left_out(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name.replace('-', '_')}.py").read_text("utf-8"))
    assert settings_by_protection(tree) <= 1


def settings_by_protection(tree: ast.AST) -> int:
    """Tell how many settings of a policy, at most, are chosen by one look at what protects."""
    choices = [
        node for node in ast.walk(tree) if isinstance(node, ast.IfExp) and is_about_protection(node.test)
    ]
    made = [
        call
        for choice in choices
        for side in (choice.body, choice.orelse)
        for call in ast.walk(side)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in {"RetryPolicy", "replace"}
    ]
    return max((len(call.keywords) for call in made), default=0)


def is_about_protection(test: ast.AST) -> bool:
    return "lab.protected" in (said := ast.unparse(test)) or "lab.has(" in said


def test_a_policy_that_differs_by_two_settings_is_seen() -> None:
    planted = "policy = A if lab.protected else RetryPolicy(max_attempts=1, wait_for_server=False)"
    assert settings_by_protection(ast.parse(planted)) == 2


SAME_RUN = re.compile(r"same seed is the same run|all that is left to chance|seed tells all", re.IGNORECASE)


def test_nowhere_is_it_said_that_a_seed_repeats_a_run() -> None:
    told = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md", *(ROOT / "client/clientela_lab").rglob("*.py")]
    assert [file.name for file in told if SAME_RUN.search(" ".join(file.read_text("utf-8").split()))] == []
    assert SAME_RUN.search("The same seed is the same run.")


def test_all_files_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "list"]) == 0
    listed = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [command for _, command in listed] == [f"clientela lab run {name}" for name in NAMES]
    files = {path.stem.replace("_", "-") for path in FOLDER.glob("[a-z]*.py")}
    assert files == set(NAMES)
    assert files > QUICK
    assert set(scenarios.READING_ORDER) <= files, "the order of reading names files that are there"
