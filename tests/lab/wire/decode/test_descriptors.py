"""Descriptors come with the package, from a file or from a server; what one does not know, the next may."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_reflection.v1alpha.reflection import enable_server_reflection
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from clientela.v1 import customers_pb2, feed_pb2, purchases_pb2
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.decode.descriptors import (
    Descriptors,
    NoDescriptors,
    Unreached,
    from_file,
    from_server,
    packaged,
)

WITHIN_S = HANG_S
TILL = FileDescriptorProto(
    name="shop/till.proto",
    package="shop",
    syntax="proto3",
    message_type=[{"name": "Open", "field": [{"name": "drawer", "number": 1, "type": 5, "label": 1}]}],
    service=[
        {
            "name": "Till",
            "method": [{"name": "Open", "input_type": ".shop.Open", "output_type": ".shop.Open"}],
        }
    ],
)


def kinds(descriptors: Descriptors, *paths: str) -> list[str]:
    return [descriptors.method(path).kind for path in paths]


def test_every_method_of_the_contract_is_known_by_its_path() -> None:
    descriptors = packaged()
    for module in (customers_pb2, feed_pb2, purchases_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                known = descriptors.method(f"/{service.full_name}/{method.name}")
                assert (known.request, known.reply) == (method.input_type, method.output_type)


def test_the_kinds_of_calls_are_reported() -> None:
    paths = (
        "/clientela.v1.PurchaseService/GetPurchase",
        "/clientela.v1.PurchaseService/ImportPurchases",
        "/clientela.v1.FeedService/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/grpc.health.v1.Health/Watch",
    )
    assert kinds(packaged(), *paths) == [
        "unary",
        "client_stream",
        "server_stream",
        "bidi",
        "bidi",
        "server_stream",
    ]


@pytest.mark.parametrize("path", ["", "/", "/shop.Till/Open", "/clientela.v1.PurchaseService/Sing", "a/b/c"])
def test_what_is_not_known_is_told_as_such(path: str) -> None:
    method = packaged().method(path)
    assert (method.kind, method.request, method.reply) == ("?", None, None)
    assert packaged().message("shop.Open") is None


def test_a_file_describes_a_service_of_ones_own_beside_what_is_packaged(tmp_path: Path) -> None:
    file = tmp_path / "till.binpb"
    file.write_bytes(FileDescriptorSet(file=[TILL]).SerializeToString())
    descriptors = from_file(file)
    assert kinds(descriptors, "/shop.Till/Open", "/grpc.health.v1.Health/Check") == ["unary", "unary"]
    opened = descriptors.message("shop.Open")
    assert opened is not None
    assert [field.name for field in opened.fields] == ["drawer"]


def test_a_file_that_lacks_what_it_imports_describes_less(tmp_path: Path) -> None:
    needy = FileDescriptorProto()
    needy.CopyFrom(TILL)
    needy.dependency.append("shop/drawer.proto")
    file = tmp_path / "needy.binpb"
    file.write_bytes(FileDescriptorSet(file=[needy]).SerializeToString())
    assert kinds(from_file(file), "/shop.Till/Open") == ["?"]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff", "no FileDescriptorSet"), (b"", "describes nothing")],
    ids=["no set", "empty"],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "strange"
    file.write_bytes(content)
    with pytest.raises(NoDescriptors, match=why):
        from_file(file)


@pytest.fixture
def reflecting() -> Iterator[str]:
    """A server that knows reflection as it was before v1 only."""
    server = grpc.server(ThreadPoolExecutor(1))
    enable_server_reflection(["clientela.v1.CustomerService", "shop.Unheard"], server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait(WITHIN_S)


def test_an_old_server_is_asked_in_the_old_way(reflecting: str) -> None:
    with grpc.insecure_channel(reflecting) as channel:
        descriptors = from_server(channel, within_s=WITHIN_S)
    method = descriptors.method("/clientela.v1.CustomerService/GetCustomer")
    assert method.kind == "unary"
    assert method.request is not None
    assert method.request is not customers_pb2.GetCustomerRequest.DESCRIPTOR  # the server's own


def test_a_server_describes_itself_to_who_may_ask(tmp_path: Path) -> None:
    with LocalServer("--reflection", folder=tmp_path) as server:
        with grpc.insecure_channel(server.address) as channel:
            descriptors = from_server(channel, token=server.token, within_s=WITHIN_S)
            assert kinds(descriptors, "/clientela.v1.FeedService/Watch") == ["server_stream"]
            with pytest.raises(NoDescriptors, match="UNAUTHENTICATED"):
                from_server(channel, token="clt_wrong", within_s=WITHIN_S)


def test_a_server_that_describes_nothing_says_so(server: LocalServer) -> None:
    with grpc.insecure_channel(server.address) as channel:
        with pytest.raises(NoDescriptors, match="UNIMPLEMENTED"):
            from_server(channel, token=server.token, within_s=WITHIN_S)


Decision = Callable[[str, grpc.ServicerContext], Iterator[ServerReflectionResponse]]


@contextmanager
def answering(answer: Decision, *versions: str) -> Iterator[str]:
    """A server whose reflection, in these versions, answers as it is told."""

    def handler(version: str) -> grpc.GenericRpcHandler:
        def converse(
            asked: Iterator[ServerReflectionRequest], context: grpc.ServicerContext
        ) -> Iterator[ServerReflectionResponse]:
            for request in asked:
                yield from answer(request.WhichOneof("message_request") or "", context)

        stream = grpc.stream_stream_rpc_method_handler(
            converse, ServerReflectionRequest.FromString, ServerReflectionResponse.SerializeToString
        )
        name = f"grpc.reflection.{version}.ServerReflection"
        return grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": stream})

    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(tuple(map(handler, versions)))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait(WITHIN_S)


def refusing(code: grpc.StatusCode) -> Decision:
    def answer(_: str, context: grpc.ServicerContext) -> Iterator[ServerReflectionResponse]:
        context.abort(code, "not for you")
        yield ServerReflectionResponse()

    return answer


def listing(asked: str, _: grpc.ServicerContext) -> Iterator[ServerReflectionResponse]:
    """List a service, and know nothing of it."""
    if asked == "list_services":
        services = {"service": [{"name": "shop.Till"}]}
        yield ServerReflectionResponse(list_services_response=services)
    else:
        error = {"error_code": 5, "error_message": "no such symbol"}
        yield ServerReflectionResponse(error_response=error)


def listing_none(_: str, __: grpc.ServicerContext) -> Iterator[ServerReflectionResponse]:
    yield ServerReflectionResponse(list_services_response={})


def failing(_: str, __: grpc.ServicerContext) -> Iterator[ServerReflectionResponse]:
    yield ServerReflectionResponse(error_response={"error_code": 13, "error_message": "out of order"})


def silent(_: str, __: grpc.ServicerContext) -> Iterator[ServerReflectionResponse]:
    return iter(())


BOTH = ("v1", "v1alpha")


@pytest.mark.parametrize(
    ("answer", "versions", "why"),
    [
        (silent, (), "it has no reflection, neither v1 nor v1alpha (UNIMPLEMENTED): see --descriptors"),
        (refusing(grpc.StatusCode.UNAUTHENTICATED), BOTH, "it wants a token: see --token (UNAUTHENTICATED"),
        (
            refusing(grpc.StatusCode.PERMISSION_DENIED),
            BOTH,
            "it refuses reflection (v1: PERMISSION_DENIED: not for you; v1alpha: PERMISSION_DENIED: not for",
        ),
        (
            refusing(grpc.StatusCode.INTERNAL),
            ("v1alpha",),
            "it refuses reflection (v1: UNIMPLEMENTED: Method not found!; v1alpha: INTERNAL: not for you)",
        ),
        (
            listing,
            BOTH,
            "its reflection lists shop.Till, and does not describe it (NOT_FOUND: no such symbol)",
        ),
        (listing_none, BOTH, "its reflection lists no service"),
        (failing, BOTH, "it does not list its services (INTERNAL: out of order)"),
        (silent, BOTH, "no answer within 0.5 s (DEADLINE_EXCEEDED)"),
    ],
)
def test_a_reflection_that_fails_says_why(answer: Decision, versions: tuple[str, ...], why: str) -> None:
    within_s = 0.5 if "DEADLINE" in why else WITHIN_S
    with answering(answer, *versions) as address, grpc.insecure_channel(address) as channel:
        with pytest.raises(NoDescriptors) as caught:
            from_server(channel, within_s=within_s)
    assert str(caught.value).startswith(f"the server describes nothing: {why}")


def test_a_token_that_is_refused_is_told_from_one_that_is_missing() -> None:
    answer = refusing(grpc.StatusCode.UNAUTHENTICATED)
    with answering(answer, *BOTH) as address, grpc.insecure_channel(address) as channel:
        with pytest.raises(NoDescriptors, match="it does not take the token that it was given"):
            from_server(channel, token="clt_wrong", within_s=WITHIN_S)


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    with grpc.insecure_channel(address) as channel, pytest.raises(Unreached) as caught:
        from_server(channel, within_s=WITHIN_S)
    assert "it can't be asked: " in str(caught.value)
    assert "(UNAVAILABLE)" in str(caught.value)
    assert "onnect" in caught.value.details


@pytest.mark.parametrize("refusal", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNKNOWN])
def test_who_refuses_the_new_version_is_asked_in_the_old_way(refusal: grpc.StatusCode) -> None:
    server = grpc.server(ThreadPoolExecutor(2))
    enable_server_reflection(["clientela.v1.CustomerService"], server)
    deny = grpc.stream_stream_rpc_method_handler(lambda _, context: context.abort(refusal, "who is that?"))
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(
                "grpc.reflection.v1.ServerReflection", {"ServerReflectionInfo": deny}
            ),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        descriptors = from_server(channel, within_s=WITHIN_S)
    assert kinds(descriptors, "/clientela.v1.CustomerService/GetCustomer") == ["unary"]
    server.stop(None).wait(WITHIN_S)
