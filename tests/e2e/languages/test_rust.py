"""The recipe for Rust, as the page has it."""

import pytest

from tests.e2e.languages.recipes import Recipe


@pytest.mark.long
class TestRust(Recipe):
    """Built once, then put before servers in several moods."""

    heading = "### Rust"
    programs = ("cargo",)
