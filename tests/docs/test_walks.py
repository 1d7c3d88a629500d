"""The documents that are walks hold: their steps are taken, in order, in a copy of the checkout.

Each command must do what the document shows. What checks them is shown to find a planted fault.
"""

from pathlib import Path

import pytest

from tests.docs.copied import ROOT, Copy
from tests.docs.walkthrough import steps

WALKS = ("add-a-service.md",)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("document", WALKS)
def test_every_step_of_the_walk_goes_as_it_says(document: str, tmp_path: Path) -> None:
    with Copy(tmp_path) as copy:
        for step in steps((ROOT / "docs" / document).read_text("utf-8")):
            copy.take(step)
