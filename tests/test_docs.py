"""The documents are true: their links lead somewhere, and their tables hold what the code holds."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.test_architecture import FLOORS, SOURCE_ROOTS

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# Said by clientela-server's own commands, and never by a call.
OF_THE_ADMINISTRATOR = {"TOKEN_NAME_TAKEN", "TOKEN_NOT_FOUND"}


def dead_links(text: str, folder: Path) -> list[str]:
    """List the relative links of a document that lead nowhere; what looks like one in code is none."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    return [link for link in links if "://" not in link and not (folder / link).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    assert dead_links(document.read_text("utf-8"), document.parent) == []


def test_a_dead_link_is_found() -> None:
    assert dead_links("see [there](docs/nowhere.md)", ROOT) == ["docs/nowhere.md"]


def undocumented(reasons: set[str], document: str) -> set[str]:
    """List the reasons that have no row in the table of errors."""
    return reasons - set(re.findall(r"^\| `([A-Z_]+)` \|", document, re.MULTILINE))


def test_every_reason_of_a_refusal_stands_in_the_table_of_errors() -> None:
    texts = ROOT / "server/clientela_server/rpc/locales/en.toml"
    reasons = set(tomllib.loads(texts.read_text("utf-8"))) - OF_THE_ADMINISTRATOR
    assert undocumented(reasons, (ROOT / "docs/errors.md").read_text("utf-8")) == set()


def test_a_reason_without_a_row_is_found() -> None:
    assert undocumented({"NEW"}, "| `OLD` | NOT_FOUND | ... |") == {"NEW"}


ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def packages() -> set[str]:
    """List our packages by their paths from the checkout."""
    found = (file.parent for root in SOURCE_ROOTS for file in root.rglob("__init__.py"))
    return {str(folder.relative_to(ROOT)) for folder in found}


def drawn_packages(document: str) -> set[str]:
    """List the packages that the document's tree has, by their paths."""
    above: list[str] = []
    found = set()
    for indent, name in re.findall(r"^( *)([\w/]+)/ {2,}\S", document, re.MULTILINE):
        above[len(indent) // 4 :] = [name]
        found.add("/".join(above))
    return found


def test_every_package_has_its_line_in_the_tree() -> None:
    assert drawn_packages(ARCHITECTURE) == packages()


def test_a_package_that_the_tree_lacks_is_seen() -> None:
    drawn = "server/a/      all\n    b/         this\n        c/     that\n    d/         the other\n"
    assert drawn_packages(drawn) == {"server/a", "server/a/b", "server/a/b/c", "server/a/d"}


def drawn_floors(document: str, top: str) -> list[list[str]]:
    """Read the floors of one of our top packages, from the ground up, as the document has them."""
    block = document.partition(f"{top}, from the top floor down\n")[2].partition("\n\n")[0]
    lines = [line for line in block.splitlines() if line.startswith("    ")]
    return [re.split(" {2,}", line.strip()) for line in reversed(lines)]


@pytest.mark.parametrize("top", FLOORS)
def test_the_floors_are_those_that_hold(top: str) -> None:
    short = [
        [name.removeprefix(top).lstrip(".").replace(".", "/") or "(all others)" for name in floor]
        for floor in FLOORS[top]
    ]
    assert drawn_floors(ARCHITECTURE, top) == short


def test_floors_are_read_from_the_ground_up() -> None:
    drawn = "a, from the top floor down\n    c  d/e\n    b\n\nelse"
    assert drawn_floors(drawn, "a") == [["b"], ["c", "d/e"]]
