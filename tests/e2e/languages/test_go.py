"""The recipe for Go, as the page has it."""

import pytest

from tests.e2e.languages.recipes import Recipe


@pytest.mark.long
class TestGo(Recipe):
    """Built once, then put before servers in several moods."""

    heading = "### Go"
    programs = ("go", "protoc")
