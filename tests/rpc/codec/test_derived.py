"""Derived codecs: they write what a codec by hand writes, read it back, and refuse what they can't derive."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import segments_pb2, spends_pb2
from clientela_server.domain.money import Money
from clientela_server.domain.spends import Spend
from clientela_server.rpc.codec.derived import derived
from clientela_server.rpc.codec.spends import from_spend, to_spend

MICROSECONDS = st.integers(0, 250_000_000_000_000_000)
SPENDS = st.builds(
    Spend,
    id=st.just("s1"),
    channel=st.integers(1, 5),
    start_day=st.integers(0, 30_000),
    end_day=st.integers(0, 30_000),
    amount=st.builds(Money, st.just("EUR"), st.integers(0, 10**15)),
    campaign=st.text(max_size=5),
    purpose=st.integers(1, 2),
    create_us=MICROSECONDS,
    recorded_by=st.text(max_size=5),
)
CODEC = derived(Spend, spends_pb2.Spend, ["id"])


@given(SPENDS)
def test_a_derived_codec_writes_and_reads_what_one_by_hand_does(spend: Spend) -> None:
    record = CODEC.encode(spend)
    assert record == to_spend(spend).SerializeToString()
    assert CODEC.decode(record) == from_spend(spends_pb2.Spend.FromString(record)) == spend


@dataclass(frozen=True)
class Maybe:
    """A change that may lack its strategy."""

    id: str
    display_name: str
    filter: str
    strategy: str | None
    create_us: int
    update_us: int
    etag: str

    @property
    def name(self) -> str:
        return f"segments/{self.id}"


@pytest.mark.parametrize("strategy", [None, "call them"])
def test_what_may_be_none_is_unset_then(strategy: str | None) -> None:
    codec = derived(Maybe, segments_pb2.Segment, ["id"])
    segment = Maybe("best", "Best", "purchases > 1", strategy, 1_000_000, 0, '"7"')
    assert segments_pb2.Segment.FromString(codec.encode(segment)).HasField("strategy") == (
        strategy is not None
    )
    assert codec.decode(codec.encode(segment)) == segment


@dataclass(frozen=True)
class Short:
    """A segment without most of its fields."""

    id: str
    display_name: str


@dataclass(frozen=True)
class Wrong:
    """A segment whose time is a text."""

    id: str
    create_time: str


def test_a_field_that_is_left_out_or_fits_no_rule_is_refused() -> None:
    with pytest.raises(TypeError, match="no field for create_time, etag, filter, strategy, update_time"):
        derived(Short, segments_pb2.Segment, ["id"])
    with pytest.raises(TypeError, match="create_time"):
        derived(Wrong, segments_pb2.Segment, ["id"])
