"""Generated stubs with what every call of a test needs already in them: the caller's token and a deadline.

The same for blocking and for asyncio channels. Read next: refusals.py (how an error is read).
"""

import uuid
from types import SimpleNamespace
from typing import Any

from grpc_health.v1 import health_pb2_grpc

from clientela.v1 import (
    customers_pb2_grpc,
    economics_pb2_grpc,
    feed_pb2_grpc,
    purchases_pb2_grpc,
    segments_pb2_grpc,
    spends_pb2_grpc,
    standing_pb2_grpc,
)
from clientela_lab.patience import HANG_S
from tests.rpc import recorded_nouns

DEADLINE_S = HANG_S
Metadata = tuple[tuple[str, str], ...]


class Method:
    """One method of a stub; `metadata` given to a call is added to the token."""

    def __init__(self, multicallable: Any, metadata: Metadata) -> None:
        self._multicallable = multicallable
        self._metadata = metadata

    def __call__(self, request: Any, **options: Any) -> Any:
        return self._multicallable(request, **self._with(options))

    def with_call(self, request: Any, **options: Any) -> Any:
        return self._multicallable.with_call(request, **self._with(options))

    def future(self, request: Any, **options: Any) -> Any:
        return self._multicallable.future(request, **self._with(options))

    def trailers(self, request: Any, **options: Any) -> dict[str, str]:
        """Make a unary call that must succeed, and give its trailers."""
        _, call = self.with_call(request, **options)
        return dict(call.trailing_metadata())

    def _with(self, options: dict[str, Any]) -> dict[str, Any]:
        metadata = (*self._metadata, *options.pop("metadata", ()))
        return {"timeout": DEADLINE_S, **options, "metadata": metadata}


class Caller:
    """Somebody with a token, or with none, on a channel; `metadata` goes with every call."""

    def __init__(self, channel: Any, token: str | None, metadata: Metadata = ()) -> None:
        self.channel = channel
        self.token = token
        self.metadata = metadata if token is None else (("authorization", f"Bearer {token}"), *metadata)
        self.customers = self._bound(customers_pb2_grpc.CustomerServiceStub(channel))
        self.purchases = self._bound(purchases_pb2_grpc.PurchaseServiceStub(channel))
        self.feed = self._bound(feed_pb2_grpc.FeedServiceStub(channel))
        self.standing = self._bound(standing_pb2_grpc.StandingServiceStub(channel))
        self.segments = self._bound(segments_pb2_grpc.SegmentServiceStub(channel))
        self.spends = self._bound(spends_pb2_grpc.SpendServiceStub(channel))
        self.economics = self._bound(economics_pb2_grpc.EconomicsServiceStub(channel))
        for noun, stub in recorded_nouns.bound(channel).items():
            setattr(self, noun, self._bound(stub))
        self.health = self._bound(health_pb2_grpc.HealthStub(channel))

    def _bound(self, stub: object) -> Any:
        return SimpleNamespace(
            **{name: Method(multicallable, self.metadata) for name, multicallable in vars(stub).items()}
        )

    def method(self, path: str, kind: str = "unary_unary") -> Method:
        """A method by its path that sends and gets bytes: for what no stub would send."""
        make = getattr(self.channel, kind)
        return Method(make(path, request_serializer=None, response_deserializer=None), self.metadata)


def fresh(prefix: str = "c") -> str:
    """Make an id that no other test has, so that tests share a server."""
    return f"{prefix}-{uuid.uuid4().hex[:16]}"


def request_id() -> str:
    """Make a request id."""
    return str(uuid.uuid4())
