"""The plugin that `make test` loads: what takes long is left out, and that is said."""

from pathlib import Path

import pytest

from tests.plugins.test_no_skips import run

TESTS = """
@pytest.mark.long
@pytest.mark.parametrize("n", range(3))
def test_a(n): assert False
@pytest.fixture
def browser(): raise RuntimeError("it was opened")
@pytest.fixture
def page(browser): return browser
def test_b(page): assert False
def test_c(): pass
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_takes_long_is_left_out_and_counted(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long: takes long\n")
    (tmp_path / "tests" / "shop").mkdir(parents=True)
    result = run(tmp_path / "tests" / "shop", TESTS, "quick", "--rootdir", str(tmp_path), *workers)
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout
    assert "left to make test-all: 4 tests that take long (shop 4)" in result.stdout
