"""Histories whose figures contradict each other are refused."""

import pytest

from tests.models.made_up import histories_of


@pytest.mark.parametrize(
    "client", [(-1.0, 0, 5, 0), (1.0, 6, 5, 0), (1.0, 0.0, 5, 0), (0.0, 3.0, 5, 0), (2.0, -1.0, 5.0, 0)]
)
def test_figures_that_contradict_each_other_are_refused(client: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"must hold|is 0 where"):
        histories_of(client)
