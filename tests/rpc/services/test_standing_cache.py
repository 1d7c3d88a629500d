"""A cached standing is that of the inputs as they are, whichever of them has changed."""

from dataclasses import replace
from datetime import date

import pytest

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.standing.facts import Facts, with_purchase
from clientela_server.domain.standing.market import RankingThresholds, revenue_threshold
from clientela_server.domain.standing.policy import Policy
from clientela_server.rpc.codec.standing_encoder import StandingEncoder
from clientela_server.rpc.services import standing_cache
from clientela_server.rpc.services.standing_cache import StandingCache
from clientela_server.store.aggregates.aggregate_rows import COLUMNS, values_of
from clientela_server.store.database.connection import Row
from tests.domain.random_clients import day_of

DAY = day_of(date(2026, 5, 1))
UNKNOWN = RankingThresholds()
LOW, HIGH = (
    RankingThresholds(DAY, us, {"EUR": revenue_threshold(["z"], [amount], Policy())})
    for us, amount in ((1, 10**9), (2, 10**12))
)


def row_of(days: list[int], **party: int) -> Row:
    facts = Facts(**party)
    for day in days:
        facts = with_purchase(facts, day, "EUR", 10**10)
    values = {"delete_us": None, "stage": 1, "kinds": 0, "due_day": None, **values_of(facts, {})}
    return tuple(values[column.name] for column in COLUMNS[1:])


ROW = row_of([DAY - 20, DAY - 10, DAY])
ENCODER = StandingEncoder(Policy(), DAY, "en")


@pytest.mark.parametrize(
    ("row", "encoder", "market"),
    [
        (ROW, ENCODER, LOW),
        (row_of([DAY - 20, DAY - 10, DAY], party=2), ENCODER, LOW),
        (row_of([DAY - 20, DAY]), ENCODER, LOW),
        (ROW, StandingEncoder(replace(Policy(), new_days=1), DAY, "en"), LOW),
        (ROW, StandingEncoder(Policy(), DAY + 40, "en"), LOW),
        (ROW, StandingEncoder(Policy(), DAY, "pl"), LOW),
        (ROW, ENCODER, HIGH),
        (ROW, ENCODER, UNKNOWN),
        (row_of([]), ENCODER, HIGH),
    ],
)
def test_what_is_cached_of_other_inputs_is_not_used(
    row: Row, encoder: StandingEncoder, market: RankingThresholds
) -> None:
    cache = StandingCache()
    first = cache.encoded("m", ROW, ENCODER, LOW)
    found = cache.encoded("m", row, encoder, market)
    assert found == StandingCache().encoded("m", row, encoder, market)
    assert (found == first) == ((row, encoder, market) == (ROW, ENCODER, LOW))
    assert cache.encoded("m", ROW, ENCODER, LOW) == first


def test_of_a_client_who_did_nothing_only_what_depends_on_others_is_encoded_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = StandingCache()
    below = pb.Standing.FromString(cache.encoded("m", ROW, ENCODER, HIGH))
    monkeypatch.setattr(ENCODER, "encode_own", None)
    above = pb.Standing.FromString(cache.encoded("m", ROW, ENCODER, LOW))
    pairs = zip(above.findings, below.findings, strict=True)
    turned = [each.label for each, before in pairs if each != before]
    assert turned == ["STRATEGIC"]
    assert set(above.kinds) - set(below.kinds) == {pb.KIND_STRATEGIC}
    assert above.market_time != below.market_time


def test_the_least_recently_used_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_cache, "_KEPT", 2)
    cache = StandingCache()
    for customer_id in ("a", "b", "a", "c"):
        cache.encoded(customer_id, ROW, ENCODER, LOW)
    assert [customer_id for customer_id, _ in cache._cache] == ["a", "c"]
