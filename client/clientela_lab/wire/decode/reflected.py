"""A client of server reflection: the files that describe a server's services, or why there are none.

v1 is tried first, then v1alpha where the server answers without v1; their messages are the same bytes.
"""

import queue
from collections.abc import Callable, Iterable, Iterator

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

_VERSIONS = ("v1", "v1alpha")
_Ask = Callable[[ServerReflectionRequest], ServerReflectionResponse]
# For these the other version would fail in the same way.
_SAME_FOR_BOTH = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNAUTHENTICATED,
}


class NotReflected(ValueError):
    """Reflection failed; the message says why.

    unreached: the text of gRPC's status where there was no connection.
    """

    def __init__(self, why: str, unreached: str | None = None) -> None:
        super().__init__(why)
        self.unreached = unreached


def files_of(channel: grpc.Channel, token: str, within_s: float) -> Iterable[FileDescriptorProto]:
    """Return the files of all services and their imports, within `within_s` seconds. Raises NotReflected."""
    failures: dict[str, grpc.RpcError] = {}
    for version in _VERSIONS:
        try:
            with _Conversation(channel, version, token, within_s) as ask:
                return _files(ask)
        except grpc.RpcError as error:
            failures[version] = error
            if error.code() in _SAME_FOR_BOTH:
                break
    raise _why(failures, token, within_s)


def _why(failures: dict[str, grpc.RpcError], token: str, within_s: float) -> NotReflected:
    """Return in words why neither version was answered."""
    codes = [error.code() for error in failures.values()]
    last = list(failures.values())[-1]
    match codes[-1]:
        case grpc.StatusCode.UNAVAILABLE:
            return NotReflected(f"it can't be asked: {last.details()} (UNAVAILABLE)", str(last.details()))
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            why = f"no answer within {within_s:g} s (DEADLINE_EXCEEDED)"
        case grpc.StatusCode.UNAUTHENTICATED:
            told = "does not take the token that it was given" if token else "wants a token: see --token"
            why = f"it {told} (UNAUTHENTICATED: {last.details()})"
        case _ if set(codes) == {grpc.StatusCode.UNIMPLEMENTED}:
            why = "it has no reflection, neither v1 nor v1alpha (UNIMPLEMENTED): see --descriptors"
        case _:
            each = [f"{name}: {error.code().name}: {error.details()}" for name, error in failures.items()]
            why = f"it refuses reflection ({'; '.join(each)})"
    return NotReflected(why)


class _Conversation:
    """One reflection stream: requests and answers take turns."""

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
        answer: ServerReflectionResponse | None = next(self._answers, None)
        if answer is None:
            raise NotReflected("it ends reflection without an answer")
        return answer


def _files(ask: _Ask) -> list[FileDescriptorProto]:
    found: dict[str, FileDescriptorProto] = {}
    refusals: dict[str, str] = {}
    for service in _listed(ask):
        answer = ask(ServerReflectionRequest(file_containing_symbol=service))
        found.update({file.name: file for file in _described(answer)})
        if answer.HasField("error_response"):
            refusals[service] = _refusal(answer)
    if not found:
        raise NotReflected(_describes_nothing(refusals))
    while missing := {name for file in found.values() for name in file.dependency} - found.keys():
        for name in missing:
            request = ServerReflectionRequest(file_by_filename=name)
            answered = {file.name: file for file in _described(ask(request))}
            # A server that lacks a file leaves it empty here; what needs it is then not found.
            found.update(answered)
            found.setdefault(name, FileDescriptorProto(name=name))
    return list(found.values())


def _listed(ask: _Ask) -> list[str]:
    answer = ask(ServerReflectionRequest(list_services="*"))
    if answer.HasField("error_response"):
        raise NotReflected(f"it does not list its services ({_refusal(answer)})")
    return [service.name for service in answer.list_services_response.service]


def _describes_nothing(refusals: dict[str, str]) -> str:
    if not refusals:
        return "its reflection lists no service"
    service, why = next(iter(refusals.items()))
    return f"its reflection lists {service}, and does not describe it ({why})"


def _refusal(answer: ServerReflectionResponse) -> str:
    error = answer.error_response
    names = {code.value[0]: code.name for code in grpc.StatusCode}
    return f"{names.get(error.error_code, error.error_code)}: {error.error_message}"


def _described(answer: ServerReflectionResponse) -> Iterator[FileDescriptorProto]:
    for file in answer.file_descriptor_response.file_descriptor_proto:
        yield FileDescriptorProto.FromString(file)
