"""The recipe for Java, as the page has it."""

import pytest

from tests.e2e.languages.recipes import Recipe


@pytest.mark.long
class TestJava(Recipe):
    """Built once, then put before servers in several moods."""

    heading = "### Java"
    programs = ("mvn", "javac")
    gives_up_s = 9.0  # Maven comes first
