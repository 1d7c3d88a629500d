"""RFM: the published scores of the CDNOW sample come out, and what is true of any clients."""

import datetime
import gzip
from collections import Counter, defaultdict
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab import cdnow
from clientela_server.domain.rfm import (
    Cutpoints,
    RfmInput,
    cutpoints,
    cutpoints_of,
    score_by_ntile,
    score_by_quintile,
)

REFERENCE = datetime.date(1998, 7, 1)


@pytest.fixture(scope="module")
def clients() -> list[RfmInput]:
    """The sample's clients, by the sample's own ids: ties of the published scores are broken by these."""
    file = files("clientela_lab") / "data" / "cdnow_sample.txt.gz"
    ids = dict(line.split()[:2] for line in gzip.decompress(file.read_bytes()).decode().splitlines())
    bought: dict[str, list[cdnow.Row]] = defaultdict(list)
    for row in cdnow.rows():
        bought[str(int(ids[row.customer_id]))].append(row)
    return [_bought(customer_id, rows) for customer_id, rows in bought.items()]


def _bought(customer_id: str, rows: list[cdnow.Row]) -> RfmInput:
    last = max(datetime.date.fromisoformat(row.date) for row in rows)
    cents = int(sum(Decimal(row.amount) for row in rows) * 100)
    return RfmInput(customer_id, (REFERENCE - last).days, len(rows), cents)


def counts(scores: list[int]) -> list[int]:
    found = Counter(scores)
    return [found[step] for step in range(1, 6)]


def test_the_published_cutpoints_come_out(clients: list[RfmInput]) -> None:
    cuts = cutpoints_of(clients)
    assert [float(cut) for cut in cuts.recency] == [153.0, 443.0, 487.0, 513.0]
    assert [float(cut) for cut in cuts.frequency] == [1.0, 1.0, 2.0, 4.0]
    assert [round(float(cut) / 100, 4) for cut in cuts.monetary] == [15.36, 31.958, 59.25, 130.436]


def test_the_published_scores_come_out(clients: list[RfmInput]) -> None:
    cuts = cutpoints_of(clients)
    scores = [score_by_quintile(client, cuts) for client in clients]
    assert counts([score.recency for score in scores]) == [459, 478, 475, 471, 474]
    assert counts([score.frequency for score in scores]) == [1205, 0, 406, 358, 388]
    assert counts([score.monetary for score in scores]) == [481, 462, 472, 470, 472]
    cells = Counter(score.cell for score in scores)
    assert [cells[cell] for cell in ("111", "133", "335", "455", "555")] == [167, 12, 3, 81, 234]


def test_the_published_ntiles_come_out(clients: list[RfmInput]) -> None:
    scores = score_by_ntile(clients)
    for column in zip(*scores, strict=True):
        assert counts(list(column)) == [472, 472, 471, 471, 471]
    cells = Counter(score.cell for score in scores)
    assert [cells[cell] for cell in ("555", "554", "545", "455", "111", "112", "155", "511")] == [
        246,
        58,
        33,
        94,
        171,
        141,
        0,
        0,
    ]


bought = st.builds(
    RfmInput, st.uuids().map(str), st.integers(1, 5000), st.integers(1, 60), st.integers(0, 10**15)
)


@given(st.lists(bought, min_size=1, max_size=60))
def test_who_bought_later_more_often_and_more_never_scores_less(everybody: list[RfmInput]) -> None:
    cuts = cutpoints_of(everybody)
    for scored in ([score_by_quintile(client, cuts) for client in everybody], score_by_ntile(everybody)):
        pairs = [(c, s) for c, s in zip(everybody, scored, strict=True)]
        for client, score in pairs:
            assert all(1 <= each <= 5 for each in score)
            for other, its in pairs:
                assert client.recency_days <= other.recency_days or score.recency <= its.recency
                assert client.frequency >= other.frequency or score.frequency <= its.frequency
                assert client.monetary >= other.monetary or score.monetary <= its.monetary


@given(st.lists(bought, min_size=1, max_size=60, unique_by=lambda client: client.customer_id))
def test_ntiles_differ_by_one_client_at_most(everybody: list[RfmInput]) -> None:
    for column in zip(*score_by_ntile(everybody), strict=True):
        sizes = counts(list(column))
        assert max(sizes) - min(sizes) <= 1
        assert sizes == sorted(sizes, reverse=True)


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=50))
def test_cutpoints_lie_between_the_least_and_the_most(values: list[int]) -> None:
    found = cutpoints(values)
    assert list(found) == sorted(found)
    assert min(values) <= found[0]
    assert found[-1] <= max(values)


def test_a_value_equal_to_a_cutpoint_is_in_the_lower_step() -> None:
    even = cutpoints([0, 10, 20, 30, 40, 50])
    assert score_by_quintile(RfmInput("1", 10, 10, 50), Cutpoints(even, even, even)) == (5, 1, 5)


def test_of_nobody_there_are_no_cutpoints() -> None:
    with pytest.raises(ValueError, match="nobody bought"):
        cutpoints_of([])
