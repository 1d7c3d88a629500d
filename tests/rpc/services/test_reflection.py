"""Reflection, v1 and v1alpha: every service is described, where it is enabled and the caller is permitted."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection_pb2 as pb

from clientela_lab.patience import HANG_S
from tests.rpc.callers import Caller
from tests.rpc.refusals import Refused
from tests.rpc.rows import METHODS, SERVICES, STREAMS_IN
from tests.rpc.running import Running, running

VERSIONS = ["grpc.reflection.v1", "grpc.reflection.v1alpha"]
OURS = [f"clientela.v1.{service}" for service in SERVICES]
SERVED = {*OURS, "grpc.health.v1.Health", *(f"{version}.ServerReflection" for version in VERSIONS)}


async def ask(caller: Caller, version: str, *requests: Any) -> list[Any]:
    """Ask a server for descriptions; both versions have the same messages."""
    method = caller.channel.stream_stream(
        f"/{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=pb.ServerReflectionRequest.SerializeToString,
        response_deserializer=pb.ServerReflectionResponse.FromString,
    )
    return [answer async for answer in method(iter(requests), timeout=HANG_S, metadata=caller.metadata)]


def pool_of(answer: Any) -> descriptor_pool.DescriptorPool:
    """Make a pool of the files that an answer holds."""
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(each)
        for each in answer.file_descriptor_response.file_descriptor_proto
    ]
    pool = descriptor_pool.DescriptorPool()
    known = {file.name: file for file in files}

    def add(file: descriptor_pb2.FileDescriptorProto) -> None:
        for name in file.dependency:
            if name in known:
                add(known.pop(name))
        pool.Add(file)

    while known:
        add(known.pop(next(iter(known))))
    return pool


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_service_is_listed_and_described(tmp_path: Path, version: str) -> None:
    async with running(tmp_path, reflection=True) as live:
        [listed] = await ask(live.admin, version, pb.ServerReflectionRequest(list_services=""))
        names = {service.name for service in listed.list_services_response.service}
        assert names == SERVED

        wanted = [pb.ServerReflectionRequest(file_containing_symbol=name) for name in sorted(names)]
        for name, answer in zip(sorted(names), await ask(live.admin, version, *wanted), strict=True):
            assert pool_of(answer).FindServiceByName(name).methods


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_the_switch_there_is_no_reflection(tmp_path: Path, version: str) -> None:
    async with running(tmp_path) as live:
        # Nothing is sent: who is refused while grpc.aio still sends is told INTERNAL by his own library.
        with pytest.raises(grpc.RpcError) as caught:
            await ask(live.admin, version)

        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("version", VERSIONS)
async def test_reflection_needs_a_token_unless_the_server_is_for_trying_out(
    tmp_path: Path, version: str
) -> None:
    request = pb.ServerReflectionRequest(list_services="")
    async with running(tmp_path, reflection=True) as live:
        with pytest.raises(grpc.RpcError) as caught:
            await ask(nobody(live), version)
        assert Refused.of(caught.value).reason == "TOKEN_MISSING"
        assert await ask(live.caller("analyst", "anna"), version, request)

    async with running(tmp_path, dev=True) as live:
        assert await ask(nobody(live), version, request)


async def test_trying_out_opens_nothing_but_reflection(tmp_path: Path) -> None:
    async with running(tmp_path, dev=True) as live:
        for name, (noun, kind) in METHODS.items():
            method = getattr(getattr(nobody(live), noun), name)
            call = method(iter([kind()]) if name in STREAMS_IN else kind())
            async with asyncio.timeout(HANG_S):
                assert await call.code() is grpc.StatusCode.UNAUTHENTICATED


def nobody(live: Running) -> Caller:
    return Caller(live.admin.channel, None)
