"""Reflection: a client that has no protos asks the server for them (grpcurl, Postman).

grpcio's package speaks v1alpha; v1 is the same messages under another name, so one servicer serves both.
"""

from collections.abc import Iterable

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.reflection import aio

V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"


def reflection(services: Iterable[str]) -> tuple[ServiceDescriptor, object]:
    """Make the servicer for the named services, and the descriptor of its own."""
    _describe_v1()
    service = descriptor_pool.Default().FindServiceByName(V1ALPHA)
    return service, aio.ReflectionServicer([*services, V1, V1ALPHA])


def _describe_v1() -> None:
    """Add v1 to the descriptors, so that the server can describe what it serves."""
    file = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(file)
    file.name = "grpc/reflection/v1/reflection.proto"
    file.package = "grpc.reflection.v1"
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace("v1alpha", "v1")
    for method in file.service[0].method:
        method.input_type = method.input_type.replace("v1alpha", "v1")
        method.output_type = method.output_type.replace("v1alpha", "v1")
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
