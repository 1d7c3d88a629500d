"""One call, as handlers see it: who asks, in what, and what is said of the answer. No transport in it."""

import asyncio
from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from clientela_server.rpc.gate.authorization import Rule, rule_of


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of the contract, and who may call it for how long."""

    path: str
    name: str
    rule: Rule
    streams_in: bool
    streams_out: bool
    request: type[Message]
    response: type[Message]

    @classmethod
    def of(cls, method: MethodDescriptor, service: str | None = None) -> "Rpc":
        """Read a method's descriptor; `service` where it is served under another full name too."""
        full = service or method.containing_service.full_name
        return cls(
            path=f"/{full}/{method.name}",
            name=f"{full.removeprefix('clientela.v1.')}.{method.name}",
            rule=rule_of(f"{full}.{method.name}"),
            streams_in=method.client_streaming,
            streams_out=method.server_streaming,
            request=GetMessageClass(method.input_type),
            response=GetMessageClass(method.output_type),
        )

    @property
    def needs_flow_control(self) -> bool:
        """Whether an answer may have a megabyte: then it is not left to the transport to keep it."""
        return self.streams_out or self.name.partition(".")[2].startswith(("List", "BatchGet"))


@dataclass(slots=True)
class CallContext:
    """One call. A handler reads `caller`, and sets `revision` to what its answer reflects.

    A stream that can be resumed keeps in `resume_after` the revision that its reader has come to. `unsent` is
    the sending of a message that the reader has not made room for.
    """

    id: str
    rpc: Rpc
    caller: str = ""
    role: str = ""
    languages: str = ""
    revision: int | None = None
    resume_after: str = ""
    unsent: asyncio.Future[None] | None = None
