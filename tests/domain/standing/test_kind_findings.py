"""The number of purchases that changes a share is the least that does, as a linear search finds it."""

from hypothesis import example, given
from hypothesis import strategies as st

from clientela_server.domain.standing.kind_findings import gaining, losing
from clientela_server.domain.standing.kinds import reaches

COUNTS = st.integers(0, 60)
PERCENTS = st.integers(1, 100)


@given(COUNTS, COUNTS, PERCENTS)
@example(1, 1, 100)
@example(0, 0, 100)
def test_the_least_number_of_purchases_raises_a_share(part: int, rest: int, percent: int) -> None:
    whole = part + rest
    if reaches(part, whole, percent):
        return
    more = gaining(part, whole, percent)
    if not more:
        assert (percent, rest > 0) == (100, True)
        return
    assert reaches(part + more, whole + more, percent)
    assert more == 1 or not reaches(part + more - 1, whole + more - 1, percent)


@given(COUNTS, COUNTS, PERCENTS)
def test_the_least_number_of_other_purchases_lowers_a_share(part: int, rest: int, percent: int) -> None:
    whole = part + rest
    if not reaches(part, whole, percent):
        return
    more = losing(part, whole, percent)
    assert not reaches(part, whole + more, percent)
    assert more == 1 or reaches(part, whole + more - 1, percent)
