"""The documents are true: their links lead somewhere, and their tables hold what the code holds."""

import re
import tomllib
from pathlib import Path

import pytest

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
