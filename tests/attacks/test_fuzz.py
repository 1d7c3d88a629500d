"""Malformed and invalid requests, found by the fuzzer (fuzz.py), by hypothesis, and by hand.

A parser that trusts lengths or recursion is the oldest hole there is; CVE-2022-3171 and CVE-2024-7254
were of this kind in protobuf. Every one is refused as INVALID_ARGUMENT or is a request after all; never
is the answer a fault of ours. What stops it: messages are read in one place (rpc/gate/validation.py), at most
100 deep and 1 MiB long, and then checked against the rules of the protos.
"""

import random
import re

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attacks import fuzz
from tests.attacks.fuzz import changed, kept, outcome, seeds
from tests.attacks.surface import PATHS, send
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller

INVALID = grpc.StatusCode.INVALID_ARGUMENT
UNKNOWN_TEXT = b"\x8a\xf4\x03"  # field 8001, of a length
UNKNOWN_GROUP, END_OF_GROUP = b"\x83\xf4\x03", b"\x84\xf4\x03"
MEGABYTE = 1024 * 1024
rpcs = pytest.mark.parametrize("rpc", PATHS)


@pytest.mark.parametrize("rpc", [rpc for rpc in PATHS if kept(rpc)])
def test_what_was_found_before_is_answered_as_then(clerk: Caller, rpc: str) -> None:
    corpus = kept(rpc)
    assert len(corpus) > 1
    for why, data in corpus.items():
        if rpc in ("EraseCustomer", "UpdatePolicy"):  # which a clerk may not
            assert outcome(rpc, data) == why
            continue
        answer = send(clerk, rpc, data)
        assert answer.definite, f"{data.hex()}: {answer.told}"
        if why[0] != "-":
            assert answer.code is INVALID, f"{data.hex()}: {answer.told}"
            assert why.split()[0] in answer.told


@given(data=st.data())
@rpcs
def test_a_request_with_changed_bytes_is_refused_or_a_request(
    clerk: Caller, rpc: str, data: st.DataObject
) -> None:
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    answer = send(clerk, rpc, changed(chance.choice(seeds(rpc)), chance))

    assert answer.definite, answer.told


@rpcs
def test_a_request_that_ends_too_early_is_refused_or_a_request(clerk: Caller, rpc: str) -> None:
    good = seeds(rpc)[0]
    for length in range(len(good)):
        assert send(clerk, rpc, good[:length]).definite


@rpcs
def test_what_is_nested_too_deep_is_refused(admin: Caller, rpc: str) -> None:
    deep = 101 * UNKNOWN_GROUP + 101 * END_OF_GROUP

    answer = send(admin, rpc, seeds(rpc)[0] + deep)

    assert answer.code is INVALID
    assert "MESSAGE_MALFORMED" in answer.told
    assert send(admin, rpc, 100_000 * UNKNOWN_GROUP).code is INVALID


@rpcs
def test_fields_of_a_later_contract_up_to_a_megabyte_do_no_harm(clerk: Caller, rpc: str) -> None:
    length = MEGABYTE - 1000
    varint = bytes([length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14])

    assert send(clerk, rpc, seeds(rpc)[0] + UNKNOWN_TEXT + varint + length * b"x").definite


def test_a_fault_in_reading_would_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(fuzz, "check", careless)

    with pytest.raises(RecursionError):
        outcome("GetCustomer", seeds("GetCustomer")[0])


def test_the_corpus_is_small_and_of_rpcs_that_there_are() -> None:
    files = sorted(fuzz.CORPUS.iterdir())

    # Of a noun that `make noun` has just written nothing was found yet.
    new = recorded_nouns.requests().keys() - {file.stem for file in files}
    assert [file.stem for file in files] == sorted(PATHS.keys() - new)
    assert sum(file.stat().st_size for file in files) < 200_000
    assert all(re.fullmatch(r"([0-9a-f]*  \S+ \S+ .+\n)+", file.read_text()) for file in files)
