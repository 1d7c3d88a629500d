"""The gate by a clock of the test's own: the rate limit, and the durations that are counted."""

from dataclasses import dataclass, field

from google.rpc import code_pb2

from clientela.v1 import customers_pb2 as pb
from clientela_server.rpc.gate.authentication import Authenticator
from clientela_server.rpc.gate.authorization import Role
from clientela_server.rpc.gate.call_context import CallContext, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.gate.rate_limit import BURST_S, RateLimit

GET = Rpc.of(pb.DESCRIPTOR.services_by_name["CustomerService"].methods_by_name["GetCustomer"])
REQUEST = pb.GetCustomerRequest(name="customers/ann").SerializeToString()


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
