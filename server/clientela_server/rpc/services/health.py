"""grpc.health.v1: whether the server, or one of its services, takes calls. Needs no token.

The name "" stands for the whole server. Source: grpc.io, "GRPC Health Checking Protocol".
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2 as pb

from clientela_server.domain.errors import NotFound
from clientela_server.rpc.gate.call_context import CallContext

SERVING = pb.HealthCheckResponse.SERVING
NOT_SERVING = pb.HealthCheckResponse.NOT_SERVING


class Health:
    """Knows and tells which services take calls."""

    def __init__(self, services: list[str]) -> None:
        self._states: dict[str, Any] = dict.fromkeys(["", *services], SERVING)
        self._changed = asyncio.Event()

    def stop(self) -> None:
        """Say of everything that it takes no more calls, so that load balancers look elsewhere."""
        self._states = dict.fromkeys(self._states, NOT_SERVING)
        self._changed.set()
        self._changed = asyncio.Event()

    async def Check(self, request: pb.HealthCheckRequest, call: CallContext) -> pb.HealthCheckResponse:
        """Tell of one service; NotFound where it is not ours."""
        if request.service not in self._states:
            raise NotFound("SERVICE_UNKNOWN", service=request.service)
        return pb.HealthCheckResponse(status=self._states[request.service])

    async def List(self, _: Message, call: CallContext) -> Message:
        """Tell of all services. Only newer releases of grpcio-health-checking have this method."""
        statuses = {name: pb.HealthCheckResponse(status=state) for name, state in self._states.items()}
        return call.rpc.response(statuses=statuses)

    async def Watch(
        self, request: pb.HealthCheckRequest, call: CallContext
    ) -> AsyncIterator[pb.HealthCheckResponse]:
        """Tell at once and at every change; of a service that is not ours too, for it may become so."""
        told = None
        while True:
            changed = self._changed
            state = self._states.get(request.service, pb.HealthCheckResponse.SERVICE_UNKNOWN)
            if state != told:
                yield pb.HealthCheckResponse(status=state)
                told = state
            if state == NOT_SERVING:
                return
            await changed.wait()
