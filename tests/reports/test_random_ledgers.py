"""Reports on random ledgers, as of any day, are what a scan of their purchases gives."""

import random
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.rfm import (
    Cell,
    RfmInput,
    Scorer,
    cutpoints_of,
    score_by_ntile,
    score_by_quintile,
)
from clientela_server.reports import cohorts, histories, rfm
from clientela_server.reports.sums import in_nanos, total
from tests.reports.ledgers import TODAY, Story, scanned, told, written

pytestmark = pytest.mark.sqlite
seeds = st.integers(0, 2**32)
days = st.sampled_from([TODAY, TODAY - 1, TODAY - 30, TODAY - 61, TODAY - 401])
parts = st.integers(1, 9)


def cells(clients: list[RfmInput], *, tiles: bool) -> list[Cell]:
    """Score each client by the rules for one, and count."""
    if not clients:
        return []
    cuts = cutpoints_of(clients)
    scores = score_by_ntile(clients) if tiles else [score_by_quintile(client, cuts) for client in clients]
    counts, amounts = Counter(scores), defaultdict(int)
    for client, score in zip(clients, scores, strict=True):
        amounts[score] += client.monetary
    return [Cell(score, counts[score], amounts[score]) for score in sorted(counts, reverse=True)]


@settings(max_examples=2 * settings.default.max_examples)
@given(seeds, days, parts)
def test_any_ledger_is_reported_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, seed: int, as_of: int, at_once: int
) -> None:
    story, write = told(random.Random(seed))
    with written(tmp_path_factory.mktemp("reports"), write) as ledger:
        for currency in ("EUR", "PLN", "USD"):
            bought = scanned(ledger, lambda each, of=currency: rfm.rfm_arrays(each, of, as_of), at_once)
            clients = story.bought(currency, as_of)
            for tiles in (False, True):
                table = rfm.table(bought, by_ntile=tiles)
                assert (table.customers, list(table.cells)) == (len(clients), cells(clients, tiles=tiles))
            months = scanned(ledger, lambda each, of=currency: cohorts.months_of(each, of, as_of), at_once)
            assert cohorts.history(months) == story.history(currency, as_of)
        scales = rfm.cutpoints_by_currency(
            scanned(ledger, lambda each: rfm.rfm_arrays_by_currency(each, as_of), at_once)
        )
        assert scales == {
            of: cutpoints_of(clients) for of in ("EUR", "PLN") if (clients := story.bought(of, as_of))
        }


@settings(max_examples=settings.default.max_examples)
@given(seeds, days, parts, st.integers(0, 300))
def test_what_models_are_fitted_on_is_what_each_client_did(
    tmp_path_factory: pytest.TempPathFactory, seed: int, as_of: int, at_once: int, back: int
) -> None:
    story, write = told(random.Random(seed))
    with written(tmp_path_factory.mktemp("reports"), write) as ledger:
        found = scanned(ledger, lambda each: histories.observed_in(each, "EUR", as_of, as_of - back), at_once)
    observed = histories.concatenated(found)
    assert sorted(observed.ids.tolist()) == sorted(each.encode() for each in story.days("EUR", as_of))
    for place, known in enumerate(observed.ids.tolist()):
        customer_id = known.decode()
        assert observed.lives[place] == (customer_id not in story.deleted)
        for day, figures in ((as_of, observed.known), (as_of - back, observed.earlier)):
            assert history_of(story, customer_id, day) == (
                figures.x[place],
                figures.x[place] >= 0 and figures.last[place] - figures.first[place],
                in_nanos(figures.units, figures.nanos)[place],
            )


def history_of(story: Story, customer_id: str, until: int) -> tuple[int, int, int]:
    """x, t_x in days, and nanos on the days after the first; x is -1 before the first purchase."""
    entries = story.days("EUR", until).get(customer_id, [])
    bought = sorted({entry.day for entry in entries})
    later = sum(entry.amount for entry in entries if entry.day != bought[0])
    return len(bought) - 1, bought[-1] - bought[0] if bought else False, later


@settings(max_examples=settings.default.max_examples)
@given(seeds, days)
def test_as_of_a_day_is_as_if_nothing_had_come_after_it(
    tmp_path_factory: pytest.TempPathFactory, seed: int, as_of: int
) -> None:
    story, _ = told(random.Random(seed))
    until = Story([entry for entry in story.entries if entry.day <= as_of], story.deleted)
    assert until.history("EUR", TODAY) == story.history("EUR", as_of)
    _, write = told(random.Random(seed))
    with written(tmp_path_factory.mktemp("reports"), write) as ledger:
        months = scanned(ledger, lambda each: cohorts.months_of(each, "EUR", as_of), 3)
        assert cohorts.history(months) == until.history("EUR", TODAY)


def test_a_scale_scores_one_client_as_the_table_does() -> None:
    clients = [RfmInput(str(each), each, each % 7 + 1, each * 10**9) for each in range(1, 60)]
    cuts = cutpoints_of(clients)
    scale = Scorer(TODAY, cuts)
    assert [
        scale.scores(TODAY + 1 - each.recency_days, each.frequency, each.monetary) for each in clients
    ] == [score_by_quintile(each, cuts) for each in clients]


@given(st.lists(st.tuples(st.integers(0, 2**62), st.integers(0, 10**9 - 1)), max_size=30))
def test_sums_are_exact_however_great(amounts: list[tuple[int, int]]) -> None:
    units, nanos = np.array(amounts, dtype=np.int64).reshape(-1, 2).T
    assert total(in_nanos(units, nanos)) == sum(unit * 10**9 + nano for unit, nano in amounts)
