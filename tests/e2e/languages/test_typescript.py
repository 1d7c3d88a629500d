"""The recipe for TypeScript, as the page has it."""

import pytest

from tests.e2e.languages.recipes import Recipe


@pytest.mark.long
class TestTypeScript(Recipe):
    """Built once, then put before servers in several moods."""

    heading = "### TypeScript"
    programs = ("npm", "protoc")
