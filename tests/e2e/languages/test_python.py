"""The recipe for Python, as the page has it."""

import pytest

from tests.e2e.languages.recipes import Recipe


@pytest.mark.long
class TestPython(Recipe):
    """Built once, then put before servers in several moods."""

    heading = "### Python, without the SDK"
    programs = ("python3",)
