"""The context of one call, as handlers see it; independent of the transport."""

import asyncio
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from math import inf
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from clientela_server.rpc.gate.authorization import Rule, rule_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpc:
    """One RPC of the contract: its types, and the rule that authorizes it.

    may_be_large: whether its one response may be (1 MiB), so that it takes a slot until it was sent.
    """

    path: str
    name: str
    rule: Rule
    streams_in: bool
    streams_out: bool
    request: type[Message]
    response: type[Message]
    may_be_large: bool

    @classmethod
    def of(cls, method: MethodDescriptor, service: str | None = None) -> "Rpc":
        """Make it from a descriptor. service: the full name to serve it under, if not the descriptor's."""
        full = service or method.containing_service.full_name
        return cls(
            path=f"/{full}/{method.name}",
            name=f"{full.removeprefix('clientela.v1.')}.{method.name}",
            rule=rule_of(f"{full}.{method.name}"),
            streams_in=method.client_streaming,
            streams_out=method.server_streaming,
            request=GetMessageClass(method.input_type),
            response=GetMessageClass(method.output_type),
            may_be_large=method.name.startswith(("List", "BatchGet")),
        )


@dataclass(slots=True, eq=False)
class CallContext:
    """The context of one call.

    caller, role: who calls, "" without a token. languages: the `accept-language` metadata. revision: set
    by the handler to what its response reflects. resume_after: the last revision sent by a stream that can be
    resumed. unsent: the pending write of a message, while the client's flow-control window is full.
    limit_s: the server's limit for the handler, in seconds. ends_s: the monotonic time at which the call is
    cancelled. is_overdue: whether it was.
    """

    id: str
    rpc: Rpc
    _: KW_ONLY
    caller: str = ""
    role: str = ""
    languages: str = ""
    revision: int | None = None
    resume_after: str = ""
    unsent: asyncio.Future[None] | None = None
    limit_s: float | None = None
    ends_s: float = inf
    is_overdue: bool = False

    def begin_limit(self, limit_s: float | None, now_s: float) -> None:
        """Limit the time of the handler, which begins now; None for no limit."""
        self.limit_s = limit_s
        self.ends_s = inf if limit_s is None else now_s + limit_s


Handler = Callable[[Any, CallContext], Any]
