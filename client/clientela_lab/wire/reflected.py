"""Server reflection from the client's side: which files describe what a server serves.

v1 is asked first, v1alpha where the server does not know it; their messages are the same on the wire.
"""

import queue
from collections.abc import Callable, Iterable, Iterator

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

_VERSIONS = ("v1", "v1alpha")
_Ask = Callable[[ServerReflectionRequest], ServerReflectionResponse]


def files_of(channel: grpc.Channel, token: str, within_s: float) -> Iterable[FileDescriptorProto]:
    """Return the files of all services, and all that they import; raises grpc.RpcError."""
    for version in _VERSIONS:
        try:
            with _Conversation(channel, version, token, within_s) as ask:
                return _files(ask)
        except grpc.RpcError as error:
            if version == _VERSIONS[-1] or error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                raise
    return ()


class _Conversation:
    """One reflection stream: a request, its answer, the next request."""

    def __init__(self, channel: grpc.Channel, version: str, token: str, within_s: float) -> None:
        method = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=ServerReflectionRequest.SerializeToString,
            response_deserializer=ServerReflectionResponse.FromString,
        )
        self._requests: queue.SimpleQueue[ServerReflectionRequest | None] = queue.SimpleQueue()
        metadata = (("authorization", f"Bearer {token}"),) if token else None
        self._answers = method(iter(self._requests.get, None), timeout=within_s, metadata=metadata)

    def __enter__(self) -> _Ask:
        return self._ask

    def __exit__(self, *error: object) -> None:
        self._requests.put(None)
        self._answers.cancel()

    def _ask(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        self._requests.put(request)
        answer: ServerReflectionResponse = next(self._answers)
        return answer


def _files(ask: _Ask) -> list[FileDescriptorProto]:
    found: dict[str, FileDescriptorProto] = {}
    listed = ask(ServerReflectionRequest(list_services="*")).list_services_response.service
    for service in listed:
        request = ServerReflectionRequest(file_containing_symbol=service.name)
        found.update({file.name: file for file in _described(ask(request))})
    while missing := {name for file in found.values() for name in file.dependency} - found.keys():
        for name in missing:
            request = ServerReflectionRequest(file_by_filename=name)
            answered = {file.name: file for file in _described(ask(request))}
            # A server that lacks a file leaves it empty here; what needs it is then not found.
            found.update(answered or {name: FileDescriptorProto(name=name)})
    return list(found.values())


def _described(answer: ServerReflectionResponse) -> Iterator[FileDescriptorProto]:
    for file in answer.file_descriptor_response.file_descriptor_proto:
        yield FileDescriptorProto.FromString(file)
