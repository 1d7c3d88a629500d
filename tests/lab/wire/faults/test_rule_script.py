"""A fault's text says what it does and what it is bound to; what cannot be read is named."""

import contextlib
import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.wire.faults.call_faults import DropReply, Duplicate, Freeze, Kill
from clientela_lab.wire.faults.fault import Scope
from clientela_lab.wire.faults.line_faults import BlackHole, CutAfter, Delay, Refuse, Throttle
from clientela_lab.wire.faults.rule_script import BadRule, parse_rule

# What each fault is written as, and whether it may be bound to a method and to a direction.
KINDS = [
    ("delay 200ms", Delay, True, True),
    ("delay 2s jitter 50ms", Delay, True, True),
    ("throttle 64kbit", Throttle, True, True),
    ("black-hole", BlackHole, True, True),
    ("cut-after 1234", CutAfter, True, True),
    ("refuse", Refuse, False, False),
    ("drop-reply", DropReply, True, False),
    ("duplicate", Duplicate, True, False),
    ("kill", Kill, True, False),
    ("kill reply", Kill, True, False),
    ("freeze 2s request", Freeze, True, False),
]

names = st.text(string.ascii_letters, min_size=1, max_size=8).map(str.capitalize)
methods = st.builds(str.__add__, st.sampled_from(["", "Shop/", "a.v1.Shop/"]), names)
scraps = "delay 200ms up Buy 1 -1 % chance 1e9s freeze kill / . until jitter 0".split()


@given(
    kind=st.sampled_from(KINDS),
    of=st.tuples(st.none() | methods, st.none() | st.integers(1, 99)),
    direction=st.sampled_from([None, "up", "down"]),
    conn=st.none() | st.integers(1, 99),
    percent=st.none() | st.integers(0, 100),
    span=st.none() | st.tuples(st.integers(0, 500), st.integers(501, 9999)),
    order=st.randoms(use_true_random=False),
)
def test_a_text_is_read_as_it_was_meant(kind, of, direction, conn, percent, span, order) -> None:
    method, number = of
    text, made, by_method, by_direction = kind
    method = method if by_method else None
    direction = direction if by_direction else None
    said = [
        f"{method} {number}" if method and number else method,
        direction,
        f"connection {conn}" if conn else None,
        f"chance {percent}%" if percent is not None else None,
        f"from {span[0]}ms" if span else None,
        f"until {span[1]}ms" if span else None,
    ]
    order.shuffle(said)
    fault = parse_rule(" ".join([text, *filter(None, said)]))
    assert type(fault) is made
    assert fault.scope == Scope(
        method=method or "",
        number=number if method else None,
        conn=conn,
        upwards=None if direction is None else direction == "up",
        chance=1.0 if percent is None else percent / 100,
        from_s=span[0] * 0.001 if span else 0.0,
        until_s=span[1] * 0.001 if span else math.inf,
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "it ends where a fault (delay, throttle,"),
        ("dorp-reply", 'there is no "dorp-reply"; there are delay, throttle, black-hole'),
        ("delay", "it ends where a time, e.g. 200ms or 2s is to stand"),
        ("delay 200", '"200" is not a time, e.g. 200ms or 2s'),
        ("delay 1s jitter", "it ends where a time"),
        ("throttle 64", '"64" is not a rate, e.g. 64kbit or 1mbit'),
        ("throttle 0kbit", '"0kbit" passes nothing; say black-hole'),
        ("cut-after ten", '"ten" is not a number of bytes'),
        ("cut-after 10 donw", '"donw" has no meaning here; what may follow is METHOD, up, down'),
        ("drop-reply RecordPurchase 0", '"0" is not which call of the method, from 1'),
        ("drop-reply RecordPurchase 1 up", '"up" has no meaning here'),
        ("refuse RecordPurchase", '"RecordPurchase" has no meaning here'),
        ("kill jitter 2s", '"jitter" has no meaning here'),
        ("delay 1s chance 0.5", '"0.5" is not a chance, e.g. 10%'),
        ("delay 1s chance 200%", '"200%" is more than always'),
        ("refuse connection ²", '"²" is not which connection, from 1'),
        ("black-hole from 3s until 2s", "it ends before it begins"),
    ],
)
def test_the_word_that_is_wrong_is_named(text: str, named: str) -> None:
    with pytest.raises(BadRule) as caught:
        parse_rule(text)
    assert str(caught.value).startswith(f'fault "{text}": ')
    assert named in str(caught.value)


@given(st.lists(st.sampled_from(scraps)))
def test_no_text_does_worse_than_being_refused(words: list[str]) -> None:
    with contextlib.suppress(BadRule):
        parse_rule(" ".join(words))


METHOD = "/clientela.v1.PurchaseService/RecordPurchase"


@pytest.mark.parametrize(
    ("wanted", "called", "meant"),
    [
        ("RecordPurchase", METHOD, True),
        ("PurchaseService/RecordPurchase", METHOD, True),
        ("clientela.v1.PurchaseService.RecordPurchase", METHOD, True),
        (
            "/clientela.v1.PurchaseService/RecordPurchase",
            "/clientela.v1.PurchaseService/RecordPurchase",
            True,
        ),
        ("Purchase", METHOD, False),
        ("OtherService/RecordPurchase", METHOD, False),
    ],
)
def test_a_method_may_be_named_in_short(wanted: str, called: str, meant: bool) -> None:
    assert Scope(method=wanted).means(called) is meant
