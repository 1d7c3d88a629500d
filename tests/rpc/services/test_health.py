"""grpc.health.v1: of the whole server and of each service, without a token, also while it stops."""

import asyncio
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2 as pb

from tests.rpc.callers import Caller
from tests.rpc.refusals import refusal
from tests.rpc.rows import SERVICES
from tests.rpc.running import running

SERVING = pb.HealthCheckResponse.SERVING
NOT_SERVING = pb.HealthCheckResponse.NOT_SERVING
NAMES = ["", *(f"clientela.v1.{service}" for service in SERVICES)]


@pytest.mark.parametrize("name", NAMES)
def test_each_service_and_the_whole_are_serving(nobody: Caller, name: str) -> None:
    assert nobody.health.Check(pb.HealthCheckRequest(service=name)).status == SERVING


def test_a_service_that_is_not_ours_is_not_found(nobody: Caller) -> None:
    refused = refusal(nobody.health.Check, pb.HealthCheckRequest(service="other.Service"))

    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "SERVICE_UNKNOWN")
    assert refused.facts == {"service": "other.Service"}


def test_a_watch_of_a_service_that_is_not_ours_says_so_and_goes_on(nobody: Caller) -> None:
    watch = nobody.health.Watch(pb.HealthCheckRequest(service="other.Service"))

    assert next(watch).status == pb.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


@pytest.mark.parametrize("name", NAMES)
async def test_who_watches_is_told_of_the_stop_before_the_server_is_gone(tmp_path: Path, name: str) -> None:
    async with running(tmp_path) as live:
        watch = live.admin.health.Watch(pb.HealthCheckRequest(service=name))
        assert (await watch.read()).status == SERVING

        stop = asyncio.create_task(live.stop())
        assert (await watch.read()).status == NOT_SERVING
        assert await watch.read() is grpc.aio.EOF
        await stop
