"""grpc.health.v1: whether the server, or one of its services, is serving. Needs no token.

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
    """The serving status of each service."""

    def __init__(self, services: list[str]) -> None:
        self._states: dict[str, Any] = dict.fromkeys(["", *services], SERVING)
        self._changed = asyncio.Event()

    def stop(self) -> None:
        """Set every service to NOT_SERVING, so that load balancers use another server."""
        self._states = dict.fromkeys(self._states, NOT_SERVING)
        self._changed.set()
        self._changed = asyncio.Event()

    async def Check(self, request: pb.HealthCheckRequest, call: CallContext) -> pb.HealthCheckResponse:
        """Return a service's status; NotFound for an unknown service."""
        if request.service not in self._states:
            raise NotFound("SERVICE_UNKNOWN", service=request.service)
        return pb.HealthCheckResponse(status=self._states[request.service])

    async def List(self, _: Message, call: CallContext) -> Message:
        """Return all statuses. Only newer releases of grpcio-health-checking have this method."""
        statuses = {name: pb.HealthCheckResponse(status=state) for name, state in self._states.items()}
        return call.rpc.response(statuses=statuses)

    async def Watch(
        self, request: pb.HealthCheckRequest, call: CallContext
    ) -> AsyncIterator[pb.HealthCheckResponse]:
        """Stream the current status and each change; SERVICE_UNKNOWN for an unknown service, as specified."""
        sent = None
        while True:
            changed = self._changed
            state = self._states.get(request.service, pb.HealthCheckResponse.SERVICE_UNKNOWN)
            if state != sent:
                yield pb.HealthCheckResponse(status=state)
                sent = state
            if state == NOT_SERVING:
                return
            await changed.wait()
