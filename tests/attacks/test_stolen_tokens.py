"""Tokens that are guessed, edited, borrowed or old: OWASP API2 (2023).

All are answered alike, to the letter, so that no answer tells how near a guess was. What stops it: 256
random bits; only their SHA-256 is kept and looked up, so that the time an answer takes depends on the
hash of a guess, which nobody can steer; a pace for wrong ones (tests/security/test_limits.py). Tokens are
no JWT: there is no algorithm to choose and no key to confuse (RFC 8725).
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela_lab.servers.local_server import LocalServer
from clientela_server.admin import create_token, revoke_token
from tests.attacks.wire import Wire, headers_frame, message_frame, request_headers
from tests.rpc.callers import Caller
from tests.rpc.refusals import Refused, refusal
from tests.rpc.running import SetClock, running

LIST = cpb.ListCustomersRequest(page_size=1)
PATH = "/clientela.v1.CustomerService/ListCustomers"


@pytest.fixture(scope="module")
def guessing(own_server: LocalServer) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(own_server.address) as channel:
        yield channel


def told(channel: grpc.Channel, authorization: str | bytes) -> tuple[Any, ...]:
    """All that is told to who sends this, but for the call's id."""
    metadata: Any = (("authorization", authorization),)
    refused = refusal(Caller(channel, None, metadata).customers.ListCustomers, LIST)
    return without_call_id(refused)


def without_call_id(refused: Refused) -> tuple[Any, ...]:
    details = {name: value for name, value in refused.trailers.items() if name != "clientela-call-id"}
    return refused.code, refused.message, refused.reason, str(refused.facts), str(sorted(details.items()))


def jwt(algorithm: str) -> str:
    """A token of the kind that other servers take."""
    parts = ({"alg": algorithm}, {"sub": "admin", "exp": 2**40})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


def edits(token: str) -> list[str]:
    """A token with one bit changed, at many places, and in other ways."""
    flipped = [
        token[:place] + chr(ord(token[place]) ^ (1 << bit)) + token[place + 1 :]
        for place in range(len(token))
        for bit in (0, 2, 5)
        if chr(ord(token[place]) ^ (1 << bit)).isprintable()
    ]
    return [
        *flipped,
        token[:-1],
        token + "A",
        token.upper(),
        token.lower(),
        token[4:],
        token[::-1],
        2 * token,
    ]


def test_every_wrong_token_is_told_the_same(own_server: LocalServer, guessing: grpc.Channel) -> None:
    token = own_server.token
    first = told(guessing, "Bearer clt_" + 43 * "A")
    assert first[:3] == (grpc.StatusCode.UNAUTHENTICATED, "The token is not valid.", "TOKEN_INVALID")
    wrong = [f"Bearer {each}" for each in edits(token)]
    wrong += ["", " ", "Bearer", "Bearer ", "Bearer  " + token, token, f"Token {token}", f"Basic {token}"]
    wrong += [
        f"Bearer {token} {token}",
        f"Bearer {token},{token}",
        f"Bearer-{token}",
        "Bearer " + 7000 * "a",
    ]
    wrong += [f"Bearer {jwt('none')}.", f"Bearer {jwt('HS256')}.x", "Bearer admin", "Bearer ' OR 1=1 --"]
    for authorization in wrong:
        assert told(guessing, authorization) == first, authorization


def test_of_two_tokens_in_one_call_none_counts(own_server: LocalServer) -> None:
    """Some proxies check the first of two headers, and some servers read the last."""
    with Wire.open(own_server.address) as wire:
        second = [("authorization", "Bearer clt_" + 43 * "A")]
        for stream, headers in (
            (1, request_headers(PATH, own_server.token, second)),
            (3, [*request_headers(PATH, "", second), ("authorization", f"Bearer {own_server.token}")]),
        ):
            wire.send(headers_frame(stream, headers) + message_frame(stream, b""))
            answer = wire.read_until(lambda seen, stream=stream: seen.stream_id == stream)
            assert answer is not None
            assert "END_STREAM" in answer.flags  # trailers only: it was refused


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_a_token_that_was_good_is_told_the_same_as_one_that_never_was(
    tmp_path: Path, clock: SetClock, how: str
) -> None:
    async with running(tmp_path) as live:
        old = Caller(live.admin.channel, create_token(live.database, "old", "admin", 1))
        assert not (await old.customers.ListCustomers(LIST)).customers

        if how == "revoked":
            revoke_token(live.database, "old")
        clock.go_on(days=0.5 if how == "revoked" else 2)
        answers = [await answer(caller) for caller in (old, Caller(live.admin.channel, "clt_" + 43 * "A"))]

        assert answers[0] == answers[1]
        assert answers[0][2] == "TOKEN_INVALID"


async def answer(caller: Caller) -> tuple[Any, ...]:
    with pytest.raises(grpc.RpcError) as caught:
        await caller.customers.ListCustomers(LIST)
    return without_call_id(Refused.of(caught.value))
