"""What is written for a noun: new files from templates/, and lines in files that list all nouns (edits.txt).

All texts are made before any is written, so that what is refused has changed nothing.
Imports and lists are put in order by ruff, which `make noun` runs. Read next: blocks.py.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from tools.new_noun.blocks import blocks
from tools.new_noun.noun import NotANoun, Noun
from tools.new_noun.taken import holder

TEMPLATES = Path(__file__).parent / "templates"
_STEPS = "server/clientela_server/store/database/migrations/versions"
_SCHEMA = "server/clientela_server/store/database/schema.py"
_FEED = "protos/clientela/v1/feed.proto"


class _Text(Template):
    """A template whose places are written %{name}: what it becomes has dollars and braces of its own."""

    delimiter = "%"


def changes(root: Path, noun: Noun) -> dict[str, str]:
    """Return the text of each file that is written, by its path; NotANoun if its name is used already."""
    words = _words(noun) | blocks(noun) | _next_step(root)
    made = {place.format(**words): _filled(name, words) for name, place in _FILES.items()}
    for path in (*made, f"protos/clientela/v1/{noun.singular}.proto"):
        if (root / path).exists():
            raise NotANoun(f'NAME="{noun.plural}": exists already, {path}')
    if f'"{noun.plural}",' in (root / _SCHEMA).read_text("utf-8"):
        raise NotANoun(f'NAME="{noun.plural}": there is a table of that name')
    for word in (noun.singular, noun.plural):
        if held := holder(root, word):
            raise NotANoun(f'NAME="{noun.plural}": "{word}" is {held} already')
    for where, path, line, new in _edits():
        text = made.get(path) or (root / path).read_text("utf-8")
        made[path] = _edited(path, text, where, line, _Text(new).substitute(words))
    return made


def _words(noun: Noun) -> dict[str, str]:
    a_noun = noun.with_article
    return {
        "noun": noun.singular,
        "nouns": noun.plural,
        "Noun": noun.singular.capitalize(),
        "Nouns": noun.plural.capitalize(),
        "NOUN": noun.singular.upper(),
        "a_noun": a_noun,
        "A_noun": a_noun.capitalize(),
        "tree_line": f"{noun.plural + '/':<23}of {noun.plural}",
        "a_noun_snake": a_noun.replace(" ", "_"),
    }


def _next_step(root: Path) -> dict[str, str]:
    """Return the numbers of the next migration and of the next field in the feed's Change."""
    before = max(step.name[:4] for step in (root / _STEPS).glob("[0-9]*.py"))
    change = (root / _FEED).read_text("utf-8").partition("message Change {")[2].partition("\n}")[0]
    numbers = [int(number) for number in re.findall(r" = (\d+)(?: \[|;)", change)]
    return {"before": before, "step": f"{int(before) + 1:04}", "number": str(max(numbers) + 1)}


def _filled(template: str, words: dict[str, str]) -> str:
    return _Text((TEMPLATES / f"{template}.txt").read_text("utf-8")).substitute(words)


def _edits() -> Iterator[tuple[str, str, str, str]]:
    """Yield each text with where it goes.

    That is `after`, `before` or `within` the one line of a file that matches, after the `first` that does, or
    at the file's `end`.
    """
    for part in (TEMPLATES / "edits.txt").read_text("utf-8").split("@@ ")[1:]:
        head, _, new = part.partition("\n")
        where, path, *line = head.split(" ", 2)
        yield where, path, line[0].removeprefix("@ ") if line else "", new


def _edited(path: str, text: str, where: str, line: str, new: str) -> str:
    """Return a file with new lines; NotANoun where it is not clear which line is meant."""
    if where == "end":
        return text + new
    if where == "within":
        new = new.rstrip("\n")
    places = list(re.finditer(line if where == "within" else rf"{line}.*\n", text, re.MULTILINE))
    if not places or (len(places) > 1 and where != "first"):
        raise NotANoun(f"{path} has {len(places)} lines {line}: bring the tool to what it is now")
    at = places[0].start() if where == "before" else places[0].end()
    return text[:at] + new + text[at:]


_SERVER = "server/clientela_server"
_CLIENT = "client/clientela_client"
_FILES = {
    "proto": "protos/clientela/v1/{nouns}.proto",
    "domain": _SERVER + "/domain/{nouns}.py",
    "migration": _STEPS + "/{step}_{nouns}.py",
    "usecase": _SERVER + "/usecases/{nouns}.py",
    "codec": _SERVER + "/rpc/codec/{nouns}.py",
    "service": _SERVER + "/rpc/services/{nouns}.py",
    "cli_init": _CLIENT + "/cli/{nouns}/__init__.py",
    "cli_commands": _CLIENT + "/cli/{nouns}/{noun}_commands.py",
    "test": "tests/rpc/services/test_{nouns}.py",
}
