"""The gate without a transport or a store: what it checks before a handler runs, and what it counts.

Each check refuses, and each is missed where it is left out.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2
from google.type.postal_address_pb2 import PostalAddress

from clientela.v1 import customers_pb2 as pb
from clientela_server.rpc.gate import gate, validation
from clientela_server.rpc.gate.authentication import Authenticator, Caller
from clientela_server.rpc.gate.authorization import Role
from clientela_server.rpc.gate.call_context import CallContext, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata
from clientela_server.rpc.gate.concurrency_limit import ConcurrencyLimit
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.gate.message_sizes import ELEMENTS_MAX
from clientela_server.rpc.gate.rate_limit import BURST_S, RateLimit

METHODS = pb.DESCRIPTOR.services_by_name["CustomerService"].methods_by_name
GET = Rpc.of(METHODS["GetCustomer"])
REQUEST = pb.GetCustomerRequest(name="customers/ann").SerializeToString()


def unwritten(event: str, facts: dict[str, Any]) -> None:
    """Write no log."""


@dataclass
class Token:
    name: str = "clerk"
    role: str = Role.CLERK

    def valid_at(self, now_us: int) -> bool:
        return True


@dataclass
class Rig:
    """A gate without a transport or a store; its clock stands still but for what handlers take."""

    limit: float
    now_s: float = 50.0
    took: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(
            Authenticator(self._find, lambda: 0),
            RateLimit(self.limit),
            unread_s=1,
            write=unwritten,
            count=lambda _, code, took_s: self.took.append((code, took_s)),
            clock=lambda: self.now_s,
        )

    async def _find(self, token: str) -> Token:
        return Token()

    async def call(self, took_s: float = 0.0) -> int:
        """Return the status code of a call whose handler takes so long."""

        async def handler(request: pb.GetCustomerRequest, call: CallContext) -> pb.Customer:
            self.now_s += took_s
            return pb.Customer(name=request.name)

        async def receive() -> bytes:
            return REQUEST

        metadata = CallMetadata({"authorization": "Bearer clt_x"}, None, lambda: "ipv4:127.0.0.1:1")
        reply = await self.gate.unary(GET, handler, receive, metadata)
        return code_pb2.OK if reply.status is None else reply.status.code


async def test_the_rate_limit_allows_a_burst_and_then_its_calls_a_second() -> None:
    rig = Rig(limit=4)
    burst = [await rig.call() for _ in range(int(4 * BURST_S) + 1)]
    assert burst == [code_pb2.OK] * int(4 * BURST_S) + [code_pb2.RESOURCE_EXHAUSTED]
    rig.now_s += 0.25
    assert [await rig.call() for _ in range(2)] == [code_pb2.OK, code_pb2.RESOURCE_EXHAUSTED]


async def test_what_is_counted_of_a_call_is_how_long_it_took() -> None:
    rig = Rig(limit=100)
    assert [await rig.call(took_s) for took_s in (1.5, 0.25, 0.0)] == [code_pb2.OK] * 3
    assert rig.took == [("OK", 1.5), ("OK", 0.25), ("OK", 0.0)]


# ---- its checks

CREATE = Rpc.of(METHODS["CreateCustomer"])
ANN = pb.GetCustomerRequest(name="customers/ann")
TOKENS = {"clerk": Role.CLERK, "analyst": Role.ANALYST}


class RoleToken:
    """A token that is valid at any time."""

    def __init__(self, role: Role) -> None:
        self.name, self.role = str(role), role

    def valid_at(self, now_us: int) -> bool:
        return True


async def find(token: str) -> RoleToken | None:
    return RoleToken(TOKENS[token]) if token in TOKENS else None


def new_gate(calls_per_s: float = 1000.0) -> Gate:
    authenticator = Authenticator(find, lambda: 0)
    return Gate(authenticator, RateLimit(calls_per_s), unread_s=1, write=unwritten, clock=lambda: 50.0)


async def code_of(
    through: Gate, rpc: Rpc, request: Message, token: str | None = "clerk", received: list[str] | None = None
) -> int:
    """Return the status code of one call."""

    async def receive() -> bytes:
        if received is not None:
            received.append(rpc.name)
        return request.SerializeToString()

    async def handler(request: Any, call: CallContext) -> pb.Customer:
        return pb.Customer(name="customers/ann")

    metadata = {} if token is None else {"authorization": f"Bearer {token}"}
    reply = await through.unary(
        rpc, handler, receive, CallMetadata(metadata, None, lambda: "ipv4:127.0.0.1:1")
    )
    return code_pb2.OK if reply.status is None else reply.status.code


async def of_unknown_token() -> int:
    return await code_of(new_gate(), GET, ANN, "unknown")


async def of_wrong_role() -> int:
    return await code_of(new_gate(), CREATE, pb.CreateCustomerRequest(customer=pb.Customer()), "analyst")


async def of_the_third_call_of_one_a_second() -> int:
    through = new_gate(calls_per_s=1.0)
    return [await code_of(through, GET, ANN) for _ in range(3)][-1]


async def of_too_many_elements() -> int:
    address = PostalAddress(region_code="CH", address_lines=["x"] * (ELEMENTS_MAX + 1))
    customer = pb.Customer(display_name="Ann", addresses=[address])
    return await code_of(new_gate(), CREATE, pb.CreateCustomerRequest(customer=customer))


async def of_a_name_that_is_none() -> int:
    return await code_of(new_gate(), GET, pb.GetCustomerRequest(name="ann"))


async def of_a_call_without_a_free_slot() -> int:
    through = new_gate()
    through._concurrency._calls["clerk"] = 10_000
    return await code_of(through, GET, ANN)


CHECKS = {
    of_unknown_token: code_pb2.UNAUTHENTICATED,
    of_wrong_role: code_pb2.PERMISSION_DENIED,
    of_the_third_call_of_one_a_second: code_pb2.RESOURCE_EXHAUSTED,
    of_too_many_elements: code_pb2.INVALID_ARGUMENT,
    of_a_name_that_is_none: code_pb2.INVALID_ARGUMENT,
    of_a_call_without_a_free_slot: code_pb2.RESOURCE_EXHAUSTED,
}


@pytest.mark.parametrize("refused", CHECKS, ids=lambda check: check.__name__)
async def test_each_check_refuses(refused: Callable[[], Awaitable[int]]) -> None:
    assert await refused() == CHECKS[refused]


@pytest.mark.parametrize("token", [None, "unknown", "analyst"])
async def test_no_byte_of_a_request_is_awaited_before_its_caller_is_authorized(token: str | None) -> None:
    received: list[str] = []
    request = pb.CreateCustomerRequest(customer=pb.Customer())
    assert await code_of(new_gate(), CREATE, request, token, received) != code_pb2.OK
    assert not received


def trust_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Authenticator, "known", lambda *_: Caller("clerk", Role.CLERK))


def allow_all(patch: pytest.MonkeyPatch) -> None:
    def authorized(call: CallContext, caller: Caller) -> None:
        call.caller, call.role = caller.name, caller.role

    patch.setattr(gate, "_authorize", authorized)


def take_any_rate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RateLimit, "take", lambda *_: None)


def take_any_size(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(validation, "check_sizes", lambda _: None)


def take_any_value(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(validation, "check", lambda _: None)


def take_any_number(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ConcurrencyLimit, "acquire", lambda *_: None)
    patch.setattr(ConcurrencyLimit, "release", lambda *_: None)


PLANTED = [
    (trust_all, of_unknown_token),
    (allow_all, of_wrong_role),
    (take_any_rate, of_the_third_call_of_one_a_second),
    (take_any_size, of_too_many_elements),
    (take_any_value, of_a_name_that_is_none),
    (take_any_number, of_a_call_without_a_free_slot),
]


@pytest.mark.parametrize(("plant", "missed"), PLANTED, ids=lambda each: each.__name__)
async def test_a_check_that_is_left_out_is_noticed(
    plant: Callable[[pytest.MonkeyPatch], None],
    missed: Callable[[], Awaitable[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    assert await missed() == code_pb2.OK


def test_each_check_is_planted() -> None:
    assert {missed for _, missed in PLANTED} == set(CHECKS)
