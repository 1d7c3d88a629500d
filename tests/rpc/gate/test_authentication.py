"""Tokens that are no good, and RPCs without a rule; who may call what is in tests/attacks/test_roles.py.

Calls are made about nothing that exists, so that none of them does anything.
"""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import Default

from clientela_lab.patience import HANG_S
from clientela_server import admin as tokens
from clientela_server.app import Server
from clientela_server.config import Address, Config
from clientela_server.rpc.gate import authorization
from clientela_server.rpc.gate.authorization import RuleMissing
from tests.rpc.callers import Caller
from tests.rpc.refusals import Refused, read_out
from tests.rpc.rows import METHODS, SERVICES, STREAMS_IN
from tests.rpc.running import SetClock, running

UNKNOWN = grpc.StatusCode.UNAUTHENTICATED
NOTHING: dict[str, dict[str, Any]] = {
    "ListCustomers": {"page_size": -1},
    "ListPurchases": {"parent": "customers/-", "page_size": -1},
    "ExportPurchases": {"parent": "x"},
    "Watch": {"after_revision": -1},
}


def outcome(caller: Caller, name: str) -> Refused | None:
    """Call a method about nothing; None where it was done."""
    noun, kind = METHODS[name]
    request = kind(**NOTHING.get(name, {}))
    method = getattr(getattr(caller, noun), name)
    try:
        read_out(method(iter([request]) if name in STREAMS_IN else request))
    except grpc.RpcError as error:
        return Refused.of(error)
    return None


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer clt_x",
        "Basic YWRtaW46",
        "{token}",
        "Bearer {token}x",
        "Bearer  {token}",
    ],
)
def test_with_a_token_that_is_none_nothing_is_answered(
    admin: Caller, channel: grpc.Channel, authorization: str, name: str
) -> None:
    stranger = with_authorization(channel, authorization.format(token=admin.token))

    answer = outcome(stranger, name)

    assert answer is not None
    assert (answer.code, answer.reason) == (UNKNOWN, "TOKEN_INVALID")
    assert str(admin.token) not in str(answer)


def with_authorization(channel: grpc.Channel, value: str) -> Caller:
    """Somebody who sends this header, whatever it is."""
    return Caller(channel, None, (("authorization", value),))


def test_the_schemes_name_may_be_written_in_any_case(admin: Caller, channel: grpc.Channel) -> None:
    answer = outcome(with_authorization(channel, f"bearer {admin.token}"), "GetCustomer")

    assert answer is not None
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_token_ends_when_its_time_is_over(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as live:
        token = tokens.create_token(live.database, "brief", "admin", 1)
        brief = Caller(live.admin.channel, token)
        assert await said(brief) == grpc.StatusCode.NOT_FOUND

        clock.go_on(days=1, seconds=-1)
        assert await said(brief) == grpc.StatusCode.NOT_FOUND
        clock.go_on(seconds=3)
        assert await said(brief) == UNKNOWN
        assert await said(live.admin) == grpc.StatusCode.NOT_FOUND
        for name, (noun, kind) in METHODS.items():
            call = getattr(getattr(brief, noun), name)(iter([kind()]) if name in STREAMS_IN else kind())
            assert await call.code() is UNKNOWN


@pytest.mark.parametrize("passes_s", [3, -86_400])
async def test_a_revoked_token_ends_and_stays_ended_also_when_the_clock_is_set_back(
    tmp_path: Path, clock: SetClock, passes_s: int
) -> None:
    async with running(tmp_path) as live:
        eve = live.caller("admin", "eve")
        assert await said(eve) == grpc.StatusCode.NOT_FOUND

        tokens.revoke_token(live.database, "eve")
        async with asyncio.timeout(HANG_S):
            while await said(eve) != UNKNOWN:
                clock.go_on(seconds=passes_s)
        clock.go_on(days=-30)
        assert await said(eve) == UNKNOWN


async def said(caller: Caller) -> grpc.StatusCode:
    """The code of a harmless call."""
    kind = METHODS["GetCustomer"][1]
    with pytest.raises(grpc.RpcError) as caught:
        await caller.customers.GetCustomer(kind(name="customers/nobody"))
    return Refused.of(caught.value).code


# ---- nothing is served that nobody has thought about


def test_every_rpc_of_the_contract_has_a_rule() -> None:
    for service in SERVICES:
        for method in Default().FindServiceByName(f"clientela.v1.{service}").methods:
            assert authorization.rule_of(method.full_name).roles


async def test_a_server_with_an_rpc_that_has_no_rule_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(authorization._RULES, "clientela.v1.CustomerService.EraseCustomer")

    with pytest.raises(RuleMissing, match="EraseCustomer"):
        Server(Config(Address("127.0.0.1", 0), tmp_path / "ledger.db"))
